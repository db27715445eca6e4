namespace Kneepoint.Calibration;

/// <summary>Scale and zero point of unsigned 8-bit codes: real = scale × (code − zero point).</summary>
/// <param name="Scale">The distance of neighboring codes; positive, normal, finite.</param>
/// <param name="ZeroPoint">The code of zero.</param>
public readonly record struct QuantizationParameters(float Scale, byte ZeroPoint)
{
    /// <summary>Steps between the least and the greatest code.</summary>
    public const int Steps = 255;

    /// <summary>The parameters of a range.</summary>
    /// <remarks>
    /// Computes scale = (high - low) / 255 and zero point = round(-low / scale), rounding half to even, both in double; then scale is rounded to float32.
    /// Zero has a code of its own.
    /// A range without extent, or so small that the scale would not be a normal number, gives scale 1: its values all round to zero.
    /// Source: [ONNX-QuantizeLinear], [Jacob2018] eq. 1.
    /// </remarks>
    public static QuantizationParameters Of(ActivationRange range)
    {
        // In double: the extent of two finite numbers can pass the greatest float.
        double extent = (double)range.High - range.Low;
        float scale = (float)(extent / Steps);
        return float.IsNormal(scale)
            ? new QuantizationParameters(scale, (byte)Math.Round(-(double)range.Low * Steps / extent, MidpointRounding.ToEven))
            : new QuantizationParameters(1, 0);
    }

    /// <summary>The code of a value, as the runtime's QuantizeLinear computes it.</summary>
    /// <remarks>Computes clamp(round(x / scale) + zero point, 0, 255) in float32, rounding half to even; saturates. NaN gives 0.</remarks>
    public byte Quantize(float value)
    {
        float rounded = MathF.Round(value / Scale, MidpointRounding.ToEven) + ZeroPoint;
        return float.IsNaN(rounded) ? (byte)0 : (byte)Math.Clamp(rounded, 0f, Steps);
    }

    /// <summary>The value of a code: (code − zero point) × scale.</summary>
    public float Dequantize(byte code) => (code - ZeroPoint) * Scale;
}
