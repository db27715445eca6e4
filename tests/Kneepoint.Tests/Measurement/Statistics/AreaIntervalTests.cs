using CsCheck;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Measurement.Statistics;

public sealed class AreaIntervalTests
{
    // Few different scores, so that ties are frequent.
    static readonly Gen<(float Score, bool IsPositive)[]> Samples = Gen.Select(Gen.Int[0, 12], Gen.Bool, (score, positive) => ((float)score, positive)).Array[4, 60];

    [Fact]
    public void The_area_is_the_share_of_pairs_in_order() => Samples.Sample(samples =>
    {
        double[] positives = [.. samples.Where(s => s.IsPositive).Select(s => (double)s.Score)], negatives = [.. samples.Where(s => !s.IsPositive).Select(s => (double)s.Score)];
        var interval = AreaInterval.Of([.. samples.Select(s => s.Score)], [.. samples.Select(s => s.IsPositive)]);
        if (positives.Length == 0 || negatives.Length == 0)
        {
            Assert.True(double.IsNaN(interval.Value));
            return;
        }

        double pairs = positives.Sum(p => negatives.Sum(n => p > n ? 1 : p == n ? 0.5 : 0));
        Assert.Equal(pairs / positives.Length / negatives.Length, interval.Value, 1e-12);
        if (Math.Min(positives.Length, negatives.Length) == 1) Assert.True(double.IsNaN(interval.Low) && double.IsNaN(interval.High));
        else Assert.True(0 <= interval.Low && interval.Low <= interval.Value && interval.Value <= interval.High && interval.High <= 1);
    });

    [Fact]
    public void Exchanging_the_classes_mirrors_the_interval() => Samples.Sample(samples =>
    {
        float[] scores = [.. samples.Select(s => s.Score)];
        var interval = AreaInterval.Of(scores, [.. samples.Select(s => s.IsPositive)]);
        var mirrored = AreaInterval.Of(scores, [.. samples.Select(s => !s.IsPositive)]);
        if (double.IsNaN(interval.Low)) return;
        Assert.Equal(1 - interval.Low, mirrored.High, 1e-9);
        Assert.Equal(1 - interval.High, mirrored.Low, 1e-9);
    });

    // The ends solve |A − θ| = t·√(v·θ(1 − θ) ÷ A(1 − A)) with v by DeLong's formula in its quadratic form.
    [Fact]
    public void Ends_are_where_the_score_test_just_accepts()
    {
        var random = new Xoshiro256(11);
        const int Count = 80;
        bool[] isPositive = [.. Enumerable.Range(0, Count).Select(i => i % 2 == 0)];
        float[] scores = [.. isPositive.Select(positive => (float)(random.NextDouble() + (positive ? 0.3 : 0)))];
        var interval = AreaInterval.Of(scores, isPositive);
        double[] V(bool positive) => [.. Enumerable.Range(0, Count).Where(i => isPositive[i] == positive).Select(i => Enumerable.Range(0, Count)
            .Where(j => isPositive[j] != positive).Average(j => (positive ? scores[i] > scores[j] : scores[j] > scores[i]) ? 1.0 : 0))];
        double Variance(double[] v) => v.Sum(x => Math.Pow(x - v.Average(), 2)) / (v.Length - 1) / v.Length;
        double v = Variance(V(true)) + Variance(V(false)), a = interval.Value;
        double T(double end) => Math.Abs(a - end) / Math.Sqrt(v * end * (1 - end) / (a * (1 - a)));

        Assert.Equal(T(interval.Low), T(interval.High), 1e-9);
        // Two-sided 95 % quantiles of Student's t for 40 and 120 degrees: rank shares are flatter than normal numbers, so their variance is known well.
        Assert.InRange(T(interval.Low), 1.980, 2.022);
    }

    [Fact]
    public void Separated_classes_have_a_width()
    {
        float[] scores = [1, 2, 3, 4, 5, 6, 7, 8];
        var interval = AreaInterval.Of(scores, [false, false, false, false, true, true, true, true]);

        Assert.Equal(1, interval.Value);
        Assert.Equal(1, interval.High);
        Assert.InRange(interval.Low, 0.2, 0.4);
    }

    [Fact]
    public void The_metric_gives_the_same_area_as_its_figure()
    {
        IMetric metric = new AreaUnderCurve("y");
        float[] scores = [0.3f, 0, 0.5f, 1, float.NegativeInfinity, 1, 0.5f, 0, 0.9f, 1, 0.1f, 0];

        Assert.Equal(metric.Value(scores), metric.WithInterval(scores)!.Value.Value, 1e-12);
    }
}
