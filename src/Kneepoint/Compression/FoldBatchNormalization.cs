using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Quantization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>Folds batch normalizations into the layers before them.</summary>
/// <remarks>
/// With γ, β, μ, σ² of the normalization, per output channel c: w'_c = w_c · γ_c / √(σ²_c + ε), b'_c = (b_c − μ_c) · γ_c / √(σ²_c + ε) + β_c, computed in binary64 and rounded once
/// to binary32. Folded are normalizations in inference form with fixed parameters whose only input is a Conv, ConvTranspose or Gemm with fixed weight and bias that
/// nothing else uses. A normalization before a Conv is left: with padding the fold would be wrong at the borders. The value keeps the
/// normalization's name. Source: [Jacob2018] section 3.2.
/// </remarks>
public sealed record FoldBatchNormalization : CompressionMethod
{
    internal const string MethodName = "fold-batch-norm";

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "batch normalizations folded into the layers before them";

    /// <inheritdoc/>
    public override bool TreatsWholeNetwork => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => ImmutableSortedDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return TensorData.StoredBytes(layer.Weight);
    }

    // Folding comes before every step; there is nothing left to do.
    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
    }

    /// <summary>Folds all that can be folded and reports the count.</summary>
    internal static void Fold(NetworkRewrite rewrite)
    {
        var normalizations = rewrite.Graph.Node.Where(node => node.IsStandard("BatchNormalization")).ToArray();
        if (normalizations.Length == 0) return;
        var layers = rewrite.Layers.Where(layer => !layer.IsRecurrent).ToDictionary(layer => layer.Node.FirstOutput(), StringComparer.Ordinal);
        int folded = 0;
        foreach (var normalization in normalizations)
        {
            if (!layers.TryGetValue(normalization.InputOrEmpty(0), out var layer) || !TryFold(rewrite, layer, normalization)) continue;
            folded++;
        }

        if (folded == 0) return;
        rewrite.FindLayersAgain();
        rewrite.Note("batch-norm-folded", string.Create(CultureInfo.InvariantCulture,
            $"{folded} of {normalizations.Length} batch normalizations were folded into the layers before them."));
    }

    static bool TryFold(NetworkRewrite rewrite, WeightedLayer layer, NodeProto normalization)
    {
        var node = layer.Node;
        // In 16 bits the products would be rounded once more, in 64 they would lose digits.
        if (layer.OtherArithmetic is not null) return false;
        if (layer.OpType is not ("Conv" or "ConvTranspose" or "Gemm") || node.FirstOutput() != normalization.Input[0]) return false;
        if (normalization.Output.Count(output => output.Length > 0) != 1 || normalization.GetInt("training_mode", 0) != 0
            || normalization.GetInt("spatial", 1) != 1)
        {
            return false;
        }

        var index = rewrite.Index;
        if (index.IsGraphOutput(node.FirstOutput()) || index.Consumers(node.FirstOutput()).Count != 1) return false;
        int channels = checked((int)layer.OutputChannels);
        if (!LayerBias.IsPerChannel(layer, index)) return false;
        if (!TryChannels(rewrite, layer.BiasName, channels, 0, out float[] bias)) return false;
        float[][] parameters = new float[4][];
        for (int i = 0; i < 4; i++)
        {
            if (!TryChannels(rewrite, normalization.InputOrEmpty(i + 1), channels, null, out parameters[i])) return false;
        }

        var (scales, shifts) = Affine(parameters, normalization.GetFloat("epsilon", 1e-5f), bias, layer);
        if (!scales.All(double.IsFinite) || !shifts.All(float.IsFinite)) return false;
        float[] weights = rewrite.WeightOf(layer);
        Scale(weights, layer, scales);
        node.Input[1] = rewrite.AddInitializer(layer.WeightName, Tensor.Of([.. layer.WeightDimensions], weights));
        while (node.Input.Count < 3) node.Input.Add("");
        node.Input[2] = rewrite.AddInitializer(layer.BiasName ?? layer.WeightName + "_bias", Tensor.Of([channels], shifts));
        if (layer.OpType == "Gemm") node.Without("beta");
        node.Output[0] = normalization.Output[0];
        rewrite.Graph.Node.Remove(normalization);
        rewrite.Changed();
        return true;
    }

    // A Gemm computes alpha · A B + beta · C: the weight takes the scale, the bias loses its factor.
    static (double[] Scales, float[] Shifts) Affine(float[][] parameters, float epsilon, float[] bias, WeightedLayer layer)
    {
        double factor = layer.OpType == "Gemm" ? layer.Node.GetFloat("beta", 1) : 1;
        var (gamma, beta, mean, variance) = (parameters[0], parameters[1], parameters[2], parameters[3]);
        double[] scales = new double[gamma.Length];
        float[] shifts = new float[gamma.Length];
        for (int c = 0; c < gamma.Length; c++)
        {
            scales[c] = gamma[c] / Math.Sqrt((double)variance[c] + epsilon);
            shifts[c] = (float)((bias[c] * factor - mean[c]) * scales[c] + beta[c]);
        }

        return (scales, shifts);
    }

    static void Scale(float[] weights, WeightedLayer layer, double[] scales)
    {
        var (outer, inner) = WeightShape.Around(layer);
        int perGroup = (int)layer.WeightDimensions[layer.OutputAxis];
        // Weights of a transposed convolution are [C, M / group, …]: the group of an input channel decides which output channels it makes.
        int rowsPerGroup = layer.OpType == "ConvTranspose" ? outer / (int)layer.Group : outer;
        for (int o = 0; o < outer; o++)
        {
            int first = o / rowsPerGroup * perGroup;
            for (int c = 0; c < perGroup; c++)
            {
                double scale = scales[first + c];
                var row = weights.AsSpan((o * perGroup + c) * inner, inner);
                foreach (ref float weight in row) weight = (float)(weight * scale);
            }
        }
    }

    static bool TryChannels(NetworkRewrite rewrite, string? name, int channels, float? otherwise, out float[] values)
    {
        values = new float[channels];
        if (string.IsNullOrEmpty(name))
        {
            if (otherwise is { } fill) values.AsSpan().Fill(fill);
            return otherwise is not null;
        }

        if (!rewrite.Index.TryConstant(name, out var tensor)) return false;
        float[] stored = TensorData.ReadFloat32(tensor, rewrite.Model);
        if (stored.Length != channels && stored.Length != 1) return false;
        for (int c = 0; c < channels; c++) values[c] = stored[stored.Length == 1 ? 0 : c];
        return true;
    }
}
