using System.Runtime.InteropServices;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Coding.Indices;

/// <summary>Codes whole numbers by how often each of them comes, whatever stands around it: the code that is read fastest.</summary>
/// <remarks>The numbers of the window of 255 that holds the most have symbols of their own (<see cref="RansCode"/>); the others share one, and follow by themselves.</remarks>
static class StaticIndexCode
{
    const int SymbolBits = 8;

    /// <summary>Writes numbers.</summary>
    /// <param name="coder">Takes the window, the shares, and the numbers outside of the window.</param>
    /// <param name="plain">Takes the symbols.</param>
    /// <param name="values">The numbers; at least one.</param>
    public static void Write(IBitCoder coder, PlainBytes plain, ReadOnlySpan<int> values)
    {
        var (least, width) = Window(values);
        byte[] symbols = new byte[values.Length];
        bool hasOthers = false;
        for (int i = 0; i < values.Length; i++)
        {
            long symbol = (long)values[i] - least;
            bool isOther = symbol < 0 || symbol >= width;
            hasOthers |= isOther;
            symbols[i] = (byte)(isOther ? width : symbol);
        }

        int[] counts = new int[width + (hasOthers ? 1 : 0)];
        foreach (byte symbol in symbols) counts[symbol]++;
        int[] shares = StaticShares.Of(counts);
        Head(coder, ref least, ref width, ref hasOthers);
        StaticShares.Code(coder, shares);
        byte[] code = RansCode.Write(symbols, shares);
        coder.CodeNumber((ulong)code.Length);
        plain.Add(code);
        for (int i = 0; i < values.Length && hasOthers; i++)
        {
            if (symbols[i] == width) coder.CodeRaw((uint)values[i], 32);
        }
    }

    /// <summary>Reads numbers.</summary>
    /// <exception cref="PackedModelException">The shares do not add up, or the plain bytes end before.</exception>
    public static void Read(IBitCoder coder, PlainBytes plain, Span<int> values)
    {
        int least = 0, width = 0;
        bool hasOthers = false;
        Head(coder, ref least, ref width, ref hasOthers);
        int[] shares = new int[width + (hasOthers ? 1 : 0)];
        StaticShares.Code(coder, shares);
        RansCode.Read(plain.Take(coder.CodeNumber(0)), shares, least, values);
        for (int i = 0; i < values.Length && hasOthers; i++)
        {
            if (values[i] == unchecked(least + width)) values[i] = (int)coder.CodeRaw(0, 32);
        }
    }

    static void Head(IBitCoder coder, ref int least, ref int width, ref bool hasOthers)
    {
        least = (int)coder.CodeRaw((uint)least, 32);
        width = (int)coder.CodeRaw((ulong)width - 1, SymbolBits) + 1;
        hasOthers = width < RansCode.MostSymbols && coder.CodeRaw(hasOthers ? 1u : 0, 1) != 0;
    }

    // All numbers if they fit; else those of the 255 neighbors that come most.
    static (int Least, int Width) Window(ReadOnlySpan<int> values)
    {
        var counts = new Dictionary<int, int>();
        foreach (int value in values) CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
        int[] sorted = [.. counts.Keys.Order()];
        if ((long)sorted[^1] - sorted[0] < RansCode.MostSymbols) return (sorted[0], sorted[^1] - sorted[0] + 1);
        int first = 0, best = 0, last = 0;
        long within = 0, most = 0;
        for (int i = 0; i < sorted.Length; i++)
        {
            within += counts[sorted[i]];
            while ((long)sorted[i] - sorted[first] >= RansCode.MostSymbols - 1) within -= counts[sorted[first++]];
            if (within > most) (most, best, last) = (within, first, i);
        }

        return (sorted[best], sorted[last] - sorted[best] + 1);
    }
}
