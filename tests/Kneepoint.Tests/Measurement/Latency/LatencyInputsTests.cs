using Kneepoint.Data;
using Kneepoint.Measurement.Latency;

namespace Kneepoint.Tests.Measurement.Latency;

public sealed class LatencyInputsTests
{
    static readonly float[][] Rows = [[1, 2], [3, 4], [5, 6]];

    static float[] Of(FakeNetwork network, FakeData data, int batch) =>
        LatencyInputs.Of(network, data, batch, TestContext.Current.CancellationToken)["x"].Values<float>().ToArray();

    [Theory]
    [InlineData(1, new float[] { 1, 2 })]
    [InlineData(2, new float[] { 1, 2, 3, 4 })]
    [InlineData(5, new float[] { 1, 2, 3, 4, 5, 6, 5, 6, 5, 6 })]
    public void The_first_samples_are_fed_and_the_last_fills_the_batch(int batch, float[] expected)
    {
        using var network = new FakeNetwork(row => row);
        using var data = new FakeData(Rows, null);

        Assert.Equal(expected, Of(network, data, batch));
    }

    [Fact]
    public void A_batch_that_is_fixed_to_another_size_is_an_error()
    {
        using var network = new FakeNetwork(row => row, batch: 4);
        using var data = new FakeData(Rows, null);

        Assert.Equal("The network's batch is fixed to 4; latency cannot be measured at batch 2.", Assert.Throws<DataException>(() => Of(network, data, 2)).Message);
        Assert.Equal(8, Of(network, data, 4).Length);
    }

    [Fact]
    public void Without_samples_there_is_nothing_to_feed()
    {
        using var network = new FakeNetwork(row => row);
        using var data = new FakeData([], null);

        Assert.Throws<DataException>(() => Of(network, data, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => Of(network, data, 0));
    }
}
