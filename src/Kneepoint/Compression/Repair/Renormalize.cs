using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Repair;

/// <summary>Gives the channels of a network that was cut, factored or thinned the mean and the spread that they have in the original.</summary>
/// <remarks>
/// Channel c of a convolution with weight w and bias b becomes a·w, μ + a·(b − μ̂) with a = σ / σ̂: μ, σ on the calibration samples in the original, μ̂, σ̂ as the layers before it, corrected, let it be.
/// This is the re-estimation of batch-normalization statistics where normalizations are folded: [Jordan2023] section 3. All layers are found in one
/// pass (<see cref="BatchNormalized"/>). Channels that give next to nothing any more are shifted, not blown up.
/// </remarks>
public sealed record Renormalize : RestructuringMethod
{
    internal const string MethodName = "renormalize";

    // Of the spread in the original: a channel with less does not carry what it did.
    const double LeastSpread = 0.01;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "channels get the mean and spread of the original again, after cutting or factoring";

    /// <inheritdoc/>
    public override bool TreatsWholeNetwork => true;

    /// <inheritdoc/>
    public override RestructuringStage Stage => RestructuringStage.Renormalize;

    /// <inheritdoc/>
    public override bool NeedsMoments => true;

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

    internal override void Restructure(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers, CalibrationEvidence evidence)
    {
        var targets = Targets(rewrite, evidence.Original);
        if (targets.Count == 0) throw new RecipeNotApplicableException($"'{Name}': there is no convolution with a bias of its own whose inputs on calibration samples are known.");
        var found = evidence.Of(BatchNormalized.Of(rewrite.Model, targets), "normalized by batch");
        int corrected = 0;
        foreach (var layer in rewrite.Layers.ToArray())
        {
            if (!targets.TryGetValue(layer.Value, out var target) || ChannelStatistics.Of(rewrite, layer, found) is not { } now) continue;
            Correct(rewrite, layer, target, now);
            rewrite.Restructured(layer, this);
            corrected++;
        }

        rewrite.FindLayersAgain();
        rewrite.Note("renormalized", string.Create(CultureInfo.InvariantCulture, $"the channels of {corrected} convolutions have the mean and the spread of the original again, on the calibration samples."));
    }

    // Of the convolutions that can be corrected, by the value that they give: it bears the same name in both networks.
    static Dictionary<string, ChannelStatistics> Targets(NetworkRewrite rewrite, CalibrationEvidence original)
    {
        var baseline = rewrite.FoldedBaseline();
        var before = baseline.Layers.Where(layer => layer.OpType == "Conv").ToDictionary(layer => layer.Value, StringComparer.Ordinal);
        var targets = new Dictionary<string, ChannelStatistics>(StringComparer.Ordinal);
        foreach (var layer in rewrite.Layers)
        {
            if (!LayerBias.IsFree(rewrite, layer) || !before.TryGetValue(layer.Value, out var was)) continue;
            int[] kept = rewrite.KeptChannels(layer.Value, (int)was.OutputChannels);
            if (kept.Length != layer.OutputChannels) continue;
            if (ChannelStatistics.Of(baseline, was, original) is { } statistics) targets.Add(layer.Value, statistics.Of(kept));
        }

        return targets;
    }

    static void Correct(NetworkRewrite rewrite, WeightedLayer layer, ChannelStatistics target, ChannelStatistics now)
    {
        float[] weights = rewrite.WeightOf(layer);
        float[] bias = LayerBias.Of(rewrite, layer) ?? new float[now.Mean.Length];
        int columns = weights.Length / bias.Length;
        for (int c = 0; c < bias.Length; c++)
        {
            bool keepsSpread = !(now.Deviation[c] > LeastSpread * target.Deviation[c]) || target.Deviation[c] == 0;
            double factor = keepsSpread ? 1 : target.Deviation[c] / now.Deviation[c];
            for (int k = c * columns; k < (c + 1) * columns; k++) weights[k] = (float)(weights[k] * factor);
            bias[c] = (float)(target.Mean[c] + factor * (bias[c] - now.Mean[c]));
        }

        layer.Node.Input[layer.WeightInput] = rewrite.AddInitializer(layer.WeightName, Tensor.Of([.. layer.WeightDimensions], weights));
        while (layer.Node.Input.Count < 3) layer.Node.Input.Add("");
        layer.Node.Input[2] = rewrite.AddInitializer((layer.BiasName ?? layer.WeightName) + "_b", Tensor.Of([bias.Length], bias));
    }
}
