using System.Buffers.Binary;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Kneepoint.Coding.Indices;

/// <summary>Codes symbols of known shares with eight interleaved states: the code that is read fastest.</summary>
/// <remarks>
/// A state x from 2¹⁶ to 2³² − 1 takes a symbol of share f that begins at b, and becomes (x / f) · 2¹² + b + x mod f; before that, a state of f · 2²⁰ or more gives its lower 16 bits away. Symbol i belongs to state
/// i mod 8. The writer goes from the last symbol to the first, the reader the other way. Source: the range variant of asymmetric numeral systems, [Duda2013]; interleaving after [Giesen2014].
/// </remarks>
static class RansCode
{
    /// <summary>How many states take turns.</summary>
    public const int Lanes = 8;

    /// <summary>The most symbols.</summary>
    public const int MostSymbols = 256;

    const int Bits = StaticShares.Bits;
    const uint Mask = StaticShares.Total - 1;
    const uint Least = 1u << 16;
    const int WordBytes = sizeof(ushort);
    const int StateBytes = Lanes * sizeof(uint);
    const int SymbolShift = 2 * Bits;

    /// <summary>Writes symbols.</summary>
    /// <param name="symbols">Numbers of symbols whose shares are not zero.</param>
    /// <param name="shares">The shares; they add up to <see cref="StaticShares.Total"/>.</param>
    /// <returns>The eight last states, lowest byte first, then the words that they gave away, in the order of reading.</returns>
    public static byte[] Write(ReadOnlySpan<byte> symbols, ReadOnlySpan<int> shares)
    {
        Span<uint> starts = stackalloc uint[MostSymbols];
        for (int i = 1; i < shares.Length; i++) starts[i] = starts[i - 1] + (uint)shares[i - 1];
        // A symbol gives one word away at most.
        byte[] code = new byte[StateBytes + symbols.Length * WordBytes];
        int place = code.Length;
        Span<uint> states = stackalloc uint[Lanes];
        states.Fill(Least);
        for (int i = symbols.Length - 1; i >= 0; i--)
        {
            ref uint state = ref states[i % Lanes];
            uint share = (uint)shares[symbols[i]];
            Debug.Assert(share > 0, "Only symbols that occur.");
            if (state >= (ulong)share << (32 - Bits))
            {
                place -= WordBytes;
                BinaryPrimitives.WriteUInt16LittleEndian(code.AsSpan(place), (ushort)state);
                state >>= 16;
            }

            state = (state / share << Bits) + starts[symbols[i]] + state % share;
        }

        place -= StateBytes;
        for (int lane = 0; lane < Lanes; lane++) BinaryPrimitives.WriteUInt32LittleEndian(code.AsSpan(place + lane * sizeof(uint)), states[lane]);
        return code[place..];
    }

    /// <summary>Reads symbols.</summary>
    /// <param name="code">What <see cref="Write"/> returned. Behind its end there are zeros, so that damaged bytes are read as noise.</param>
    /// <param name="shares">The shares.</param>
    /// <param name="least">What is added to the number of a symbol.</param>
    /// <param name="values">Filled with the symbols' numbers and <paramref name="least"/>.</param>
    public static void Read(ReadOnlySpan<byte> code, ReadOnlySpan<int> shares, int least, Span<int> values)
    {
        uint[] slots = Slots(shares);
        Span<uint> states = stackalloc uint[Lanes];
        for (int lane = 0; lane < Lanes && (lane + 1) * sizeof(uint) <= code.Length; lane++) states[lane] = BinaryPrimitives.ReadUInt32LittleEndian(code[(lane * sizeof(uint))..]);
        var words = code[Math.Min(StateBytes, code.Length)..];
        int place = 0, done = 0;
        while (done + Lanes <= values.Length && place + Lanes * WordBytes <= words.Length)
        {
            place = ReadOfEach(ref MemoryMarshal.GetArrayDataReference(slots), words, place, ref MemoryMarshal.GetReference(states), least, ref values[done]);
            done += Lanes;
        }

        for (; done < values.Length; done++)
        {
            ref uint state = ref states[done % Lanes];
            uint slot = slots[state & Mask];
            values[done] = (int)(slot >> SymbolShift) + least;
            state = Next(state, slot);
            if (state >= Least) continue;
            state = (state << 16) | (place + WordBytes <= words.Length ? BinaryPrimitives.ReadUInt16LittleEndian(words[place..]) : 0u);
            place += WordBytes;
        }
    }

    // One symbol of each state: eight chains that do not wait for one another. They take 16 bytes of words at most, and have one of eight states each.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static int ReadOfEach(ref uint slots, ReadOnlySpan<byte> words, int place, ref uint states, int least, ref int values)
    {
        ref byte source = ref MemoryMarshal.GetReference(words);
        for (int lane = 0; lane < Lanes; lane++)
        {
            uint state = Unsafe.Add(ref states, lane);
            uint slot = Unsafe.Add(ref slots, state & Mask);
            Unsafe.Add(ref values, lane) = (int)(slot >> SymbolShift) + least;
            state = Next(state, slot);
            ushort word = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref source, place));
            if (!BitConverter.IsLittleEndian) word = BinaryPrimitives.ReverseEndianness(word);
            bool takes = state < Least;
            Unsafe.Add(ref states, lane) = takes ? (state << 16) | word : state;
            place += takes ? WordBytes : 0;
        }

        return place;
    }

    static uint Next(uint state, uint slot) => ((slot & Mask) + 1) * (state >> Bits) + ((slot >> Bits) & Mask);

    // Of each place among all shares: the share less one, how far in the place is, and the symbol.
    static uint[] Slots(ReadOnlySpan<int> shares)
    {
        uint[] slots = new uint[StaticShares.Total];
        int place = 0;
        for (int symbol = 0; symbol < shares.Length; symbol++)
        {
            for (int k = 0; k < shares[symbol]; k++) slots[place++] = (uint)(shares[symbol] - 1) | ((uint)k << Bits) | ((uint)symbol << SymbolShift);
        }

        return slots;
    }
}
