using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement;

/// <summary>Compares a variant's outputs with the baseline's on the same samples, to refuse what is broken before it is measured.</summary>
/// <remarks>
/// Broken is a variant that lacks an output, gives another type or shape, gives no finite number where the baseline does, or gives one and
/// the same number throughout an output where the baseline's vary. One that is merely bad is not broken: its accuracy says so.
/// </remarks>
/// <param name="SqnrDecibels">The signal-to-noise ratio over all floating-point outputs, as <see cref="OutputSqnr"/> has it; NaN if there are none.</param>
/// <param name="Rejection">One sentence why the variant is not usable; null if it is.</param>
/// <param name="Findings">What is odd about a usable variant.</param>
public sealed record OutputComparison(double SqnrDecibels, string? Rejection, ImmutableArray<Finding> Findings)
{
    /// <summary>Below it, noise is as strong as the signal.</summary>
    internal const double LowestSqnrDecibels = 0;

    /// <summary>Compares one batch.</summary>
    /// <param name="variant">The variant's outputs by name.</param>
    /// <param name="baseline">The baseline's for the same samples.</param>
    /// <param name="batchCount">The number of samples.</param>
    public static OutputComparison Of(IReadOnlyDictionary<string, Tensor> variant, IReadOnlyDictionary<string, Tensor> baseline, int batchCount)
    {
        ArgumentNullException.ThrowIfNull(variant);
        ArgumentNullException.ThrowIfNull(baseline);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchCount, 1);
        bool hasFloats = false;
        foreach (var (name, wanted) in baseline)
        {
            if (!variant.TryGetValue(name, out var found)) return Rejected($"The variant has no output '{name}'; the baseline has.");
            if (Difference(name, found, wanted) is { } difference) return Rejected(difference);
            if (!Rows.IsFloat(wanted.ElementType) || wanted.ElementCount == 0) continue;
            hasFloats = true;
            if (Flaw(name, TensorData.ToFloat32(found), TensorData.ToFloat32(wanted)) is { } flaw) return Rejected(flaw);
        }

        if (!hasFloats) return new OutputComparison(double.NaN, null, []);
        double sqnr = Sqnr(variant, baseline, batchCount);
        return new OutputComparison(sqnr, null, sqnr >= LowestSqnrDecibels ? [] :
        [
            new Finding("outputs-unlike-baseline", FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
                $"On the first batch the outputs have a signal-to-noise ratio of {sqnr:F1} dB against the baseline's: the error is larger than the signal.")),
        ]);
    }

    static OutputComparison Rejected(string reason) => new(double.NaN, reason, []);

    static string? Difference(string name, Tensor found, Tensor wanted)
    {
        if (found.ElementType != wanted.ElementType) return $"Output '{name}': expected {wanted.ElementType} as in the baseline, found {found.ElementType}.";
        return found.Dimensions.SequenceEqual(wanted.Dimensions) ? null : string.Create(CultureInfo.InvariantCulture,
            $"Output '{name}': expected [{string.Join(", ", wanted.Dimensions)}] as in the baseline, found [{string.Join(", ", found.Dimensions)}].");
    }

    static string? Flaw(string name, float[] found, float[] wanted)
    {
        if (!Array.Exists(found, float.IsFinite) && Array.Exists(wanted, float.IsFinite))
        {
            return $"Output '{name}' holds no finite number; the baseline's does.";
        }

        bool isConstant = Array.TrueForAll(found, value => value == found[0]);
        bool wasConstant = Array.TrueForAll(wanted, value => value == wanted[0]);
        return isConstant && !wasConstant
            ? string.Create(CultureInfo.InvariantCulture, $"Output '{name}' is {found[0]} throughout; the baseline's varies.")
            : null;
    }

    static double Sqnr(IReadOnlyDictionary<string, Tensor> variant, IReadOnlyDictionary<string, Tensor> baseline, int batchCount)
    {
        var metric = new OutputSqnr();
        float[] scores = new float[batchCount];
        metric.Score(variant, new Data.SampleBatch(variant, null, batchCount), baseline, scores);
        return metric.Value(scores);
    }
}
