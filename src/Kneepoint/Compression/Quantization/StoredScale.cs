namespace Kneepoint.Compression.Quantization;

/// <summary>How a scale is stored.</summary>
enum StoredScale
{
    /// <summary>In binary32.</summary>
    Single,

    /// <summary>In binary16 (<see cref="HalfScales"/>).</summary>
    Half,

    /// <summary>In 8 bits (<see cref="LogarithmicScales"/>).</summary>
    Logarithmic,
}

/// <summary>Rounds scales to what is stored of them.</summary>
static class StoredScales
{
    /// <summary>What a scale becomes.</summary>
    public static float Round(this StoredScale stored, float scale) => stored switch
    {
        StoredScale.Half => (float)(Half)scale,
        StoredScale.Logarithmic => LogarithmicScales.Nearest(scale),
        _ => scale,
    };

    /// <summary>Adds scales to the network as float values of a shape.</summary>
    public static string Add(this StoredScale stored, NetworkRewrite rewrite, string stem, float[] scales, ReadOnlySpan<long> dimensions) =>
        stored == StoredScale.Logarithmic ? rewrite.Scales.Add(rewrite, stem, scales, dimensions) : HalfScales.Add(rewrite, stem, scales, dimensions);
}
