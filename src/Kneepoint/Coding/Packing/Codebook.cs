using Kneepoint.Coding.Floats;

namespace Kneepoint.Coding.Packing;

/// <summary>The few values of a tensor.</summary>
/// <param name="Entries">Patterns of bits, in the order of the numbers, so that near places mean near numbers.</param>
/// <param name="Center">The place of the most frequent one.</param>
/// <param name="Distances">Of each number of the tensor: its place less the center.</param>
sealed record Codebook(ulong[] Entries, int Center, int[] Distances)
{
    /// <summary>The most entries.</summary>
    public const int MostEntries = 1 << 12;

    const int LeastRepetition = 8;

    /// <summary>Finds the codebook of numbers; null where there are too many values, or each comes too seldom.</summary>
    public static Codebook? Find(ulong[] bits, FloatLayout layout)
    {
        var distinct = new HashSet<ulong>();
        foreach (ulong value in bits)
        {
            if (distinct.Add(value) && (distinct.Count > MostEntries || distinct.Count * LeastRepetition > bits.Length)) return null;
        }

        ulong sign = 1UL << (layout.Bytes * 8 - 1);
        ulong[] entries = [.. distinct.OrderBy(value => (value & sign) == 0 ? value | sign : ~value & (sign | (sign - 1)))];
        var placeOf = entries.Select((value, place) => (value, place)).ToDictionary(e => e.value, e => e.place);
        int[] places = new int[bits.Length], counts = new int[entries.Length];
        for (int i = 0; i < bits.Length; i++) counts[places[i] = placeOf[bits[i]]]++;
        int most = counts.Max(), center = Array.IndexOf(counts, most);
        // One value that comes often, as zero in pruned weights, makes no codebook of the others.
        if ((entries.Length - 1) * LeastRepetition > bits.Length - most) return null;
        for (int i = 0; i < places.Length; i++) places[i] -= center;
        return new Codebook(entries, center, places);
    }
}
