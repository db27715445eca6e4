using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Measurement.Latency;

/// <summary>Turns the times of several sessions into figures.</summary>
/// <remarks>
/// Each session gives one number: the median of its log ratios (or log times). The sessions are the independent units; rounds of one session share
/// its layout of memory. Value: exp of the median of the S numbers. Interval: the bootstrap of whole sessions, by its standard error with Student's t:
/// exp of mean ± t(S − 1) · SE · √(S ÷ (S − 1)). Nothing has to be drawn, since the standard error of the mean over all S^S resamples is known in closed form,
/// SE = s·√(S − 1) ÷ S, so that the half width is t·s ÷ √S. The bootstrap's percentiles cannot serve: drawn from S numbers they never leave their
/// range, which covers the truth in at most 1 − 2^(1 − S) of all cases, 94 % for five sessions and 75 % for three.
/// Source: Hesterberg, The American Statistician 69 (2015), "t interval with bootstrap standard error" and the factor √(n ÷ (n − 1)).
/// Verdict: stricter than the interval, since a study compares dozens of variants and one wrong word in twenty is too many: the 99 %
/// interval leaves out 1, and the ratio is off 1 by at least 1 %, which is what the place of memory alone does.
/// </remarks>
static class LatencyFigures
{
    internal const double VerdictConfidence = 0.99;
    internal const double SmallestDifference = 0.01;
    const double NanosecondsPerMillisecond = 1e6;

    /// <summary>The figures of at least two sessions.</summary>
    public static LatencyReport Of(IReadOnlyList<SessionTimes> sessions, int threads)
    {
        // Of totals, not of medians: a run that other work has interrupted is seldom the one in the middle.
        var totals = sessions.Select(session => session.Totals()).ToList();
        double wallOverCpu = totals.Sum(total => total.WallNanoseconds) / Math.Max(1, totals.Sum(total => total.CpuNanoseconds));
        double spread = Overall(sessions, session =>
        {
            double[] logs = Array.ConvertAll(session.Times(0, LatencyClock.Wall), Math.Log);
            return [Median.Deviation(logs)];
        });
        bool hasControl = threads == 1 && sessions.Any(session =>
            !session.Times(0, LatencyClock.Wall).AsSpan().SequenceEqual(session.Times(0, LatencyClock.ThreadCpu)));
        var noise = hasControl ? MachineNoisy.Of(wallOverCpu, spread) : MachineNoisy.OfSpread(spread);
        var clock = hasControl && noise is not null ? LatencyClock.ThreadCpu : LatencyClock.Wall;
        int networks = sessions[0].Networks;
        var variants = Enumerable.Range(1, networks - 1).Select(i =>
        {
            double[] logRatios = [.. sessions.Select(session => Median.Of(session.LogRatios(i, clock)))];
            return new VariantLatency(Milliseconds(sessions, i, clock), Exp(logRatios, 1), Verdict(logRatios));
        });
        return new LatencyReport(Milliseconds(sessions, 0, clock), [.. variants], clock, threads, sessions.Count,
            sessions.Sum(session => session.Rounds), wallOverCpu, noise is null ? [] : [noise]);
    }

    static LatencyVerdict Verdict(ReadOnlySpan<double> logRatios)
    {
        var (center, half) = Around(logRatios, VerdictConfidence);
        double log = Median.Of(logRatios.ToArray());
        if (Math.Abs(center) <= half || Math.Abs(Math.Exp(log) - 1) < SmallestDifference) return LatencyVerdict.NotDistinguishable;
        return center < 0 ? LatencyVerdict.Faster : LatencyVerdict.Slower;
    }

    static Interval Milliseconds(IReadOnlyList<SessionTimes> sessions, int network, LatencyClock clock) =>
        Exp([.. sessions.Select(session => Math.Log(Median.Of(session.Times(network, clock))))], NanosecondsPerMillisecond);

    static Interval Exp(ReadOnlySpan<double> logs, double unit)
    {
        var (center, half) = Around(logs, 0.95);
        return Interval.Containing(Math.Exp(Median.Of(logs.ToArray())) / unit, Math.Exp(center - half) / unit, Math.Exp(center + half) / unit);
    }

    static (double Center, double Half) Around(ReadOnlySpan<double> values, double confidence)
    {
        double sum = 0, squares = 0;
        foreach (double value in values) sum += value;
        double mean = sum / values.Length;
        foreach (double value in values) squares += (value - mean) * (value - mean);
        double deviation = Math.Sqrt(squares / (values.Length - 1));
        return (mean, StudentDistribution.TwoSided(confidence, values.Length - 1) * deviation / Math.Sqrt(values.Length));
    }

    static double Overall(IReadOnlyList<SessionTimes> sessions, Func<SessionTimes, IEnumerable<double>> figures) =>
        Median.Of(sessions.SelectMany(figures).ToArray());
}
