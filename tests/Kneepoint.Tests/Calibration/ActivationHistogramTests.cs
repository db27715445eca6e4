using CsCheck;
using Kneepoint.Calibration;

namespace Kneepoint.Tests.Calibration;

public sealed class ActivationHistogramTests
{
    // Magnitudes over the whole range of float, zeros of both signs, and now and then what is no number.
    static readonly Gen<float> Value = Gen.Frequency(
        (8, Gen.Float[-4f, 4f]), (2, Gen.Float), (1, Gen.Const(0f)), (1, Gen.Const(-0f)), (1, Gen.Float.Special));

    static readonly Gen<float[]> Values = Value.Array[0, 300];

    [Fact]
    public void Counts_equal_those_of_a_slow_transcription() =>
        Values.Sample(values => AssertSame(Slow(values), Of(values)), iter: 500);

    [Fact]
    public void Every_length_around_the_vector_width_and_the_block_is_counted_right()
    {
        var random = new Random(5);
        int[] lengths = [.. Enumerable.Range(0, 258), 2047, 2048, 2049, 40_000, 70_001];
        foreach (int length in lengths)
        {
            float[] values = [.. Enumerable.Range(0, length).Select(i => i % 7 == 0 ? 0 : (random.NextSingle() - 0.5f) * MathF.Pow(2, i % 40 - 20))];
            AssertSame(Slow(values), Of(values));
        }
    }

    [Fact]
    public void Order_and_batches_change_nothing() =>
        Gen.Select(Values, Gen.Int[0, int.MaxValue]).Sample((values, seed) =>
        {
            var random = new Random(seed);
            float[] shuffled = [.. values];
            random.Shuffle(shuffled);
            var inPieces = new ActivationHistogram();
            for (int i = 0; i < shuffled.Length;)
            {
                int length = random.Next(1, shuffled.Length - i + 1);
                inPieces.Add(shuffled.AsSpan(i, length));
                i += length;
            }

            AssertSame(Of(values), inPieces);
        }, iter: 300);

    [Fact]
    public void Merging_equals_adding() =>
        Gen.Select(Values, Values).Sample((left, right) =>
        {
            var merged = Of(left);
            merged.Merge(Of(right));
            AssertSame(Of([.. left, .. right]), merged);
        }, iter: 300);

    [Fact]
    public void Large_batches_that_grow_the_range_midway_lose_nothing()
    {
        float[] values = new float[200_000];
        for (int i = 0; i < values.Length; i++) values[i] = (i % 2 == 0 ? 1 : -1) * i * 1e-3f;

        AssertSame(Slow(values), Of(values));
    }

    [Fact]
    public void What_is_no_number_is_counted_apart()
    {
        var histogram = Of([float.NaN, 1, float.PositiveInfinity, float.NegativeInfinity, -2, 0, -0f]);

        Assert.Equal((4, 2, 1, 2), (histogram.Count, histogram.ZeroCount, histogram.NanCount, histogram.InfinityCount));
        Assert.Equal((-2, 1), (histogram.Minimum, histogram.Maximum));
    }

    [Fact]
    public void Quantile_is_the_sorted_value_to_within_a_bin() =>
        Gen.Select(Gen.Float[-10f, 10f].Array[1, 400], Gen.Double[0, 1]).Sample((values, fraction) =>
        {
            var histogram = Of(values);
            int rank = Math.Clamp((int)Math.Ceiling(fraction * values.Length), 1, values.Length);
            double expected = values.Order().ElementAt(rank - 1);
            Assert.InRange(histogram.Quantile(fraction), expected - histogram.BinWidth, expected + histogram.BinWidth);
        }, iter: 300);

    [Fact]
    public void Quantile_of_a_ladder_of_whole_numbers_is_exact_at_the_ends_and_at_zero()
    {
        var histogram = Of([.. Enumerable.Range(-500, 1001).Select(i => (float)i)]);

        Assert.Equal(-500, histogram.Quantile(0));
        Assert.Equal(0, histogram.Quantile(0.5));
        Assert.Equal(500, histogram.Quantile(1));
    }

