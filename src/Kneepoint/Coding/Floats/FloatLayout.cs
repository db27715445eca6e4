using Kneepoint.Tensors;

namespace Kneepoint.Coding.Floats;

/// <summary>Where sign, exponent and mantissa stand in a floating-point number: sign highest, then the exponent.</summary>
/// <param name="Bytes">Bytes of a number.</param>
/// <param name="ExponentBits">Bits of the exponent.</param>
/// <param name="MantissaBits">Stored bits of the mantissa.</param>
readonly record struct FloatLayout(int Bytes, int ExponentBits, int MantissaBits)
{
    /// <summary>The exponent of a number, as stored.</summary>
    public int Exponent(ulong value) => (int)(value >> MantissaBits) & ((1 << ExponentBits) - 1);

    /// <summary>The layout of a type; null if it is no floating-point type of 2 to 8 bytes.</summary>
    public static FloatLayout? Of(ElementType type) => type switch
    {
        ElementType.Float32 => new(4, 8, 23),
        ElementType.Float16 => new(2, 5, 10),
        ElementType.BFloat16 => new(2, 8, 7),
        ElementType.Float64 => new(8, 11, 52),
        _ => null,
    };
}
