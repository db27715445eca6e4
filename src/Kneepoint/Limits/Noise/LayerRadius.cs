using System.Collections.Immutable;

namespace Kneepoint.Limits.Noise;

/// <summary>How far the weights of a layer may be from their values: half a step of the grid that they are rounded to.</summary>
/// <param name="Weights">One for the whole layer, or one per output channel; finite, not negative.</param>
/// <param name="Bias">Of each element of the layer's bias; 0 where it is exact.</param>
public sealed record LayerRadius(ImmutableArray<double> Weights, double Bias = 0)
{
    /// <summary>Exact weights.</summary>
    public static LayerRadius Exact { get; } = new([0.0]);

    /// <inheritdoc cref="LayerRadius(ImmutableArray{double}, double)" path="/param[@name='Weights']"/>
    public ImmutableArray<double> Weights { get; } = !Weights.IsDefaultOrEmpty && Weights.All(IsRadius) ? Weights
        : throw new ArgumentOutOfRangeException(nameof(Weights), "Expected at least one radius, each finite and at least 0.");

    /// <inheritdoc cref="LayerRadius(ImmutableArray{double}, double)" path="/param[@name='Bias']"/>
    public double Bias { get; } = IsRadius(Bias) ? Bias
        : throw new ArgumentOutOfRangeException(nameof(Bias), Bias, "Expected a finite radius of at least 0.");

    /// <summary>The radius of a channel's weights.</summary>
    internal double OfChannel(int channel) => Weights.Length == 1 ? Weights[0] : Weights[channel];

    static bool IsRadius(double radius) => radius >= 0 && double.IsFinite(radius);
}
