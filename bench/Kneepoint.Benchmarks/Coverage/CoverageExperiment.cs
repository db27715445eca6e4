using Kneepoint.Measurement;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Benchmarks.Coverage;

/// <summary>A situation whose true figure is known, and an interval made of samples drawn from it.</summary>
/// <param name="Name">What is tried: "auc 0.80".</param>
/// <param name="Samples">The size of the sample that an interval is made of.</param>
/// <param name="Draw">Draws a sample and gives its interval and the true figure.</param>
sealed record CoverageExperiment(string Name, int Samples, Func<Xoshiro256, (Interval Interval, double Truth)> Draw)
{
    /// <summary>Promised: 95 % of the intervals hold the truth, within one point.</summary>
    public const double Lowest = 0.94;

    /// <summary>The same from above: a wider interval promises less than it could.</summary>
    public const double Highest = 0.96;

    /// <summary>Whether each interval takes thousands of resamples.</summary>
    public bool IsSlow { get; init; }

    /// <summary>Repeats the experiment; simulation s draws from the seed plus s, so threads change nothing.</summary>
    public CoverageResult Run(int simulations, long seed)
    {
        int covered = 0, below = 0;
        Parallel.For(0, simulations, s =>
        {
            var (interval, truth) = Draw(new Xoshiro256(seed + s));
            if (interval.Low <= truth && truth <= interval.High) Interlocked.Increment(ref covered);
            else if (truth < interval.Low) Interlocked.Increment(ref below);
        });
        return new CoverageResult((double)covered / simulations, (double)below / simulations, simulations);
    }
}

/// <summary>How often intervals held the truth.</summary>
/// <param name="Coverage">The share that did.</param>
/// <param name="BelowLow">The share where the truth was below the lower end; the rest was above the upper one.</param>
/// <param name="Simulations">How many were made.</param>
sealed record CoverageResult(double Coverage, double BelowLow, int Simulations)
{
    /// <summary>The standard error of the coverage.</summary>
    public double StandardError => Math.Sqrt(Coverage * (1 - Coverage) / Simulations);
}
