using System.Collections.Immutable;
using Kneepoint.Measurement;

namespace Kneepoint.Studies;

/// <summary>A limit on one figure of a variant.</summary>
/// <param name="Option">The command-line option that states it: "--max-file-bytes".</param>
/// <param name="Figure">The figure that it bounds.</param>
/// <param name="Limit">In the figure's unit: bytes, MACs, milliseconds, or the metric's.</param>
/// <param name="IsUpper">The figure may be at most the limit; else at least.</param>
/// <param name="Read">Reads the figure; null where it was not measured, and then the budget is not met.</param>
public sealed record Budget(string Option, string Figure, double Limit, bool IsUpper, Func<Measured, double?> Read)
{
    /// <summary>Every option that <see cref="Of"/> knows, with the kind of its value.</summary>
    public static readonly ImmutableArray<(string Option, BudgetUnit Unit, string Help)> Options =
    [
        ("--max-file-bytes", BudgetUnit.Bytes, "The ONNX file with its external data"),
        ("--max-packed-bytes", BudgetUnit.Bytes, "The packed file"),
        ("--max-resident-bytes", BudgetUnit.Bytes, "Peak resident memory of a process that runs the variant, over a trivial network"),
        ("--max-activation-bytes", BudgetUnit.Bytes, "The largest sum of live activations"),
        ("--max-macs", BudgetUnit.Count, "Multiply-accumulates of one sample"),
        ("--max-latency", BudgetUnit.Milliseconds, "Median time of a run"),
        ("--min-accuracy", BudgetUnit.Metric, "The metric in its own unit (the largest value allowed where the metric is minimized)"),
        ("--max-drop", BudgetUnit.Metric, "Loss against the baseline in the metric's own unit"),
    ];

    /// <summary>The budget of an option.</summary>
    /// <param name="option">One of <see cref="Options"/>.</param>
    /// <param name="limit">In bytes, MACs, milliseconds, or the metric's unit.</param>
    /// <param name="metricIsMaximized">The direction of the study's metric.</param>
    /// <exception cref="ArgumentException">No budget is called so.</exception>
    public static Budget Of(string option, double limit, bool metricIsMaximized) => option switch
    {
        "--max-file-bytes" => new(option, "fileBytes", limit, true, m => m.Memory.FileBytes),
        "--max-packed-bytes" => new(option, "packedBytes", limit, true, m => m.Memory.PackedBytes),
        "--max-resident-bytes" => new(option, "residentPeakBytes", limit, true, m => m.Memory.ResidentPeakBytes),
        "--max-activation-bytes" => new(option, "activationPeakBytes", limit, true, m => m.Memory.ActivationPeakBytes),
        "--max-macs" => new(option, "macs", limit, true, m => m.Compute.Macs),
        "--max-latency" => new(option, "latency", limit, true, m => m.Compute.LatencyMilliseconds?.Value),
        "--min-accuracy" => new(option, "accuracy", limit, !metricIsMaximized, m => m.Accuracy.Value),
        "--max-drop" => metricIsMaximized
            ? new(option, "accuracyChange", -limit, false, m => m.AccuracyChange.Value)
            : new(option, "accuracyChange", limit, true, m => m.AccuracyChange.Value),
        _ => throw new ArgumentException($"No budget is called '{option}'.", nameof(option)),
    };

    /// <summary>How far a variant is beyond the limit, in the figure's unit; 0 or less if the budget is met; infinite if not measured.</summary>
    public double Excess(Measured measured)
    {
        if (Read(measured) is not { } figure) return double.PositiveInfinity;
        return IsUpper ? figure - Limit : Limit - figure;
    }

    /// <summary>Whether a variant keeps within the limit.</summary>
    public bool IsMet(Measured measured) => Excess(measured) <= 0;
}

/// <summary>The kind of number that a budget takes.</summary>
public enum BudgetUnit
{
    /// <summary>A size.</summary>
    Bytes,

    /// <summary>A count.</summary>
    Count,

    /// <summary>A duration.</summary>
    Milliseconds,

    /// <summary>The metric's own unit.</summary>
    Metric,
}
