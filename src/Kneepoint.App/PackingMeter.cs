using Kneepoint.Coding;

namespace Kneepoint.App;

/// <summary>Shows how far packing or opening is.</summary>
/// <param name="progress">Where it is shown.</param>
/// <param name="stage">What is done with the kilobytes: "packed".</param>
sealed class PackingMeter(TerminalProgress progress, string stage) : IProgress<PackingProgress>
{
    const long ShownBytes = 1000;

    /// <inheritdoc/>
    public void Report(PackingProgress value) => progress.Report($"kilobytes {stage}", value.DoneBytes / ShownBytes, Math.Max(1, value.TotalBytes / ShownBytes));
}
