using System.Runtime.Intrinsics;

namespace Kneepoint.Compression.Quantization;

/// <summary>Packs 4-bit codes two to a byte, the first in the low half, as ONNX and its runtime have it.</summary>
/// <remarks>
/// Computes destination[i] = (codes[2 i] &amp; 15) | (codes[2 i + 1] &amp; 15) &lt;&lt; 4; an odd count leaves the high half of the last byte 0. Signed codes
/// (−8 to 7) and unsigned ones (0 to 15, passed as their bits) pack alike. Cost: O(n), no allocation.
/// </remarks>
public static class Int4Packing
{
    /// <summary>The bytes that so many codes take.</summary>
    public static int ByteCount(int codeCount) => (codeCount + 1) / 2;

    /// <summary>Packs codes; the upper halves of the codes are dropped.</summary>
    /// <param name="codes">[n], −8 to 7 or 0 to 15.</param>
    /// <param name="destination">At least [(n + 1) / 2].</param>
    /// <exception cref="ArgumentException">The destination is too short.</exception>
    public static void Pack(ReadOnlySpan<sbyte> codes, Span<byte> destination)
    {
        int bytes = ByteCount(codes.Length);
        if (destination.Length < bytes)
        {
            throw new ArgumentException($"{codes.Length} codes take {bytes} bytes, the destination holds {destination.Length}.", nameof(destination));
        }

        int i = 0;
        if (Vector256.IsHardwareAccelerated)
        {
            var even = Vector256.Create((ushort)0x000F);
            var odd = Vector256.Create((ushort)0x00F0);
            for (; i <= codes.Length - 64; i += 64)
            {
                // Each 16-bit lane holds a pair: the first code in its lower byte, the second in its upper.
                var a = Vector256.Create(codes.Slice(i, 32)).AsUInt16();
                var b = Vector256.Create(codes.Slice(i + 32, 32)).AsUInt16();
                a = (a & even) | (Vector256.ShiftRightLogical(a, 4) & odd);
                b = (b & even) | (Vector256.ShiftRightLogical(b, 4) & odd);
                Vector256.Narrow(a, b).CopyTo(destination[(i / 2)..]);
            }
        }

        for (; i + 1 < codes.Length; i += 2) destination[i / 2] = (byte)((codes[i] & 15) | ((codes[i + 1] & 15) << 4));
        if (i < codes.Length) destination[i / 2] = (byte)(codes[i] & 15);
    }

    /// <summary>Unpacks signed codes.</summary>
    /// <param name="packed">At least [(n + 1) / 2].</param>
    /// <param name="destination">[n]; filled with −8 to 7.</param>
    /// <exception cref="ArgumentException">There are too few packed bytes.</exception>
    public static void UnpackSigned(ReadOnlySpan<byte> packed, Span<sbyte> destination)
    {
        CheckPacked(packed, destination.Length);
        for (int i = 0; i < destination.Length; i++)
        {
            int bits = packed[i / 2] >> (i % 2 * 4);
            destination[i] = (sbyte)((bits << 28) >> 28);
        }
    }

    /// <summary>Unpacks unsigned codes.</summary>
    /// <param name="packed">At least [(n + 1) / 2].</param>
    /// <param name="destination">[n]; filled with 0 to 15.</param>
    /// <exception cref="ArgumentException">There are too few packed bytes.</exception>
    public static void UnpackUnsigned(ReadOnlySpan<byte> packed, Span<byte> destination)
    {
        CheckPacked(packed, destination.Length);
        for (int i = 0; i < destination.Length; i++) destination[i] = (byte)((packed[i / 2] >> (i % 2 * 4)) & 15);
    }

    static void CheckPacked(ReadOnlySpan<byte> packed, int count)
    {
        if (packed.Length < ByteCount(count))
        {
            throw new ArgumentException($"{count} codes take {ByteCount(count)} bytes, there are {packed.Length}.", nameof(packed));
        }
    }
}
