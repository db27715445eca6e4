using System.Buffers.Binary;
using System.Globalization;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Coding.Floats;

/// <summary>Codes the exponents of floating-point numbers by how often each comes (<see cref="StaticIndexCode"/>); signs and mantissas stand as they are. Zeros have no more than a symbol.</summary>
static class StaticFloatCode
{
    // What is read at once, and up to seven bits before it.
    const int SpareBytes = sizeof(ulong);
    const int Zero = -1;

    /// <summary>Writes numbers.</summary>
    public static void Write(IBitCoder coder, PlainBytes plain, ReadOnlySpan<ulong> bits, FloatLayout layout, FloatForm form)
    {
        int[] exponents = new int[bits.Length];
        int width = Width(layout, form);
        byte[] rest = new byte[(long)bits.Length * width / 8 + 1 + SpareBytes];
        long place = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            exponents[i] = bits[i] == 0 ? Zero : layout.Exponent(bits[i]);
            if (bits[i] == 0) continue;
            ulong mantissa = (bits[i] & ((1UL << layout.MantissaBits) - 1)) >> form.TrailingZeros;
            ulong sign = bits[i] >> (layout.ExponentBits + layout.MantissaBits);
            var target = rest.AsSpan((int)(place >> 3), SpareBytes);
            ulong word = (sign << (width - 1)) | mantissa;
            BinaryPrimitives.WriteUInt64LittleEndian(target, BinaryPrimitives.ReadUInt64LittleEndian(target) | (word << (int)(place & 7)));
            place += width;
        }

        StaticIndexCode.Write(coder, plain, exponents);
        plain.Add(rest[..(int)((place + 7) / 8)]);
    }

    /// <summary>Reads numbers.</summary>
    /// <exception cref="PackedModelException">The plain bytes end before, or an exponent is none.</exception>
    public static void Read(IBitCoder coder, PlainBytes plain, Span<ulong> bits, FloatLayout layout, FloatForm form)
    {
        int[] exponents = new int[bits.Length];
        StaticIndexCode.Read(coder, plain, exponents);
        int width = Width(layout, form), largest = (1 << layout.ExponentBits) - 1;
        long numbers = 0;
        foreach (int exponent in exponents)
        {
            if (exponent < Zero || exponent > largest) throw new PackedModelException(string.Create(CultureInfo.InvariantCulture, $"A number has the exponent {exponent}, of {layout.ExponentBits} bits."));
            numbers += exponent == Zero ? 0 : 1;
        }

        var rest = plain.Take((ulong)((numbers * width + 7) / 8));
        ulong mask = (1UL << (width - 1)) - 1;
        long place = 0;
        for (int i = 0; i < bits.Length; i++)
        {
            if (exponents[i] == Zero)
            {
                bits[i] = 0;
                continue;
            }

            ulong word = Word(rest, (int)(place >> 3)) >> (int)(place & 7);
            place += width;
            bits[i] = (((word >> (width - 1)) & 1) << (layout.ExponentBits + layout.MantissaBits)) | ((ulong)exponents[i] << layout.MantissaBits) | ((word & mask) << form.TrailingZeros);
        }
    }

    // Sign and mantissa: at most 53 bits, so that eight bytes hold them wherever they begin.
    static int Width(FloatLayout layout, FloatForm form) => 1 + layout.MantissaBits - form.TrailingZeros;

    static ulong Word(ReadOnlySpan<byte> bytes, int place)
    {
        if (place + sizeof(ulong) <= bytes.Length) return BinaryPrimitives.ReadUInt64LittleEndian(bytes[place..]);
        ulong word = 0;
        for (int i = bytes.Length - 1; i >= place; i--) word = (word << 8) | bytes[i];
        return word;
    }
}
