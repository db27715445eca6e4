using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>How much the network's outputs diverge for a unit of a layer's squared output error: measured, by rounding that layer alone.</summary>
/// <remarks>
/// Near the network as it is the divergence grows with the square of a change, so one change of the size that rounding to 2 to 3 bits makes tells the factor. Where there are no samples, or the outputs
/// do not move, the error counts relative to the layer's own output.
/// </remarks>
static class OutputCurvature
{
    // Of the root mean square of the weights: the step of the change.
    const double TrialStep = 0.8;

    const double VectorChange = 0.05;

    /// <summary>Of a layer: divergence for Σ e·H·eᵀ, H the second moment of its input; for Σ e² where that is not known.</summary>
    public static double Of(NetworkRewrite rewrite, WeightedLayer layer)
    {
        var rows = WeightRows.Of(rewrite, layer);
        var moments = rewrite.Roundings?.MomentsOf(layer, rows, out _)?.All();
        if (moments is not null && (moments.Columns != rows.Columns || rows.Rows % moments.Groups != 0 || moments.Rows == 0)) moments = null;
        double square = 0;
        foreach (float value in rows.Values) square += (double)value * value;
        double power = Math.Sqrt(square / Math.Max(1, rows.Values.Length));
        if (!(power > 0) || !double.IsFinite(power)) return 1;
        var groups = moments is null ? null : MomentGroups.Of(moments, isCentered: false);
        if (groups?.IsUsable == false) groups = null;
        double ErrorOf(float[] errors) => groups?.ErrorOf(errors) ?? errors.Sum(error => (double)error * error);
        double? measured = rewrite.Facts?.Curvature(layer.Id, () =>
        {
            float step = (float)(TrialStep * power);
            float[] errors = Array.ConvertAll(rows.Values, value => MathF.Round(value / step) * step - value);
            var trial = (rewrite.Unquantized ?? rewrite).Copy();
            var own = trial.Layers.First(other => other.Id == layer.Id);
            trial.TakeWeight(own, trial.AddInitializer(own.WeightName + "_t", Tensor.Of([.. own.WeightDimensions], rows.Stored([.. rows.Values.Zip(errors, (value, error) => value + error)]))));
            CompactGraph.Compact(trial);
            return (trial.Model, ErrorOf(errors));
        });
        return measured is > 0 and double curvature && double.IsFinite(curvature) ? curvature : 1 / Math.Max(ErrorOf(rows.Values), double.Epsilon);
    }

    /// <summary>Of a vector: divergence for the sum of the squared changes; null where there are no samples or the outputs do not move.</summary>
    public static double? Of(NetworkRewrite rewrite, TensorProto vector)
    {
        float[] values = TensorData.ReadFloat32(vector, rewrite.Model);
        double power = Math.Sqrt(values.Sum(value => (double)value * value) / values.Length);
        if (!(power > 0) || !double.IsFinite(power)) return null;
        double? measured = rewrite.Facts?.Curvature(vector.Name, () =>
        {
            // Signs that look random, the same each time.
            float[] changed = [.. values.Select((value, i) => value + (float)(VectorChange * power) * ((i * 0x9E3779B1u >> 13 & 1) == 0 ? 1 : -1))];
            var trial = (rewrite.Unquantized ?? rewrite).Copy();
            var own = trial.Graph.Initializer.First(other => other.Name == vector.Name);
            TensorData.Overwrite(own, changed);
            trial.Changed();
            CompactGraph.Compact(trial);
            return (trial.Model, changed.Zip(values, (a, b) => Math.Pow((double)a - b, 2)).Sum());
        });
        return measured is > 0 and double curvature && double.IsFinite(curvature) ? curvature : null;
    }
}
