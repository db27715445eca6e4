using System.Collections.Immutable;

namespace Kneepoint.Limits.Distortion;

/// <summary>The noise that an ideal code of a rate leaves on the weights: to be drawn, so that the noisy network can be measured.</summary>
/// <remarks>
/// Reverse water-filling (<see cref="ReverseWaterFilling"/>) over groups of weights of one variance and one sensitivity; for each group how far its weights shrink to their mean and which noise is added
/// (<see cref="ComponentNoise"/>). The accuracy of the noisy network over the rate is the noise-limited frontier: what an ideal vector quantizer would reach if weights were such draws. CONDITIONAL, as F is.
/// </remarks>
/// <param name="Filling">Water level, rate and weighted distortion of all weights.</param>
/// <param name="Sources">The noise of each source, in their order.</param>
public sealed record NoisePlan(WaterFilling Filling, ImmutableArray<ComponentNoise> Sources)
{
    /// <summary>The noise at a rate.</summary>
    /// <param name="sources">Variances and sensitivities; at least one with a product above 0.</param>
    /// <param name="rateBits">Bits of all weights together, at least 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite, or no source has both variance and sensitivity.</exception>
    public static NoisePlan AtRate(ReadOnlySpan<NoiseSource> sources, double rateBits) => Of(sources, Water(sources).AtRate(rateBits));

    /// <summary>The noise at a weighted distortion.</summary>
    /// <param name="sources">Variances and sensitivities; at least one with a product above 0.</param>
    /// <param name="distortion">Σ λ E(w − ŵ)², above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is negative or not finite, or no source has both variance and sensitivity.</exception>
    public static NoisePlan AtDistortion(ReadOnlySpan<NoiseSource> sources, double distortion) => Of(sources, Water(sources).AtDistortion(distortion));

    static ReverseWaterFilling Water(ReadOnlySpan<NoiseSource> sources)
    {
        var groups = new ComponentGroup[sources.Length];
        for (int i = 0; i < sources.Length; i++) groups[i] = new ComponentGroup(sources[i].Variance * sources[i].Sensitivity, sources[i].Count);
        var water = new ReverseWaterFilling(groups);
        return water.MostLevel > 0 ? water : throw new ArgumentOutOfRangeException(nameof(sources), sources.Length, "Expected a source of variance and sensitivity above 0.");
    }

    static NoisePlan Of(ReadOnlySpan<NoiseSource> sources, WaterFilling filling)
    {
        var noise = ImmutableArray.CreateBuilder<ComponentNoise>(sources.Length);
        foreach (var source in sources) noise.Add(ComponentNoise.At(source.Variance, source.Sensitivity, filling.WaterLevel));
        return new NoisePlan(filling, noise.MoveToImmutable());
    }
}
