using CsCheck;
using Kneepoint.Calibration;

namespace Kneepoint.Tests.Calibration;

public sealed class RangeMethodTests
{
    static readonly RangeMethod[] All =
        [RangeMethod.MinMax, RangeMethod.Percentile(), RangeMethod.Percentile(99), RangeMethod.Entropy, RangeMethod.MseOptimal];

    static readonly Gen<float[]> Tensor = Gen.Select(Gen.Double[-2, 2], Gen.Double[0.01, 3], Gen.Int[0, 3], Gen.Int[50, 6000], Gen.Int).Select(
        (mean, spread, kind, count, seed) => Draw(new Random(seed), mean, spread, kind, count));

    [Fact]
    public void Every_range_holds_zero_and_stays_within_the_values() =>
        Tensor.Sample(values =>
        {
            var histogram = ActivationHistogramTests.Of(values);
            foreach (var method in All)
            {
                var range = method.Of(histogram);
                float step = QuantizationParameters.Of(range).Scale;
                Assert.InRange(range.Low, Math.Min(0, values.Min()) - step, 0);
                Assert.InRange(range.High, 0, Math.Max(0, values.Max()) + step);
                Assert.Equal(0, QuantizationParameters.Of(range).Dequantize(QuantizationParameters.Of(range).Quantize(0)));
            }
        }, iter: 150);

    [Fact]
    public void Values_of_one_sign_get_an_end_at_zero() =>
        Tensor.Sample(values =>
        {
            var positive = ActivationHistogramTests.Of([.. values.Select(x => Math.Max(0, x))]);
            var negative = ActivationHistogramTests.Of([.. values.Select(x => Math.Min(0, x))]);
            foreach (var method in All)
            {
                Assert.Equal(0, method.Of(positive).Low);
                Assert.Equal(0, method.Of(negative).High);
            }
        }, iter: 50);

    [Fact]
    public void No_range_has_a_smaller_squared_error_than_the_optimal_one() =>
        Tensor.Sample(values =>
        {
            var histogram = ActivationHistogramTests.Of(values);
            double optimal = Error(histogram, RangeMethod.MseOptimal);
            foreach (var method in All) Assert.InRange(optimal, 0, Error(histogram, method) * 1.001);
        }, iter: 150);

    [Fact]
    public void Optimal_range_is_that_of_a_search_over_all_ends()
    {
        var histogram = ActivationHistogramTests.Of(Draw(new Random(11), 0.3, 1, 1, 20_000));
        double least = double.PositiveInfinity;
        for (int low = 0; low <= 80; low++)
        {
            for (int high = 1; high <= 80; high++)
            {
                var range = new ActivationRange(histogram.Minimum * low / 80, histogram.Maximum * high / 80);
                least = Math.Min(least, histogram.ExpectedSquaredError(QuantizationParameters.Of(range)));
            }
        }

        Assert.InRange(Error(histogram, RangeMethod.MseOptimal), 0, least);
    }

    [Fact]
    public void Bug_optimal_range_missed_the_scales_that_put_constant_channels_on_levels()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new Random(seed);
            float[] constant = [.. Enumerable.Range(0, 3).SelectMany(_ => Enumerable.Repeat((float)(2 + random.NextDouble() * 4), random.Next(3000)))];
            var histogram = ActivationHistogramTests.Of([.. Enumerable.Range(0, 3000).Select(i => i / 500f), .. constant]);

            double least = Enumerable.Range(0, 4096).Min(i =>
                histogram.ExpectedSquaredError(QuantizationParameters.Of(new ActivationRange(0, (float)(histogram.Maximum * Math.Pow(2, -i / 4096.0))))));

