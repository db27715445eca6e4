using System.Numerics;

namespace Kneepoint.Pareto;

/// <summary>A set of places 0…n−1 that finds neighbours: one bit per place, one bit per non-empty word, and so on up to a single word.</summary>
/// <remarks>Cost: O(log n / log 64) per operation, n/63 words of memory; for a million places all of it stays in a core's cache.</remarks>
sealed class PlaceSet
{
    readonly ulong[][] _levels;

    /// <summary>An empty set.</summary>
    public PlaceSet(int places)
    {
        var levels = new List<ulong[]>();
        do
        {
            places = (places + 63) >> 6;
            levels.Add(new ulong[Math.Max(1, places)]);
        }
        while (places > 1);
        _levels = [.. levels];
    }

    /// <summary>Adds a place.</summary>
    public void Add(int place)
    {
        foreach (ulong[] level in _levels)
        {
            ref ulong word = ref level[place >> 6];
            bool wasEmpty = word == 0;
            word |= 1UL << place;
            if (!wasEmpty) return;
            place >>= 6;
        }
    }

    /// <summary>Removes a place.</summary>
    public void Remove(int place)
    {
        foreach (ulong[] level in _levels)
        {
            ref ulong word = ref level[place >> 6];
            word &= ~(1UL << place);
            if (word != 0) return;
            place >>= 6;
        }
    }

    /// <summary>The largest member below a place; −1 if there is none.</summary>
    public int Before(int place)
    {
        for (int level = 0; level < _levels.Length; level++)
        {
            ulong below = _levels[level][place >> 6] & ((1UL << place) - 1);
            place >>= 6;
            if (below == 0) continue;
            place = (place << 6) + BitOperations.Log2(below);
            while (--level >= 0) place = (place << 6) + BitOperations.Log2(_levels[level][place]);
            return place;
        }

        return -1;
    }

    /// <summary>The smallest member above a place; −1 if there is none.</summary>
    public int After(int place)
    {
        for (int level = 0; level < _levels.Length; level++)
        {
            ulong above = _levels[level][place >> 6] & (ulong.MaxValue << place << 1);
            place >>= 6;
            if (above == 0) continue;
            place = (place << 6) + BitOperations.TrailingZeroCount(above);
            while (--level >= 0) place = (place << 6) + BitOperations.TrailingZeroCount(_levels[level][place]);
            return place;
        }

        return -1;
    }
}
