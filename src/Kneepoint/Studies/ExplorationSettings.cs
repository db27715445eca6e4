using System.Collections.Immutable;

namespace Kneepoint.Studies;

/// <summary>How far and how carefully a study explores.</summary>
public sealed record ExplorationSettings
{
    /// <summary>Names of <see cref="Objective.Names"/>, two to four, accuracy among them.</summary>
    public ImmutableArray<string> Objectives { get; init; } = Objective.DefaultNames;

    /// <summary>Budgets that the search aims at; may be empty.</summary>
    public ImmutableArray<Budget> Budgets { get; init; } = [];

    /// <summary>Trials in all, the baseline and those of earlier runs included; at least 1.</summary>
    public int TrialCount { get; init => field = AtLeast(value, 1, nameof(TrialCount)); } = 40;

    /// <summary>No trial begins after this time; null for no limit.</summary>
    public TimeSpan? TimeLimit { get; init; }

    /// <summary>A single trial that takes longer is stored as timed out.</summary>
    public TimeSpan TrialTimeLimit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The seed of every random choice.</summary>
    public int Seed { get; init; } = 1;

    /// <summary>Threads that latency is measured with.</summary>
    public int Threads { get; init => field = AtLeast(value, 1, nameof(Threads)); } = 1;

    /// <summary>Batch that latency and activations are measured at, and the accuracy of networks that take ranges from their batch as they run.</summary>
    public int Batch { get; init => field = AtLeast(value, 1, nameof(Batch)); } = 1;

    /// <summary>Whether the caller named the batch, so that a network that fixes another one is refused; otherwise the network's takes its place.</summary>
    public bool IsBatchStated { get; init; }

    /// <summary>Samples per run while accuracy is measured, where the batch changes nothing but the wall time; <see cref="Batch"/> takes its place elsewhere.</summary>
    public int EvaluationBatch { get; init => field = AtLeast(value, 1, nameof(EvaluationBatch)); } = 32;

    /// <summary>Threads that accuracy is measured with, each on batches of its own; does not change any figure but the wall time.</summary>
    public int EvaluationThreads { get; init => field = AtLeast(value, 1, nameof(EvaluationThreads)); } = 1;

    /// <summary>Trials that are made and scored side by side, at most, up to <see cref="TrialBatch.Size"/>; their networks are in memory until each was timed. Does not change any figure but the wall time.</summary>
    public int TrialsAtOnce { get; init => field = AtLeast(value, 1, nameof(TrialsAtOnce)); } = 1;

    /// <summary>Calibration samples that activation ranges are taken from, at most.</summary>
    public int RangeSamples { get; init => field = AtLeast(value, 1, nameof(RangeSamples)); } = 200;

    /// <summary>Calibration samples that the moments of the layers' inputs are taken from, at most.</summary>
    public int MomentSamples { get; init => field = AtLeast(value, 1, nameof(MomentSamples)); } = 500;

    /// <summary>Calibration samples that sensitivities are measured on, at most.</summary>
    public int SensitivitySamples { get; init => field = AtLeast(value, 1, nameof(SensitivitySamples)); } = 64;

    /// <summary>Methods that recipes may use, by name; empty for all.</summary>
    public ImmutableArray<string> Methods { get; init; } = [];

    /// <summary>Layers that recipes may treat one by one, by name; empty for all. The others are kept, unless the network is treated as a whole. Layers that share a weight are treated where all of them are named.</summary>
    public ImmutableArray<string> Layers { get; init; } = [];

    /// <summary>How recipes are found.</summary>
    public SearchKind Search { get; init; } = SearchKind.Exact;

    /// <summary>Whether times, profiled and measured, steer the search where time is an objective or a budget: better recipes for this machine, but one seed need not give the same ones again. Otherwise time is estimated from what the runtime executes (<see cref="CostModel.EstimateNanoseconds"/>).</summary>
    public bool SteersByTime { get; init; }

    /// <summary>Whether layers may be fitted to what the rounded layers before feed them, where that is not too much work.</summary>
    public bool FitsInSuccession { get; init; } = true;

    /// <summary>Whether integer kernels of this machine add two products in 16 bits, so that full 8-bit weights may saturate there: weights of 7 bits are then tried as well.</summary>
    public bool IntegerSumsSaturate { get; init; }

    /// <summary>Whether an objective or a budget is about packed bytes.</summary>
    public bool AimsAtPackedBytes => Objectives.Contains("packedBytes") || Budgets.Any(budget => budget.Figure == "packedBytes");

    /// <summary>Whether an objective or a budget is about time.</summary>
    public bool AimsAtLatency => Objectives.Contains("latency") || Budgets.Any(budget => budget.Figure == "latency");

    /// <summary>When a variant is given up early that costs no less than another one and is not better, as far as the samples can tell.</summary>
    public Racing Racing { get; init; } = Racing.Repeatable;

    /// <summary>The chance of giving up a variant early that all samples would show to be better, for each variant; above 0, below 1.</summary>
    public double RacingRisk
    {
        get; init => field = value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(RacingRisk), value, $"{nameof(RacingRisk)} must be above 0 and below 1.");
    } = 0.01;

    /// <summary>Time for the paired latency of one variant.</summary>
    public TimeSpan LatencyTime { get; init; } = TimeSpan.FromSeconds(1.5);

    static int AtLeast(int value, int least, string name) => value >= least
        ? value
        : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least {least}.");
}

/// <summary>How recipes are found.</summary>
public enum SearchKind
{
    /// <summary>By models of cost and accuracy, and the hypervolume that a trial is expected to add.</summary>
    Exact,

    /// <summary>By the evolutionary search NSGA-II.</summary>
    Nsga2,

    /// <summary>Drawn evenly.</summary>
    Random,
}

/// <summary>When variants are given up early.</summary>
public enum Racing
{
    /// <summary>Every variant sees all samples.</summary>
    Never,

    /// <summary>Where all other objectives come out the same each time, so that one seed gives the same trials again.</summary>
    Repeatable,

    /// <summary>Also where time or resident memory, as measured, decides who dominates.</summary>
    Always,
}

/// <summary>Where an exploration stands.</summary>
/// <param name="Stage">What is being done: "sensitivity", "trials".</param>
/// <param name="Done">Items done.</param>
/// <param name="Total">Items in all; 0 if nobody knows.</param>
/// <param name="Detail">What is in hand, or empty.</param>
public sealed record ExplorationProgress(string Stage, long Done, long Total, string Detail = "")
{
    /// <summary>Whether this is done once, however many trials follow: the measurement of the space. Trials should not be expected to take as long.</summary>
    public bool IsOnce { get; init; }
}
