using System.Globalization;
using System.Runtime.InteropServices;

namespace Kneepoint.Tensors;

/// <summary>A dense, row-major array of numbers of one type.</summary>
/// <remarks>The bytes are owned by whoever made the tensor and are not copied. 4-bit types are packed two to a byte.</remarks>
public sealed class Tensor
{
    /// <summary>Joins bytes and their meaning.</summary>
    /// <param name="elementType">The type of each element; not <see cref="ElementType.String"/>.</param>
    /// <param name="dimensions">Outermost first; empty for a scalar.</param>
    /// <param name="bytes">Exactly the bytes of all elements.</param>
    /// <exception cref="ArgumentException">The byte count does not fit type and dimensions.</exception>
    public Tensor(ElementType elementType, ReadOnlySpan<long> dimensions, Memory<byte> bytes)
    {
        long expected = ByteCount(elementType, dimensions);
        if (bytes.Length != expected)
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"A {elementType} tensor [{string.Join(", ", dimensions.ToArray())}] takes {expected} bytes, not {bytes.Length}."),
                nameof(bytes));
        }

        ElementType = elementType;
        Dimensions = dimensions.ToArray();
        Bytes = bytes;
    }

    /// <summary>The type of each element.</summary>
    public ElementType ElementType { get; }

    /// <summary>Outermost first; empty for a scalar. Not to be written.</summary>
    public IReadOnlyList<long> Dimensions { get; }

    /// <summary>All elements, row-major, little-endian.</summary>
    public Memory<byte> Bytes { get; }

    /// <summary>The number of elements.</summary>
    public long ElementCount => Product(Dimensions);

    /// <summary>The elements as <typeparamref name="T"/>, without a copy.</summary>
    /// <exception cref="InvalidOperationException">The width of T differs from the element's.</exception>
    public Span<T> Values<T>() where T : unmanaged
    {
        int bits = Marshal.SizeOf<T>() * 8;
        if (typeof(T) == typeof(bool)) bits = 8;
        return bits == Bits(ElementType)
            ? MemoryMarshal.Cast<byte, T>(Bytes.Span)
            : throw new InvalidOperationException($"The tensor holds {ElementType}, not {typeof(T).Name}.");
    }

    /// <summary>Makes a tensor that owns a copy of the values.</summary>
    public static Tensor Of<T>(ElementType elementType, ReadOnlySpan<long> dimensions, ReadOnlySpan<T> values) where T : unmanaged
        => new(elementType, dimensions, MemoryMarshal.AsBytes(values).ToArray());

    /// <summary>Makes a <see cref="ElementType.Float32"/> tensor that owns a copy of the values.</summary>
    public static Tensor Of(ReadOnlySpan<long> dimensions, ReadOnlySpan<float> values) => Of(ElementType.Float32, dimensions, values);

    /// <summary>Makes an <see cref="ElementType.Int64"/> tensor that owns a copy of the values.</summary>
    public static Tensor Of(ReadOnlySpan<long> dimensions, ReadOnlySpan<long> values) => Of(ElementType.Int64, dimensions, values);

    /// <summary>The bits of one element; 0 where the width is not fixed.</summary>
    public static int Bits(ElementType elementType) => elementType switch
    {
        ElementType.Int4 or ElementType.UInt4 => 4,
        ElementType.Int8 or ElementType.UInt8 or ElementType.Bool => 8,
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Int32 or ElementType.UInt32 or ElementType.Float32 => 32,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Float64 => 64,
        _ => 0,
    };

    /// <summary>The bytes of a tensor; an odd count of 4-bit elements is rounded up to a whole byte.</summary>
    /// <exception cref="ArgumentException">The type has no fixed width, a dimension is negative, or the count overflows.</exception>
    public static long ByteCount(ElementType elementType, ReadOnlySpan<long> dimensions)
    {
        int bits = Bits(elementType);
        if (bits == 0) throw new ArgumentException($"Elements of type {elementType} have no fixed width.", nameof(elementType));
        Int128 count = 1;
        foreach (long dimension in dimensions)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
            count *= dimension;
            if (count > long.MaxValue / 64) throw new ArgumentException("The tensor is too large to count its bytes.", nameof(dimensions));
        }

        return (long)((count * bits + 7) / 8);
    }

    static long Product(IReadOnlyList<long> dimensions)
    {
        long count = 1;
        foreach (long dimension in dimensions) count *= dimension;
        return count;
    }
}
