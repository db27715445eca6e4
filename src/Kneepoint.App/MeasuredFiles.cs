using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;

namespace Kneepoint.App;

/// <summary>What is known of network files after they have been measured on the same samples.</summary>
/// <param name="Metric">What accuracy means.</param>
/// <param name="Evaluate">Samples that accuracy was measured on.</param>
/// <param name="Calibrate">Samples that calibrate; not used here.</param>
/// <param name="Machine">Where and how.</param>
/// <param name="Files">The baseline first, where there is one.</param>
/// <param name="Findings">What to know of the data.</param>
sealed record MeasuredFiles(
    IMetric Metric, long Evaluate, long Calibrate, MachineDescription Machine, IReadOnlyList<MeasuredFile> Files, ImmutableArray<Finding> Findings)
{
    /// <summary>Whether there is a baseline that the others are compared with.</summary>
    public bool HasBaseline => Files[0].IsBaseline;
}

/// <summary>A measured file.</summary>
/// <param name="File">Its path as given.</param>
/// <param name="IsBaseline">Whether the others are compared with it.</param>
/// <param name="Figures">What was measured. Of the baseline, and of a file alone, changes and ratios are against itself.</param>
sealed record MeasuredFile(string File, bool IsBaseline, Measured Figures);
