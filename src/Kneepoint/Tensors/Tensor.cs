using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kneepoint.Tensors;

/// <summary>A dense, row-major array of numbers of one type.</summary>
/// <remarks>The bytes are owned by whoever made the tensor and are not copied. 2- and 4-bit types are packed, the first element
/// in the lowest bits, and the last byte is filled with zeros.</remarks>
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

        TryCount(dimensions, out long count);
        ElementCount = count;
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
    public long ElementCount { get; }

    /// <summary>The elements as <typeparamref name="T"/>, without a copy.</summary>
    /// <exception cref="InvalidOperationException">The width of T differs from the element's.</exception>
    public Span<T> Values<T>() where T : unmanaged
    {
        int bits = Unsafe.SizeOf<T>() * 8;
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
        ElementType.Int2 or ElementType.UInt2 => 2,
        ElementType.Int4 or ElementType.UInt4 or ElementType.Float4E2M1 => 4,
        ElementType.Int8 or ElementType.UInt8 or ElementType.Bool or ElementType.Float8E4M3FN or ElementType.Float8E4M3FNUZ
            or ElementType.Float8E5M2 or ElementType.Float8E5M2FNUZ or ElementType.Float8E8M0 => 8,
        ElementType.Int16 or ElementType.UInt16 or ElementType.Float16 or ElementType.BFloat16 => 16,
        ElementType.Int32 or ElementType.UInt32 or ElementType.Float32 => 32,
        ElementType.Int64 or ElementType.UInt64 or ElementType.Float64 or ElementType.Complex64 => 64,
        ElementType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>The bytes of a tensor; elements of 2 or 4 bits are rounded up to a whole byte.</summary>
    /// <exception cref="ArgumentException">The type has no fixed width, a dimension is negative, or the count overflows.</exception>
    public static long ByteCount(ElementType elementType, ReadOnlySpan<long> dimensions)
    {
        int bits = Bits(elementType);
        if (bits == 0) throw new ArgumentException($"Elements of type {elementType} have no fixed width.", nameof(elementType));
        foreach (long dimension in dimensions) ArgumentOutOfRangeException.ThrowIfNegative(dimension, nameof(dimensions));
        return TryCount(dimensions, out long count)
            ? (long)(((Int128)count * bits + 7) / 8)
            : throw new ArgumentException("The tensor is too large to count its bytes.", nameof(dimensions));
    }

    /// <summary>The number of elements of a shape.</summary>
    /// <returns>False where a dimension is negative or the elements are more than 2^56: no such tensor exists.</returns>
    public static bool TryCount(ReadOnlySpan<long> dimensions, out long count)
    {
        const long Most = 1L << 56;
        count = 0;
        Int128 product = 1;
        bool isEmpty = dimensions.Contains(0);
        foreach (long dimension in dimensions)
        {
            if (dimension < 0) return false;
            if (isEmpty) continue;
            product *= dimension;
            if (product > Most) return false;
        }

        count = isEmpty ? 0 : (long)product;
        return true;
    }
}