    [Fact]
    public void Expected_squared_error_is_that_of_evenly_spread_values() =>
        Gen.Select(Gen.Float[-3f, 3f].Array[1, 60], Gen.Float[0.001f, 0.1f], Gen.Byte).Sample((values, scale, zeroPoint) =>
        {
            var histogram = Of(values);
            var parameters = new QuantizationParameters(scale, zeroPoint);
            double expected = SpreadError(histogram, parameters);
            Assert.InRange(histogram.ExpectedSquaredError(parameters), expected * 0.98 - 1e-9, expected * 1.02 + 1e-9);
        }, iter: 60);

    [Fact]
    public void Expected_squared_error_of_many_values_is_their_own()
    {
        var random = new Random(3);
        float[] values = [.. Enumerable.Range(0, 200_000).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 0.7))];
        var parameters = new QuantizationParameters(0.006f, 90);
        double own = values.Average(x => Math.Pow(x - (double)parameters.Dequantize(parameters.Quantize(x)), 2));

        double expected = Of(values).ExpectedSquaredError(parameters);

        Assert.InRange(expected, own * 0.99, own * 1.01);
    }

    internal static ActivationHistogram Of(ReadOnlySpan<float> values)
    {
        var histogram = new ActivationHistogram();
        histogram.Add(values);
        return histogram;
    }

    internal static void AssertSame(ActivationHistogram expected, ActivationHistogram actual)
    {
        Assert.Equal(
            (expected.Count, expected.ZeroCount, expected.NanCount, expected.InfinityCount, expected.BinWidth),
            (actual.Count, actual.ZeroCount, actual.NanCount, actual.InfinityCount, actual.BinWidth));
        Assert.Equal((expected.Minimum, expected.Maximum), (actual.Minimum, actual.Maximum));
        Assert.True(expected.Positive.SequenceEqual(actual.Positive));
        Assert.Equal(expected.Negative.ContainsAnyExcept(0L), actual.Negative.ContainsAnyExcept(0L));
        if (expected.Negative.ContainsAnyExcept(0L)) Assert.True(expected.Negative.SequenceEqual(actual.Negative));
    }

    // The definition: the grid from the greatest magnitude of all, then one division per value.
    static ActivationHistogram Slow(float[] values)
    {
        float[] finite = [.. values.Where(float.IsFinite)];
        float greatest = finite.Length == 0 ? 0 : finite.Max(MathF.Abs);
        int exponent = -100;
        while (greatest >= Math.Pow(2, exponent)) exponent++;
        double width = Math.Pow(2, exponent) / ActivationHistogram.BinsPerSign;
        long[] positive = new long[ActivationHistogram.BinsPerSign];
        long[] negative = new long[ActivationHistogram.BinsPerSign];
        foreach (float x in finite)
        {
            if (x > 0) positive[(int)(x / width)]++;
            if (x < 0) negative[(int)(-x / width)]++;
        }

        var totals = new HistogramTotals(finite.Length, finite.Count(x => x == 0), values.Count(float.IsNaN), values.Count(float.IsInfinity),
            finite.Length == 0 ? 0 : finite.Min() + 0f, finite.Length == 0 ? 0 : finite.Max() + 0f);
        return ActivationHistogram.Restore(totals, exponent, positive, negative);
    }

    // Each bin replaced by many values at even distances.
    static double SpreadError(ActivationHistogram histogram, QuantizationParameters parameters)
    {
        const int Points = 400;
        double sum = 0;
        foreach (int sign in new[] { 1, -1 })
        {
            var bins = sign > 0 ? histogram.Positive : histogram.Negative;
            double greatest = sign > 0 ? histogram.Maximum : -histogram.Minimum;
            for (int i = 0; i < bins.Length; i++)
            {
                if (bins[i] == 0) continue;
                double begin = i * histogram.BinWidth;
                double length = Math.Min(begin + histogram.BinWidth, greatest) - begin;
                for (int p = 0; p < Points; p++)
                {
                    double x = sign * (begin + length * (p + 0.5) / Points);
                    double code = Math.Clamp(Math.Round(x / parameters.Scale) + parameters.ZeroPoint, 0, 255);
                    sum += bins[i] * Math.Pow(x - (code - parameters.ZeroPoint) * parameters.Scale, 2) / Points;
                }
            }
        }

        return sum / histogram.Count;
    }
}
