namespace Kneepoint.Compression.Quantization;

/// <summary>How the codes of a weight are chosen.</summary>
public enum WeightRounding
{
    /// <summary>The code nearest to each weight; convolutions are balanced (<see cref="BalancedRounding"/>), which takes no data.</summary>
    Balanced,

    /// <summary>The code nearest to each weight.</summary>
    Nearest,

    /// <summary>So that the layer's outputs on the calibration samples change least.</summary>
    Data,

    /// <summary>As <see cref="Data"/>, but layer behind layer: each for what the rounded layers before feed it, so that it makes up for their errors too.</summary>
    Successive,
}

/// <summary>What roundings have in common.</summary>
static class WeightRoundings
{
    /// <summary>Whether codes are chosen by the calibration samples.</summary>
    public static bool IsByData(this WeightRounding rounding) => rounding is WeightRounding.Data or WeightRounding.Successive;
}
