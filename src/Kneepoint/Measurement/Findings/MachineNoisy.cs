using System.Globalization;

namespace Kneepoint.Measurement.Findings;

/// <summary>Other work disturbed the timed runs.</summary>
public static class MachineNoisy
{
    /// <summary>The finding's code.</summary>
    public const string Code = "machine-noisy";

    /// <summary>On a quiet machine runs on one thread take as much wall time as processor time, save for what the system itself takes now and then.</summary>
    public const double MostWallOverCpu = 1.05;

    /// <summary>On a quiet machine the times of a session scatter by 1 to 4 %, of small networks by up to 7 %.</summary>
    public const double MostSpread = 0.10;

    /// <summary>Judges runs on one thread.</summary>
    /// <param name="wallOverCpu">Wall ÷ processor time of all runs.</param>
    /// <param name="spread">The standard deviation of a run's wall time, as a fraction of it.</param>
    /// <returns>Null on a quiet machine.</returns>
    public static Finding? Of(double wallOverCpu, double spread)
    {
        if (wallOverCpu <= MostWallOverCpu && spread <= MostSpread) return null;
        return new Finding(Code, FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
            $"Other work disturbed the timed runs: wall time is {wallOverCpu:F2} times processor time and scatters by {100 * spread:F1} %. Times are processor time of the running thread, which other work touches less, and compared in pairs; where small differences count, measure again on a quiet machine."));
    }

    /// <summary>Judges runs on several threads, where processor time is no control.</summary>
    /// <param name="spread">The standard deviation of a run's wall time, as a fraction of it.</param>
    /// <returns>Null on a quiet machine.</returns>
    public static Finding? OfSpread(double spread)
    {
        if (spread <= MostSpread) return null;
        return new Finding(Code, FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
            $"The timed runs scatter by {100 * spread:F1} %, more than the {100 * MostSpread:F0} % of a quiet machine. Measure again without other work, or with one thread."));
    }
}
