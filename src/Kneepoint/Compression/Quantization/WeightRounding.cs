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
}
