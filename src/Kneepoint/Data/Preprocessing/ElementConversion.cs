using System.Runtime.InteropServices;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>Converts numbers between element types through double.</summary>
/// <remarks>Rounds half to even where a float type is narrower. Into an integer type nothing is rounded: a fraction is an error.</remarks>
static class ElementConversion
{
    // Beyond 2^53 a double does not hold every integer.
    const long ExactLimit = 1L << 53;

    /// <summary>Whether the type is one of the float types.</summary>
    public static bool IsFloat(ElementType type)
        => type is ElementType.Float16 or ElementType.BFloat16 or ElementType.Float32 or ElementType.Float64;

    /// <summary>Whether values of the type can be read and written here.</summary>
    public static bool IsSupported(ElementType type)
        => type is not (ElementType.Undefined or ElementType.String or ElementType.Int4 or ElementType.UInt4) && Tensor.Bits(type) > 0;

    /// <summary>Reads elements as doubles.</summary>
    /// <exception cref="DataException">An integer beyond 2^53.</exception>
    public static void Read(ElementType type, ReadOnlySpan<byte> bytes, Span<double> destination)
    {
        switch (type)
        {
            case ElementType.UInt8 or ElementType.Bool: Widen<byte>(bytes, destination, value => value); break;
            case ElementType.Int8: Widen<sbyte>(bytes, destination, value => value); break;
            case ElementType.UInt16: Widen<ushort>(bytes, destination, value => value); break;
            case ElementType.Int16: Widen<short>(bytes, destination, value => value); break;
            case ElementType.UInt32: Widen<uint>(bytes, destination, value => value); break;
            case ElementType.Int32: Widen<int>(bytes, destination, value => value); break;
            case ElementType.UInt64: Widen<ulong>(bytes, destination, value => Exact(value)); break;
            case ElementType.Int64: Widen<long>(bytes, destination, value => Exact(value)); break;
            case ElementType.Float16: Widen<Half>(bytes, destination, value => (double)value); break;
            case ElementType.BFloat16: Widen<ushort>(bytes, destination, value => BitConverter.UInt32BitsToSingle((uint)value << 16)); break;
            case ElementType.Float32: Widen<float>(bytes, destination, value => value); break;
            case ElementType.Float64: Widen<double>(bytes, destination, value => value); break;
            default: throw new DataException($"Elements of type {type} cannot be read.");
        }
    }

    /// <summary>Writes doubles as elements.</summary>
    /// <exception cref="DataException">A value is not finite, not in the type's range, or a fraction for an integer type.</exception>
    public static void Write(ReadOnlySpan<double> values, ElementType type, Span<byte> destination)
    {
        switch (type)
        {
            case ElementType.Bool: Narrow<byte>(values, destination, value => (byte)Whole(value, 0, 1, type)); break;
            case ElementType.UInt8: Narrow<byte>(values, destination, value => (byte)Whole(value, 0, byte.MaxValue, type)); break;
            case ElementType.Int8: Narrow<sbyte>(values, destination, value => (sbyte)Whole(value, sbyte.MinValue, sbyte.MaxValue, type)); break;
            case ElementType.UInt16: Narrow<ushort>(values, destination, value => (ushort)Whole(value, 0, ushort.MaxValue, type)); break;
            case ElementType.Int16: Narrow<short>(values, destination, value => (short)Whole(value, short.MinValue, short.MaxValue, type)); break;
            case ElementType.UInt32: Narrow<uint>(values, destination, value => (uint)Whole(value, 0, uint.MaxValue, type)); break;
            case ElementType.Int32: Narrow<int>(values, destination, value => (int)Whole(value, int.MinValue, int.MaxValue, type)); break;
            case ElementType.UInt64: Narrow<ulong>(values, destination, value => (ulong)Whole(value, 0, ExactLimit, type)); break;
            case ElementType.Int64: Narrow<long>(values, destination, value => Whole(value, -ExactLimit, ExactLimit, type)); break;
            case ElementType.Float16: Narrow<Half>(values, destination, value => (Half)Finite(value, 65504, type)); break;
            case ElementType.BFloat16: Narrow<ushort>(values, destination, value => ToBFloat16((float)Finite(value, 3.3895313892515355e38, type))); break;
            case ElementType.Float32: Narrow<float>(values, destination, value => (float)Finite(value, float.MaxValue, type)); break;
            case ElementType.Float64: Narrow<double>(values, destination, value => Finite(value, double.MaxValue, type)); break;
            default: throw new DataException($"Elements of type {type} cannot be written.");
        }
    }

    /// <summary>The first value that is not finite; −1 if there is none, or the type has no such values.</summary>
    public static int IndexOfNotFinite(ElementType type, ReadOnlySpan<byte> bytes) => type switch
    {
        ElementType.Float32 => IndexOfNotFinite(MemoryMarshal.Cast<byte, float>(bytes)),
        ElementType.Float64 => IndexOfNotFinite(MemoryMarshal.Cast<byte, double>(bytes)),
        ElementType.Float16 => IndexOfNotFinite(MemoryMarshal.Cast<byte, Half>(bytes)),
        _ => -1,
    };

    static int IndexOfNotFinite<T>(ReadOnlySpan<T> values) where T : struct, System.Numerics.INumberBase<T>
    {
        for (int i = 0; i < values.Length; i++)
        {
            if (!T.IsFinite(values[i])) return i;
        }

        return -1;
    }

    static void Widen<T>(ReadOnlySpan<byte> bytes, Span<double> destination, Func<T, double> convert) where T : unmanaged
    {
        var values = MemoryMarshal.Cast<byte, T>(bytes);
        for (int i = 0; i < destination.Length; i++) destination[i] = convert(values[i]);
    }

    static void Narrow<T>(ReadOnlySpan<double> values, Span<byte> destination, Func<double, T> convert) where T : unmanaged
    {
        var converted = MemoryMarshal.Cast<byte, T>(destination);
        for (int i = 0; i < values.Length; i++) converted[i] = convert(values[i]);
    }

    static double Exact(Int128 value) => Int128.Abs(value) <= ExactLimit
        ? (double)value
        : throw new DataException($"expected whole numbers up to 2^53 (9007199254740992), found {value}");

    static long Whole(double value, double low, double high, ElementType type)
    {
        if (value >= low && value <= high && value == Math.Truncate(value)) return (long)value;
        throw new DataException(string.Create(System.Globalization.CultureInfo.InvariantCulture,
            $"expected whole numbers from {low} to {high} for {type}, found {value}"));
    }

    static double Finite(double value, double limit, ElementType type) => Math.Abs(value) <= limit
        ? value
        : throw new DataException(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"expected a finite number for {type}, found {value}"));

    static ushort ToBFloat16(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value);
        return (ushort)((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
    }
}
