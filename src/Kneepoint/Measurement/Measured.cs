using System.Collections.Immutable;

namespace Kneepoint.Measurement;

/// <summary>Everything that is known about a variant after it has been run.</summary>
/// <param name="Accuracy">The metric in its own unit on the evaluation samples.</param>
/// <param name="AccuracyChange">Variant less baseline, paired on the same samples, in the metric's unit and sign.</param>
/// <param name="Memory">Five figures of memory.</param>
/// <param name="Compute">Operations and latency.</param>
/// <param name="Findings">What to know before trusting or using the variant.</param>
public sealed record Measured(
    Interval Accuracy,
    Interval AccuracyChange,
    MemoryFigures Memory,
    ComputeFigures Compute,
    ImmutableArray<Finding> Findings)
{
    /// <summary>What the variant does with each layer of the baseline, in the graph's order; empty where not recorded.</summary>
    public ImmutableArray<LayerTreatment> Layers { get; init; } = [];

    /// <summary>What the labels of the evaluation samples cost under the variant; null where there are no labels of classes, or it was not recorded.</summary>
    public LabelCost? Labels { get; init; }

    /// <summary>Samples that were run for the accuracy, those that were run again counted again; null where not recorded, and then it was each once.</summary>
    public long? Evaluations { get; init; }
}

/// <summary>Five answers to "how much memory", each in bytes.</summary>
/// <param name="FileBytes">The ONNX file with its external data.</param>
/// <param name="PackedBytes">The packed file; null until there is one.</param>
/// <param name="WeightBytes">Initializers as stored.</param>
/// <param name="ActivationPeakBytes">The largest sum of live activations over the execution order, at the stated batch.</param>
/// <param name="ResidentPeakBytes">Peak resident memory of a fresh process that loads and runs the variant, less that of one with a trivial network; null where not measured.</param>
public sealed record MemoryFigures(long FileBytes, long? PackedBytes, long WeightBytes, long ActivationPeakBytes, long? ResidentPeakBytes);

/// <summary>Counted operations and measured time.</summary>
/// <param name="Macs">Multiply–accumulates of one sample by the documented rule.</param>
/// <param name="BitOps">Sum over nodes of MACs × weight bits × activation bits.</param>
/// <param name="LatencyMilliseconds">Median of a run at the stated batch and threads; null where not measured.</param>
/// <param name="LatencyRatio">Variant over baseline, paired; below 1 is faster; null where not measured.</param>
public sealed record ComputeFigures(long Macs, long BitOps, Interval? LatencyMilliseconds, Interval? LatencyRatio);
