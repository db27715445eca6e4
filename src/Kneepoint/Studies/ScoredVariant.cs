using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Measurement;

namespace Kneepoint.Studies;

/// <summary>A variant on its way through <see cref="VariantMeasurement"/>: scored, not yet timed.</summary>
public sealed class ScoredVariant
{
    internal ScoredVariant(CompressedNetwork network, bool isBaseline, VariantCosts costs) =>
        (Network, IsBaseline, Costs, Findings) = (network, isBaseline, costs, network.Findings.ToBuilder());

    /// <summary>Whether there is nothing left to measure: it was rejected or dropped.</summary>
    public bool IsOver => Outcome is not null;

    internal CompressedNetwork Network { get; }

    internal bool IsBaseline { get; }

    internal VariantCosts Costs { get; }

    internal ImmutableArray<Finding>.Builder Findings { get; }

    internal TrialOutcome? Outcome { get; private set; }

    internal SampleScores? Scores { get; set; }

    internal long Evaluations { get; set; }

    internal Interval Accuracy { get; set; }

    internal PairedChange? Change { get; set; }

    internal ScoredVariant End(TrialOutcome outcome)
    {
        Outcome = outcome;
        return this;
    }
}
