using System.Collections.Immutable;
using Kneepoint.Onnx;

namespace Kneepoint.Limits.Noise;

/// <summary>All networks whose weights lie near those of a given one: every weight w of a layer in [w − radius, w + radius].</summary>
/// <param name="Radii">By the layer's id; layers that are not named are exact.</param>
public sealed record WeightBox(ImmutableDictionary<string, LayerRadius> Radii)
{
    // Scale and rounded weight are stored in binary32. Each of the two and the quotient is off by 2^-24 of itself, which together moves a weight by less than 2^-21·max|w|.
    const double StorageRoom = 1.0 / (1 << 21);

    /// <summary>The network itself.</summary>
    public static WeightBox Exact { get; } = new(ImmutableDictionary<string, LayerRadius>.Empty);

    /// <summary>The box that contains what symmetric rounding makes of each layer, to the nearest code or in any other way that moves no weight by more than half a step.</summary>
    /// <remarks>
    /// Computes radius = Δ ÷ 2 + 2^-21·max|w| with Δ = max|w| ÷ (2^(bits − 1) − 1), over the layer or over each output channel. The second term is room
    /// for scales and weights stored in binary32. Biases are exact.
    /// </remarks>
    /// <param name="model">The network; the weights of all its layers are read.</param>
    /// <param name="bits">2 to 24.</param>
    /// <param name="isPerChannel">Whether each output channel has a step of its own.</param>
    /// <exception cref="OnnxModelException">A weight cannot be read.</exception>
    public static WeightBox SymmetricAbsMax(OnnxModel model, int bits, bool isPerChannel = false)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(bits, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bits, 24);
        double share = 0.5 / ((1 << (bits - 1)) - 1) + StorageRoom;
        var radii = ImmutableDictionary.CreateBuilder<string, LayerRadius>(StringComparer.Ordinal);
        foreach (var layer in WeightedLayers.Find(model).Layers)
        {
            double[] peaks = Peaks(layer, TensorData.ReadFloat32(layer.Weight, model), isPerChannel);
            radii.Add(layer.Id, new LayerRadius([.. peaks.Select(peak => peak * share)]));
        }

        return new WeightBox(radii.ToImmutable());
    }

    /// <summary>The radius of a layer; exact where it is not named.</summary>
    /// <param name="layerId">The layer.</param>
    /// <param name="channels">Its output channels.</param>
    internal LayerRadius Of(string layerId, int channels)
    {
        if (!Radii.TryGetValue(layerId, out var radius)) return LayerRadius.Exact;
        return radius.Weights.Length == 1 || radius.Weights.Length == channels ? radius : throw new ArgumentOutOfRangeException(
            nameof(layerId), radius.Weights.Length, $"The layer '{layerId}' has {channels} output channels; its box has radii for {radius.Weights.Length}.");
    }

    static double[] Peaks(WeightedLayer layer, float[] weights, bool isPerChannel)
    {
        int channels = isPerChannel ? (int)layer.WeightDimensions[layer.OutputAxis] : 1;
        long inner = layer.WeightDimensions.Skip(layer.OutputAxis + 1).Aggregate(1L, (product, size) => product * size);
        double[] peaks = new double[channels];
        for (long i = 0; i < weights.LongLength; i++)
        {
            ref double peak = ref peaks[isPerChannel ? i / inner % channels : 0];
            peak = Math.Max(peak, Math.Abs(weights[i]));
        }

        return peaks;
    }
}
