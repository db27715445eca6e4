using CsCheck;
using Kneepoint.Calibration;

namespace Kneepoint.Tests.Calibration;

public sealed class ActivationStatisticsTests
{
    static readonly Gen<ActivationStatistics> Statistics = Gen.Select(Gen.Float.Array[0, 200].Array[0, 4], Gen.Long[0, 1000]).Select((tensors, samples) =>
        new ActivationStatistics(
            tensors.Select((values, i) => KeyValuePair.Create($"value/{i}/ü", ActivationHistogramTests.Of(values))),
            samples, [new UncollectedValue("inner", "It is inside a subgraph.")]));

    [Fact]
    public void Bytes_read_back_to_the_same() =>
        Statistics.Sample(statistics =>
        {
            byte[] bytes = statistics.ToBytes();
            var again = ActivationStatistics.FromBytes(bytes);

            Assert.Equal(bytes, again.ToBytes());
            Assert.Equal(statistics.SampleCount, again.SampleCount);
            Assert.Equal(statistics.NotCollected, again.NotCollected);
            Assert.Equal(statistics.ValueNames, again.ValueNames);
            foreach (string name in statistics.ValueNames) ActivationHistogramTests.AssertSame(statistics.Histogram(name), again.Histogram(name));
        }, iter: 100);

    [Fact]
    public void Damaged_bytes_are_refused_or_consistent() =>
        Gen.Select(Statistics, Gen.Int[0, int.MaxValue], Gen.Byte).Sample((statistics, place, value) =>
        {
            byte[] bytes = statistics.ToBytes();
            Assert.Throws<FormatException>(() => ActivationStatistics.FromBytes(bytes.AsSpan(0, place % bytes.Length)));
            bytes[place % bytes.Length] = value;
            try
            {
                ActivationStatistics.FromBytes(bytes);
            }
            catch (FormatException)
            {
                // The one exception that damage may cause.
            }
        }, iter: 500);

    [Fact]
    public void Absurd_lengths_are_refused_before_anything_is_allocated()
    {
        byte[] bytes = [.. "KPAS"u8, 1, 0, 0xFF, 0xFF, 0xFF, 0xFF, 0x07];

        var refusal = Assert.Throws<FormatException>(() => ActivationStatistics.FromBytes(bytes));

        Assert.Equal("The bytes are no activation statistics: at byte 11 of 11, it announces more items than fit into its bytes.", refusal.Message);
    }

    [Fact]
    public void Another_version_is_named()
    {
        var refusal = Assert.Throws<FormatException>(() => ActivationStatistics.FromBytes([.. "KPAS"u8, 9]));

        Assert.Equal("The bytes are activation statistics of version 9; this program reads version 1.", refusal.Message);
    }

    [Fact]
    public void Unknown_value_is_the_callers_mistake()
    {
        var statistics = new ActivationStatistics([], 0);

        Assert.Throws<ArgumentException>(() => statistics.Range("x", RangeMethod.MinMax));
        Assert.False(statistics.Contains("x"));
    }

    [Fact]
    public void Merging_equals_collecting_at_once()
    {
        var first = new ActivationStatistics([KeyValuePair.Create("a", ActivationHistogramTests.Of([1, 2]))], 2, [new UncollectedValue("b", "None yet.")]);
        var second = new ActivationStatistics(
            [KeyValuePair.Create("a", ActivationHistogramTests.Of([-3])), KeyValuePair.Create("b", ActivationHistogramTests.Of([4]))], 1);

        var merged = first.Merge(second, 3);

        ActivationHistogramTests.AssertSame(ActivationHistogramTests.Of([1, 2, -3]), merged.Histogram("a"));
        Assert.Equal(new ActivationRange(0, 4), merged.Range("b", RangeMethod.MinMax));
        Assert.Empty(merged.NotCollected);
    }
}
