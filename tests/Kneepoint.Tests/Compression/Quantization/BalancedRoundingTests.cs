using Kneepoint.Compression.Quantization;

namespace Kneepoint.Tests.Compression.Quantization;

public sealed class BalancedRoundingTests
{
    const int Channels = 6;
    const int Inputs = 10;
    const float Scale = 0.01f;

    [Theory]
    [InlineData(1)]
    [InlineData(9)]
    public void Errors_of_a_channel_add_up_to_half_a_step_at_most(int kernelSize)
    {
        var (weights, codes) = Rounded(kernelSize);

        BalancedRounding.Apply(weights, Channels, kernelSize, [Scale], -127, 127, codes);

        int row = Inputs * kernelSize;
        for (int c = 0; c < Channels; c++)
        {
            double sum = Enumerable.Range(c * row, row).Sum(i => weights[i] / (double)Scale - codes[i]);
            Assert.InRange(Math.Abs(sum), 0, 0.5001);
        }
    }

    [Fact]
    public void No_weight_moves_by_more_than_one_code()
    {
        var (weights, codes) = Rounded(9);
        sbyte[] nearest = [.. codes];

        BalancedRounding.Apply(weights, Channels, 9, [Scale], -127, 127, codes);

        Assert.NotEqual(nearest, codes);
        Assert.All(codes.Zip(nearest), pair => Assert.InRange(Math.Abs(pair.First - pair.Second), 0, 1));
    }

    [Fact]
    public void Codes_stay_in_their_range()
    {
        float[] weights = [.. Enumerable.Repeat(1.274f, 18)];
        sbyte[] codes = [.. Enumerable.Repeat((sbyte)127, 18)];

        BalancedRounding.Apply(weights, 2, 9, [Scale], -127, 127, codes);

        Assert.All(codes, code => Assert.Equal(127, code));
    }

    [Fact]
    public void Weights_on_codes_stay()
    {
        float[] weights = [.. Enumerable.Range(-9, 18).Select(i => i * 0.5f)];
        sbyte[] codes = [.. Enumerable.Range(-9, 18).Select(i => (sbyte)i)];

        BalancedRounding.Apply(weights, 2, 9, [0.5f, 0.5f], -127, 127, codes);

        Assert.Equal(Enumerable.Range(-9, 18).Select(i => (sbyte)i), codes);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => BalancedRounding.Apply(new float[17], 2, 9, [Scale], -127, 127, new sbyte[17]));
        Assert.Throws<ArgumentException>(() => BalancedRounding.Apply(new float[18], 2, 9, [Scale, Scale, Scale], -127, 127, new sbyte[18]));
    }

    static (float[] Weights, sbyte[] Codes) Rounded(int kernelSize)
    {
        float[] weights = new float[Channels * Inputs * kernelSize];
        for (int i = 0; i < weights.Length; i++) weights[i] = MathF.Sin(i * 1.7f) + 0.003f;
        sbyte[] codes = new sbyte[weights.Length];
        PerChannelSymmetric.Quantize(weights, 1, weights.Length, [Scale], -127, 127, codes);
        return (weights, codes);
    }
}
