using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Search;

namespace Kneepoint.Reports;

/// <summary>A measured variant as a report knows it.</summary>
public sealed record FrontierVariant
{
    /// <summary>What was done to the network.</summary>
    public required Recipe Recipe { get; init; }

    /// <summary>The recipe's hash.</summary>
    public string Id => Recipe.Id;

    /// <summary>The ONNX file, relative to the study folder with forward slashes; null where it is not kept.</summary>
    public string? File { get; init; }

    /// <summary>The packed file, relative to the study folder with forward slashes; null where there is none.</summary>
    public string? Packed { get; init; }

    /// <summary>Whether this is the network as given.</summary>
    public bool IsBaseline { get; init; }

    /// <summary>The metric in its own unit; null where not measurable. An end that is not known is NaN.</summary>
    public required Interval? Accuracy { get; init; }

    /// <summary>Variant less baseline, paired; null where not measurable. An end that is not known is NaN.</summary>
    public required Interval? AccuracyChange { get; init; }

    /// <summary>Five figures of memory.</summary>
    public required MemoryFigures Memory { get; init; }

    /// <summary>Operations and latency.</summary>
    public required ComputeFigures Compute { get; init; }

    /// <summary>What the labels of the evaluation samples cost under the variant; null where there are no labels of classes, or it was not recorded.</summary>
    public LabelCost? Labels { get; init; }

    /// <summary>Whether no other variant dominates this one.</summary>
    public bool OnFrontier { get; init; }

    /// <summary>Ids of variants that the data cannot tell from this one in accuracy.</summary>
    public ImmutableArray<string> TiedWith { get; init; } = [];

    /// <summary>What was done to each layer; empty where nothing is known. Layers that are missing stay as they were.</summary>
    public ImmutableArray<LayerTreatment> Layers { get; init; } = [];

    /// <summary>What to know before trusting or using the variant.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>Wall time of the trial; null where not recorded.</summary>
    public double? Seconds { get; init; }

    /// <summary>Takes the figures of a measurement.</summary>
    public static FrontierVariant Of(Recipe recipe, Measured figures)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(figures);
        return new FrontierVariant
        {
            Recipe = recipe,
            IsBaseline = recipe.Equals(Recipe.Baseline),
            Accuracy = figures.Accuracy,
            AccuracyChange = figures.AccuracyChange,
            Memory = figures.Memory,
            Compute = figures.Compute,
            Labels = figures.Labels,
            Layers = figures.Layers,
            Findings = figures.Findings,
        };
    }
}