            Assert.InRange(Error(histogram, RangeMethod.MseOptimal), 0, least * 1.001);
        }
    }

    [Fact]
    public void Optimal_range_cuts_rare_outliers_and_keeps_a_uniform_whole()
    {
        var random = new Random(2);
        float[] normal = Draw(random, 0, 1, 0, 100_000);
        normal[0] = 1000;
        float[] uniform = [.. Enumerable.Range(0, 100_000).Select(i => i / 100_000f)];

        var cut = RangeMethod.MseOptimal.Of(ActivationHistogramTests.Of(normal));
        var whole = RangeMethod.MseOptimal.Of(ActivationHistogramTests.Of(uniform));

        // One value of 1000 in 100 000 adds 10 to the mean square when it is cut to nothing, so the best range still reaches far for it.
        Assert.InRange(cut.High, 500, 1000);
        Assert.InRange(whole.High, 0.995f, 1.005f);
    }

    [Fact]
    public void Percentile_is_exact_where_every_value_has_its_own_bin()
    {
        // 0, 1, ..., 4000 on a grid of width 1.
        float[] values = [.. Enumerable.Range(0, 4001).Select(i => (float)i)];

        var histogram = ActivationHistogramTests.Of(values);

        Assert.Equal(1, histogram.BinWidth);
        Assert.Equal(new ActivationRange(0, 4000), PercentileRange.Of(histogram, 100));
        Assert.InRange(PercentileRange.Of(histogram, 99).High, 3960, 3961);
        Assert.InRange(PercentileRange.Of(histogram, 90).High, 3600, 3601);
    }

    [Fact]
    public void Percentile_cuts_half_of_the_rest_at_each_end()
    {
        var range = PercentileRange.Of(ActivationHistogramTests.Of([.. Enumerable.Range(-1000, 2001).Select(i => (float)i)]), 99);

        Assert.InRange(range.Low, -991, -989);
        Assert.InRange(range.High, 989, 991);
    }

    [Fact]
    public void Entropy_keeps_a_uniform_whole_and_cuts_far_outliers()
    {
        float[] uniform = [.. Enumerable.Range(0, 200_000).Select(i => i / 100_000f - 1)];
        float[] outliers = Draw(new Random(4), 0, 1, 0, 200_000);
        for (int i = 0; i < 20; i++) outliers[i] = 60;

        var whole = RangeMethod.Entropy.Of(ActivationHistogramTests.Of(uniform));
        var cut = RangeMethod.Entropy.Of(ActivationHistogramTests.Of(outliers));

        Assert.InRange(whole.High, 0.97f, 1);
        Assert.InRange(whole.Low, -1, -0.97f);
        Assert.InRange(cut.High, 2.5f, 30);
        Assert.InRange(cut.Low, -6, -2.5f);
    }

    [Fact]
    public void Bug_entropy_cut_a_tenth_of_the_values_off_at_a_channel_that_is_constant()
    {
        // Behind ReLU6: most channels spread over the range, some are constant, in the middle and elsewhere.
        float[] spread = [.. Draw(new Random(12), 2, 2, 0, 200_000).Select(x => Math.Clamp(x, 0, 6))];
        float[] constant = [.. Enumerable.Range(0, 60_000).Select(i => 0.7f + i % 3 * 1.155f)];

        var range = RangeMethod.Entropy.Of(ActivationHistogramTests.Of([.. spread, .. constant]));

        Assert.InRange(range.High, 5.5f, 6);
    }

    [Fact]
    public void Bug_entropy_cut_a_quarter_of_the_values_off_to_narrow_the_cell_of_a_spike()
    {
        for (int seed = 0; seed < 60; seed++)
        {
            // Behind ReLU6: some spread over the range, up to five channels constant, with up to as many values as all others, some at the end.
            var random = new Random(seed);
            var values = new List<float>(Draw(random, random.NextDouble() * 6 - 1, random.NextDouble() * 5, seed % 2, 40_000).Select(x => Math.Clamp(x, 0, 6)));
            for (int channel = random.Next(6); channel > 0; channel--)
            {
                float at = random.Next(4) == 0 ? 6 : (float)(0.3 + random.NextDouble() * 5.7);
                values.AddRange(Enumerable.Repeat(at, random.Next(40_000)));
            }

            float high = RangeMethod.Entropy.Of(ActivationHistogramTests.Of([.. values])).High;

            Assert.InRange(values.Count(value => value > high) / (double)values.Count, 0, 0.01);
        }
    }

    [Fact]
    public void Entropy_does_not_see_how_many_values_are_zero()
    {
        float[] values = [.. Draw(new Random(8), 0, 1, 0, 60_000).Select(x => Math.Max(x, 0))];

        var few = RangeMethod.Entropy.Of(ActivationHistogramTests.Of(values));
        var many = RangeMethod.Entropy.Of(ActivationHistogramTests.Of([.. values, .. new float[1_000_000]]));

        Assert.Equal(few, many);
        Assert.InRange(few.High, 2, 5);
    }

    [Fact]
    public void Entropy_equals_a_slow_transcription_on_a_small_window()
    {
        // Without values outside, with one sign: the divergence of the whole window, bin by bin.
        float[] values = [.. Draw(new Random(9), 0, 1, 0, 30_000).Select(x => Math.Abs(x))];
        var histogram = ActivationHistogramTests.Of(values);
        double best = double.PositiveInfinity;
        int bestThreshold = 0;
        int bins = histogram.Positive.LastIndexOfAnyExcept(0L) + 1;
        int stride = Math.Max(1, (bins - 256) / 1024);
        for (int threshold = bins; threshold >= 256; threshold -= stride)
        {
            double divergence = SlowDivergence(histogram.Positive, threshold);
            if (divergence < best) (best, bestThreshold) = (divergence, threshold);
        }

        Assert.Equal(Math.Min(histogram.Maximum, bestThreshold * histogram.BinWidth), EntropyRange.Of(histogram).High, 1e-5);
    }

    [Theory]
    [InlineData(new float[0], 0, 0)]
    [InlineData(new[] { 0f, -0f, 0 }, 0, 0)]
    [InlineData(new[] { float.NaN, float.PositiveInfinity }, 0, 0)]
    [InlineData(new[] { 3f, 3, 3 }, 0, 3)]
    [InlineData(new[] { -2f }, -2, 0)]
    public void Degenerate_tensors_have_a_range(float[] values, float low, float high)
    {
        var histogram = ActivationHistogramTests.Of(values);
        foreach (var method in All)
        {
            var range = method.Of(histogram);
            Assert.Equal(low, range.Low, 0.01f);
            Assert.Equal(high, range.High, 0.01f);
            Assert.True(float.IsNormal(QuantizationParameters.Of(range).Scale));
        }
    }

    [Fact]
    public void Extreme_magnitudes_have_a_finite_range()
    {
        foreach (float[] values in new[] { [float.MaxValue, float.MinValue], [float.Epsilon, -float.Epsilon], new[] { float.MaxValue, float.Epsilon } })
        {
            foreach (var method in All)
            {
                var parameters = QuantizationParameters.Of(method.Of(ActivationHistogramTests.Of(values)));
                Assert.True(float.IsNormal(parameters.Scale), $"{method}");
            }
        }
    }

    [Fact]
    public void Parameters_round_half_to_even_and_saturate()
    {
        var parameters = new QuantizationParameters(2, 10);

        Assert.Equal([10, 10, 12, 12, 0, 255],
            new[] { 0f, 1, 3, 5, -100, 1000 }.Select(x => (int)parameters.Quantize(x)));
        Assert.Equal(new QuantizationParameters(1 / 255f, 0), QuantizationParameters.Of(new ActivationRange(0, 1)));
        Assert.Equal(new QuantizationParameters(1, 0), QuantizationParameters.Of(default));
        Assert.Equal(128, QuantizationParameters.Of(new ActivationRange(-1, 1)).ZeroPoint);
        Assert.Equal(255, QuantizationParameters.Of(new ActivationRange(-1, 0)).ZeroPoint);
    }

    [Theory]
    [InlineData("minmax", null, "minmax")]
    [InlineData("percentile", "99.9", "percentile 99.9")]
    [InlineData("percentile", null, "percentile 99.99")]
    [InlineData("entropy", null, "entropy")]
    [InlineData("mse", null, "mse")]
    public void Options_are_read(string range, string? percent, string expected) =>
        Assert.Equal(expected, RangeMethod.Parse(range, percent).ToString());

    [Theory]
    [InlineData("max", null)]
    [InlineData("minmax", "99")]
    [InlineData("percentile", "99,9")]
    [InlineData("percentile", "101")]
    [InlineData("percentile", "50")]
    public void Options_that_mean_nothing_are_refused(string range, string? percent) =>
        Assert.Throws<FormatException>(() => RangeMethod.Parse(range, percent));

    static double Error(ActivationHistogram histogram, RangeMethod method) =>
        histogram.ExpectedSquaredError(QuantizationParameters.Of(method.Of(histogram)));

    static double SlowDivergence(ReadOnlySpan<long> bins, int threshold)
    {
        double all = 0;
        foreach (long count in bins) all += count;
        double step = threshold / 255d;
        double[] p = new double[threshold];
        double[] q = new double[threshold];
        for (int i = 0; i < threshold; i++) p[i] = bins[i];
        double inside = p.Sum();
        foreach (var cell in Enumerable.Range(0, threshold).Where(i => p[i] > 0).GroupBy(i => CellOf(i, step)))
        {
            foreach (int i in cell) q[i] = cell.Average(j => p[j]) / inside;
        }

        p[threshold - 1] += all - inside;
        double divergence = 0;
        for (int i = 0; i < threshold; i++)
        {
            if (p[i] > 0) divergence += p[i] / all * Math.Log(p[i] / all / ((1 - 1e-4) * q[i] + 1e-4 / threshold));
        }

        return divergence;
    }

    // A bin belongs to the level whose cell, in whole bins, holds it.
    static int CellOf(int bin, double step)
    {
        int level = Math.Max(0, (int)(bin / step) - 1);
        while (Math.Round((level + 0.5) * step, MidpointRounding.AwayFromZero) <= bin) level++;
        return level;
    }

    static float[] Draw(Random random, double mean, double spread, int kind, int count) =>
        [.. Enumerable.Range(0, count).Select(_ =>
        {
            double normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            double x = kind switch
            {
                1 => Math.Sign(normal) * -Math.Log(1 - random.NextDouble()),
                2 => normal * normal * normal,
                3 => Math.Max(0, normal),
                _ => normal,
            };
            return (float)(mean + spread * x);
        })];
}
