using Kneepoint.Measurement;

namespace Kneepoint.Limits.OfStudy;

/// <summary>What second-order theory says that a variant loses.</summary>
/// <param name="LayerwiseNats">Σ over layers of measured curvature times the layer's own squared output error: layers taken for independent, nothing but weights; null where weights cannot be compared.</param>
/// <param name="FisherNats">½·dᵀFd with the change d of all weights and the Fisher information F, over all layers together, rounded activations included; null where gradients are not available.</param>
/// <param name="SlopeNats">gᵀd, the first-order change of the labels' loss; null as before.</param>
/// <param name="OutputSignalToNoiseDecibels">Signal to noise at the output by propagating the noise to first order; null as before.</param>
/// <param name="MeasuredSignalToNoiseDecibels">Signal to noise at the output as measured on the same samples; null where not measured.</param>
/// <param name="MeasuredDivergence">Divergence of the outputs as measured on the same samples: nats for each label of classes, else power of the difference over that of the output; null where not measured.</param>
/// <param name="MeasuredDivergenceHalfWidth">Half the width of its 95 % interval.</param>
/// <param name="MeasuredLabelNats">Change of the labels' loss on the evaluation samples; null where there are no labels of classes.</param>
/// <param name="MeasuredLoss">Loss of the metric on the evaluation samples: above 0 is worse.</param>
/// <param name="Reason">Why something is missing, as a clause; null where nothing is.</param>
public sealed record PredictedLoss(
    double? LayerwiseNats, double? FisherNats, double? SlopeNats, double? OutputSignalToNoiseDecibels, double? MeasuredSignalToNoiseDecibels,
    double? MeasuredDivergence, double? MeasuredDivergenceHalfWidth, double? MeasuredLabelNats, Interval MeasuredLoss, string? Reason)
{
    /// <summary>Whether integer kernels of the variant may saturate on the machine that measured it: what theory predicts is then not what they compute.</summary>
    public bool MaySaturate { get; init; }
}
