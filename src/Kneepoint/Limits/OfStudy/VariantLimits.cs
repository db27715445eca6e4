using System.Collections.Immutable;
using Kneepoint.Measurement;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What is said of one measured variant.</summary>
/// <param name="Id">The recipe's hash.</param>
public sealed record VariantLimits(string Id)
{
    /// <summary>Bits of the packed file; null where there is none.</summary>
    public double? ModelBits { get; init; }

    /// <summary>Bits of the labels of the evaluation samples under the variant; null where there are no labels of classes.</summary>
    public double? LabelBits { get; init; }

    /// <summary>Length of the two-part code, bits.</summary>
    public double? TotalBits => ModelBits + LabelBits;

    /// <summary>Upper 95 % limit of the error on new data, from the held-out samples alone; null where the metric counts no errors.</summary>
    public double? HeldOutErrorAtMost { get; init; }

    /// <summary>The same where the variant was chosen among all measured ones by these samples: each gets its part of the chance to fail. An ESTIMATE, for the search has looked at these samples before it proposed the later ones.</summary>
    public double? ChosenErrorAtMost { get; init; }

    /// <summary>Errors on the training samples; null without them.</summary>
    public long? TrainErrors { get; init; }

    /// <summary>Upper 95 % limit of the error on new data from training error and packed bytes; null without training samples.</summary>
    public double? OccamErrorAtMost { get; init; }

    /// <summary>Whether that limit says nothing.</summary>
    public bool? IsOccamVacuous { get; init; }

    /// <summary>Bits that any code of a network with this training and test error needs; null without training samples.</summary>
    public double? SizeAtLeastBits { get; init; }

    /// <summary>Bits of the weights for each weight of the baseline; null where not looked at.</summary>
    public double? BitsPerWeight { get; init; }

    /// <summary>Bits for each weight above the ideal code, over the layers where that is known; null where of none.</summary>
    public double? GapBitsPerWeight { get; init; }

    /// <summary>Layer by layer; empty where not looked at.</summary>
    public ImmutableArray<LayerCode> Layers { get; init; } = [];

    /// <summary>Bits for each weight at which the noise-limited frontier loses as much of the metric; null where not known.</summary>
    public Interval? NoiseRate { get; init; }

    /// <summary>The same for as large a divergence of the outputs.</summary>
    public Interval? NoiseRateByDivergence { get; init; }

    /// <summary>Loss as predicted, and as measured; null where not predicted.</summary>
    public PredictedLoss? Predicted { get; init; }
}
