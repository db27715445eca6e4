using System.Buffers.Binary;
using Kneepoint.Tensors;

namespace Kneepoint.Coding.Packing;

/// <summary>The elements of a tensor as the bits they have in a file.</summary>
static class ElementBits
{
    /// <summary>Reads little-endian elements of 16, 32 or 64 bits.</summary>
    public static ulong[] Read(ReadOnlySpan<byte> data, int bytes)
    {
        ulong[] bits = new ulong[data.Length / bytes];
        for (int i = 0; i < bits.Length; i++)
        {
            var element = data.Slice(i * bytes, bytes);
            bits[i] = bytes switch
            {
                2 => BinaryPrimitives.ReadUInt16LittleEndian(element),
                4 => BinaryPrimitives.ReadUInt32LittleEndian(element),
                _ => BinaryPrimitives.ReadUInt64LittleEndian(element),
            };
        }

        return bits;
    }

    /// <summary>Writes what <see cref="Read"/> reads.</summary>
    public static void Write(ReadOnlySpan<ulong> bits, Span<byte> data, int bytes)
    {
        for (int i = 0; i < bits.Length; i++)
        {
            var element = data.Slice(i * bytes, bytes);
            if (bytes == 2) BinaryPrimitives.WriteUInt16LittleEndian(element, (ushort)bits[i]);
            else if (bytes == 4) BinaryPrimitives.WriteUInt32LittleEndian(element, (uint)bits[i]);
            else BinaryPrimitives.WriteUInt64LittleEndian(element, bits[i]);
        }
    }

    /// <summary>Whether a type is one of whole numbers of 4 to 64 bits.</summary>
    public static bool IsInteger(ElementType type) => type is ElementType.Int8 or ElementType.UInt8 or ElementType.Int16 or ElementType.UInt16
        or ElementType.Int32 or ElementType.UInt32 or ElementType.Int64 or ElementType.UInt64 or ElementType.Bool or ElementType.Int4 or ElementType.UInt4;

    /// <summary>Reads whole numbers; those of 4 bits low half first, unsigned 64-bit numbers as signed ones of the same bits.</summary>
    public static long[] ReadIntegers(ReadOnlySpan<byte> data, ElementType type, int count)
    {
        long[] values = new long[count];
        for (int i = 0; i < count; i++)
        {
            values[i] = type switch
            {
                ElementType.Int4 => (sbyte)((data[i / 2] >> (i % 2 * 4)) << 4) >> 4,
                ElementType.UInt4 => (data[i / 2] >> (i % 2 * 4)) & 0xF,
                ElementType.Int8 => (sbyte)data[i],
                ElementType.UInt8 or ElementType.Bool => data[i],
                ElementType.Int16 => BinaryPrimitives.ReadInt16LittleEndian(data[(i * 2)..]),
                ElementType.UInt16 => BinaryPrimitives.ReadUInt16LittleEndian(data[(i * 2)..]),
                ElementType.Int32 => BinaryPrimitives.ReadInt32LittleEndian(data[(i * 4)..]),
                ElementType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(data[(i * 4)..]),
                _ => BinaryPrimitives.ReadInt64LittleEndian(data[(i * 8)..]),
            };
        }

        return values;
    }

    /// <summary>Writes the lowest bits of numbers in the width of a type.</summary>
    public static void WriteIntegers(ReadOnlySpan<long> values, Span<byte> data, ElementType type)
    {
        int bits = Tensor.Bits(type);
        if (bits == 4) data.Clear();
        for (int i = 0; i < values.Length; i++)
        {
            long value = values[i];
            if (bits == 4) data[i / 2] |= (byte)((value & 0xF) << (i % 2 * 4));
            else if (bits == 8) data[i] = (byte)value;
            else if (bits == 16) BinaryPrimitives.WriteInt16LittleEndian(data[(i * 2)..], (short)value);
            else if (bits == 32) BinaryPrimitives.WriteInt32LittleEndian(data[(i * 4)..], (int)value);
            else BinaryPrimitives.WriteInt64LittleEndian(data[(i * 8)..], value);
        }
    }
}
