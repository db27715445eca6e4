using System.Collections.Immutable;

namespace Kneepoint.Reports;

/// <summary>Which network was studied.</summary>
/// <param name="File">The model's file name, without folders.</param>
/// <param name="Sha256">SHA-256 of the model with its external data, 64 hexadecimal digits.</param>
public sealed record ModelFacts(string File, string Sha256);

/// <summary>Which samples were used.</summary>
/// <param name="Evaluate">Samples that accuracy is measured on.</param>
/// <param name="Calibrate">Samples that ranges and sensitivities are taken on.</param>
/// <param name="Metric">What "accuracy" means.</param>
public sealed record DataFacts(long Evaluate, long Calibrate, ObjectiveFacts Metric);

/// <summary>Where and how the figures were measured.</summary>
/// <param name="Cpu">The processor's name.</param>
/// <param name="InstructionSets">Those that decide the speed and the arithmetic of integer networks: "avx2", "avx512-vnni".</param>
/// <param name="Cores">Logical processors that the process may use.</param>
/// <param name="Runtime">Name and version of what ran the networks.</param>
/// <param name="Threads">Threads of a timed run.</param>
/// <param name="Batch">Samples of a timed run.</param>
public sealed record MachineFacts(string Cpu, ImmutableArray<string> InstructionSets, int Cores, string Runtime, int Threads, int Batch);

/// <summary>A figure and which way is better.</summary>
/// <param name="Name">The figure's name: "accuracy", "fileBytes", "latency"; for a metric its own: "top1".</param>
/// <param name="Direction">Which way is better.</param>
public sealed record ObjectiveFacts(string Name, Direction Direction);

/// <summary>Which way a figure gets better.</summary>
public enum Direction
{
    /// <summary>Less is better.</summary>
    Minimize,

    /// <summary>More is better.</summary>
    Maximize,
}

/// <summary>The volume that a frontier dominates, up to a reference.</summary>
/// <param name="Value">The volume, in the product of the objectives' units.</param>
/// <param name="Reference">The reference point by objective, each in the objective's own unit and sign.</param>
public sealed record HypervolumeFigure(double Value, ImmutableArray<double> Reference);

/// <summary>A layer of the baseline.</summary>
/// <param name="Layer">Its name: the first output of its node.</param>
/// <param name="OpType">Its operator: "Conv".</param>
/// <param name="WeightCount">Elements of its weights.</param>
/// <param name="Macs">Multiply–accumulates of one sample; null where not counted.</param>
public sealed record LayerFacts(string Layer, string OpType, long WeightCount, long? Macs);

/// <summary>How trials ended.</summary>
/// <param name="Measured">Made, run and measured.</param>
/// <param name="Rejected">Not applicable, or outputs not usable.</param>
/// <param name="Crashed">Failed in a way that nobody foresaw.</param>
/// <param name="TimedOut">Took longer than allowed.</param>
/// <param name="Dropped">Given up early: no better than a variant that costs no more, with confidence.</param>
public sealed record TrialCounts(long Measured, long Rejected, long Crashed, long TimedOut, long Dropped = 0);

/// <summary>What giving up variants early has saved.</summary>
/// <param name="Confidence">That all samples would not show a variant that was given up to be better, for each of them.</param>
/// <param name="TypicalSamples">Samples that those which were given up had seen: the median, the lower one of two.</param>
/// <param name="Evaluations">Samples run for accuracy in all trials that ran; a sample that is run for two variants counts twice.</param>
/// <param name="EvaluationsOtherwise">What these trials would have taken without giving any up.</param>
public sealed record RacingFacts(double Confidence, long TypicalSamples, long Evaluations, long EvaluationsOtherwise);

/// <summary>A trial that gave no variant.</summary>
/// <param name="Recipe">What was tried.</param>
/// <param name="Outcome">"rejected", "crashed", "timedOut" or "dropped".</param>
/// <param name="Reason">One sentence.</param>
/// <param name="Seconds">Wall time of the trial.</param>
public sealed record FailedTrial(Search.Recipe Recipe, string Outcome, string Reason, double Seconds);
