using System.Buffers;

namespace Kneepoint.Pareto;

/// <summary>Sorts numbers by their places: the stable order of keys, in time that hardly depends on how they are spread.</summary>
/// <remarks>
/// Keys are mapped to 32 bits by an affine, hence monotone, map of their range and sorted by three counting passes over 8-byte records (key and place in one word).
/// Keys that share the 32 bits are sorted again by the same method within their own narrower range. NaN is not allowed; −0 equals 0.
/// Cost: O(n) for keys spread over their range, O(n log n) for the rest; two temporary words per key.
/// </remarks>
static class Order
{
    const int FewKeys = 48;
    const int DigitBits = 11;
    const int Digits = 1 << DigitBits;
    const int Passes = 3;
    const double Steps = 4294967040; // just below 2^32, so that rounding cannot pass it
    const double NarrowestSpan = 1e-280; // below, the scale would not be finite

    /// <summary>The places of the keys in ascending order; equal keys in the order of their places.</summary>
    /// <param name="keys">[n], no NaN.</param>
    /// <param name="order">[n], overwritten.</param>
    public static void Sort(ReadOnlySpan<double> keys, Span<int> order)
    {
        if (keys.Length <= FewKeys)
        {
            for (int i = 0; i < order.Length; i++) order[i] = i;
            Insert(keys, order);
            return;
        }

        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (double key in keys)
        {
            if (!double.IsFinite(key)) continue;
            low = Math.Min(low, key);
            high = Math.Max(high, key);
        }

        // Halves, so that the span of the largest numbers is finite too.
        double span = 0.5 * high - 0.5 * low;
        if (span > NarrowestSpan) Count(keys, order, 0.5 * low, Steps / span);
        else Compare(keys, order);
    }

    /// <summary>The places of the points in lexicographic order, equal points in the order of their places.</summary>
    /// <param name="points">[n, m], row-major.</param>
    /// <param name="objectives">m.</param>
    /// <param name="order">[n], overwritten.</param>
    public static void Lexicographic(ReadOnlySpan<double> points, int objectives, Span<int> order)
    {
        double[] keys = ArrayPool<double>.Shared.Rent(order.Length);
        for (int i = 0; i < order.Length; i++) keys[i] = points[i * objectives];
        Sort(keys.AsSpan(0, order.Length), order);
        BreakTies(points, objectives, 0, order, keys);
        ArrayPool<double>.Shared.Return(keys);
    }

    static void BreakTies(ReadOnlySpan<double> points, int objectives, int column, Span<int> order, double[] keys)
    {
        int next = column + 1;
        if (next == objectives) return;
        int start = 0;
        for (int i = 1; i <= order.Length; i++)
        {
            bool isTied = i < order.Length && points[order[i] * objectives + column] == points[order[start] * objectives + column];
            if (isTied) continue;
            if (i - start > 1)
            {
                var run = order[start..i];
                SortRun(points, objectives, next, run, keys);
                BreakTies(points, objectives, next, run, keys);
            }

            start = i;
        }
    }

    static void SortRun(ReadOnlySpan<double> points, int objectives, int column, Span<int> run, double[] keys)
    {
        for (int i = 0; i < run.Length; i++) keys[i] = points[run[i] * objectives + column];
        Apply(keys.AsSpan(0, run.Length), run);
    }

    // Brings the run into the order of its keys.
    static void Apply(ReadOnlySpan<double> keys, Span<int> run)
    {
        int[] places = ArrayPool<int>.Shared.Rent(2 * run.Length);
        var order = places.AsSpan(0, run.Length);
        var copy = places.AsSpan(run.Length, run.Length);
        Sort(keys, order);
        run.CopyTo(copy);
        for (int i = 0; i < run.Length; i++) run[i] = copy[order[i]];
        ArrayPool<int>.Shared.Return(places);
    }

    static void Insert(ReadOnlySpan<double> keys, Span<int> order)
    {
        for (int i = 1; i < order.Length; i++)
        {
            int place = order[i], j = i;
            double key = keys[place];
            for (; j > 0 && keys[order[j - 1]] > key; j--) order[j] = order[j - 1];
            order[j] = place;
        }
    }

    static void Compare(ReadOnlySpan<double> keys, Span<int> order)
    {
        double[] copy = keys.ToArray();
        for (int i = 0; i < order.Length; i++) order[i] = i;
        order.Sort((a, b) => copy[a] < copy[b] ? -1 : copy[a] > copy[b] ? 1 : a.CompareTo(b));
    }

    static void Count(ReadOnlySpan<double> keys, Span<int> order, double halfLow, double scale)
    {
        int n = keys.Length;
        ulong[] records = ArrayPool<ulong>.Shared.Rent(n), others = ArrayPool<ulong>.Shared.Rent(n);
        int[] counts = ArrayPool<int>.Shared.Rent(Passes * Digits);
        Array.Clear(counts, 0, Passes * Digits);
        for (int i = 0; i < n; i++)
        {
            // Conversions saturate, so infinities go to the ends.
            uint key = (uint)((0.5 * keys[i] - halfLow) * scale);
            records[i] = (ulong)key << 32 | (uint)i;
            counts[key & (Digits - 1)]++;
            counts[Digits + (key >> DigitBits & (Digits - 1))]++;
            counts[2 * Digits + (key >> 2 * DigitBits)]++;
        }

        for (int pass = 0; pass < Passes; pass++)
        {
            if (!Pass(records.AsSpan(0, n), others.AsSpan(0, n), counts.AsSpan(pass * Digits, Digits), 32 + pass * DigitBits)) continue;
            (records, others) = (others, records);
        }

        for (int i = 0; i < n; i++) order[i] = (int)(uint)records[i];
        SortWithinKeys(keys, order, records);
        ArrayPool<ulong>.Shared.Return(records);
        ArrayPool<ulong>.Shared.Return(others);
        ArrayPool<int>.Shared.Return(counts);
    }

    static bool Pass(ReadOnlySpan<ulong> source, Span<ulong> destination, Span<int> counts, int shift)
    {
        int start = 0;
        for (int digit = 0; digit < counts.Length; digit++)
        {
            int count = counts[digit];
            if (count == source.Length) return false;
            counts[digit] = start;
            start += count;
        }

        foreach (ulong record in source) destination[counts[(int)(record >> shift) & (Digits - 1)]++] = record;
        return true;
    }

    static void SortWithinKeys(ReadOnlySpan<double> keys, Span<int> order, ReadOnlySpan<ulong> records)
    {
        int start = 0;
        for (int i = 1; i <= order.Length; i++)
        {
            if (i < order.Length && records[i] >> 32 == records[start] >> 32) continue;
            if (i - start > 1) SortShared(keys, order[start..i]);
            start = i;
        }
    }

    static void SortShared(ReadOnlySpan<double> keys, Span<int> run)
    {
        if (run.Length <= FewKeys)
        {
            Insert(keys, run);
            return;
        }

        double[] own = ArrayPool<double>.Shared.Rent(run.Length);
        bool isSorted = true;
        for (int i = 0; i < run.Length; i++)
        {
            own[i] = keys[run[i]];
            isSorted &= i == 0 || own[i - 1] <= own[i];
        }

        if (!isSorted) Apply(own.AsSpan(0, run.Length), run);
        ArrayPool<double>.Shared.Return(own);
    }
}
