using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Reports;

namespace Kneepoint.Tests.Reports;

/// <summary>Makes limits that look like those of a real study, of the variants of a <see cref="SyntheticStudy"/>.</summary>
static class SyntheticLimits
{
    /// <summary>All there can be.</summary>
    /// <param name="document">The study.</param>
    /// <param name="untrusted">A layer's name.</param>
    public static StudyLimits Of(FrontierDocument document, string untrusted = "/stage0/conv0/Conv") => FromTrials(document) with
    {
        Variants = [.. FromTrials(document).Variants.Select((variant, i) => Whole(variant, i, untrusted))],
        Classes = 16,
        TrainSamples = 4000,
        DivergenceSamples = 500,
        GradientSamples = 256,
        Noise = new NoiseFrontier(2000, 2, 81_920,
        [
            new NoisePoint(0.25, new Interval(-0.2423, -0.2718, -0.2132), 1.3577, new Interval(1.3577, 1.2085, 1.5069)), new NoisePoint(1, new Interval(-0.0107, -0.0169, -0.0049), 0.1051, new Interval(0.1051, 0.0856, 0.1246)),
            new NoisePoint(2, new Interval(-0.0003, -0.0034, 0.0027), 0.0146, new Interval(0.0146, 0.0083, 0.0209)), new NoisePoint(5, new Interval(0.0002, -0.0014, 0.0018), 0.0002, new Interval(0.0002, -0.0005, 0.0009)),
        ]),
        Precision = new PrecisionTable([new PrecisionRow(4, 11.8943, 0.1048, 0.0508, 0.95, 0), new PrecisionRow(8, 0.0361, 0.008, 0.0039, 0.968, 0.12), new PrecisionRow(12, 0.0001, 6.3e-7, 0, 0.97, 0.93)], 256, 256, 500, null, null),
        Ranks = new PredictionRanks(7, 2, 0.87, 0.91, 0.78, 0.95, 0.97, 0.99, 0.96, 1),
        Missing = [new MissingLimit('D', "A prequential code needs training, which is not part of this version.")],
    };

    /// <summary>What trials alone give.</summary>
    public static StudyLimits FromTrials(FrontierDocument document)
    {
        var limits = new StudyLimits(document.Data.Evaluate, [.. document.Variants.Select((variant, i) => new VariantLimits(variant.Id) { ModelBits = 8.0 * (variant.Memory.PackedBytes ?? variant.Memory.FileBytes), LabelBits = 500 + 40 * i, HeldOutErrorAtMost = 0.06 + 0.001 * i, ChosenErrorAtMost = 0.065 + 0.001 * i })]);
        string shortest = limits.Variants.MinBy(variant => variant.TotalBits)!.Id;
        return limits with
        {
            Labels = document.Data.Evaluate,
            MdlChoice = new MdlChoices(shortest, shortest, document.Variants[0].Id),
            Resolution = new TestSetResolution(0.0094, 0.0037, 0.0071),
            Missing = [new MissingLimit('D', "A prequential code needs training, which is not part of this version."), new MissingLimit('A', "It needs training samples.")],
        };
    }

    static VariantLimits Whole(VariantLimits variant, int i, string layer) => variant with
    {
        TrainErrors = 30 + i,
        OccamErrorAtMost = i % 2 == 0 ? 0.97 : 0.31,
        IsOccamVacuous = i % 2 == 0,
        SizeAtLeastBits = 120.5 * i,
        BitsPerWeight = 26.5 / (i + 1),
        GapBitsPerWeight = i == 0 ? null : 0.4 + 0.05 * i,
        Layers = i == 0 ? [] :
        [
            new LayerCode(layer, 1152, 3900, 28.4, 3.01, 'H', 3.2, null) { ErrorOverOptimum = 1.21 },
            new LayerCode("/head/Gemm", 640, 4100, 41.2, 6.3, 'G', null, null), new LayerCode("/stage1/conv2/Conv", 288, 700, null, null, null, null, "channels are gone, which is no code of the weights"),
        ],
        NoiseRate = i == 0 ? null : i == 1 ? new Interval(double.PositiveInfinity, 1.27, double.PositiveInfinity) : new Interval(1.49, 0, double.PositiveInfinity),
        NoiseRateByDivergence = i == 0 ? null : new Interval(2.87, 2.16, 4.54),
        Predicted = i == 0 ? new PredictedLoss(0, null, null, null, null, null, null, 0, default, null) : new PredictedLoss(0.01 * i, 0.012 * i, -0.001, 30 - i, 29 - i, 0.011 * i, 0.002 * i, 0.013 * i, new Interval(0.002 * i, 0, 0.004 * i), null) { MaySaturate = i % 3 == 0 },
    };
}
