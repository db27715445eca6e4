namespace Kneepoint.Pareto;

/// <summary>Marks the nondominated points of four or more objectives by divide and conquer.</summary>
/// <remarks>
/// Points are slots in lexicographic order, equal ones merged, so a dominating slot is always the smaller one and weak comparison of the other
/// objectives decides. Halves are solved, then the left half's survivors filter the right half's: by splitting at medians of the objectives from the last
/// down to the fifth, and by a sweep over three objectives in the end (Kung, Luccio, Preparata 1975). Source of the sweep's cost: <see cref="PlaceSet"/>.
/// </remarks>
sealed class FilterByDivision
{
    const int FewSlots = 48; // chosen by measurement: below, comparing all pairs is faster
    const long FewPairs = 1500; // the same

    readonly int _objectives;
    readonly double[] _points; // [slots, m]
    readonly int[] _column; // place of a slot in the order of objective 1, ties by slot
    readonly int[] _sweep; // place of a slot in the order of objective 3, ties by slot
    readonly bool[] _isDominated;
    readonly PlaceSet _stairs;
    readonly int[] _slotAt; // of a place in _column
    readonly int[] _scratch;

    FilterByDivision(double[] points, int objectives)
    {
        int slots = points.Length / objectives;
        _objectives = objectives;
        _points = points;
        _isDominated = new bool[slots];
        _stairs = new PlaceSet(slots);
        _slotAt = new int[slots];
        _column = new int[slots];
        _sweep = new int[slots];
        _scratch = new int[slots];
        double[] keys = new double[slots];
        Rank(3, keys, _sweep);
        Rank(1, keys, _column);
    }

    /// <summary>Marks the nondominated points.</summary>
    /// <param name="points">[n, m], row-major, m at least 4.</param>
    /// <param name="objectives">m.</param>
    /// <param name="order">[n], the places in lexicographic order.</param>
    /// <param name="mask">[n], true is written where a point is nondominated.</param>
    public static void Mark(ReadOnlySpan<double> points, int objectives, ReadOnlySpan<int> order, Span<bool> mask)
    {
        double[] distinct = new double[points.Length];
        int[] slotOf = new int[order.Length];
        int slots = 0;
        for (int i = 0; i < order.Length; i++)
        {
            var point = points.Slice(order[i] * objectives, objectives);
            bool isEqual = slots > 0 && point.SequenceEqual(distinct.AsSpan((slots - 1) * objectives, objectives));
            if (!isEqual) point.CopyTo(distinct.AsSpan(slots++ * objectives));
            slotOf[i] = slots - 1;
        }

        var filter = new FilterByDivision(distinct[..(slots * objectives)], objectives);
        int[] all = new int[slots];
        for (int slot = 0; slot < slots; slot++) all[slot] = slot;
        filter.Solve(all);
        for (int i = 0; i < order.Length; i++) mask[order[i]] = !filter._isDominated[slotOf[i]];
    }

    void Rank(int objective, double[] keys, int[] rank)
    {
        for (int slot = 0; slot < keys.Length; slot++) keys[slot] = _points[slot * _objectives + objective];
        Order.Sort(keys, _slotAt);
        for (int place = 0; place < keys.Length; place++) rank[_slotAt[place]] = place;
    }

    // Slots ascending on entry; on return the survivors come first, in the order of objective 3. Returns their number.
    int Solve(Span<int> slots)
    {
        if (slots.Length <= FewSlots) return SolvePairs(slots);
        int half = slots.Length / 2;
        var left = slots[..half];
        var right = slots[half..];
        left = left[..Solve(left)];
        right = right[..Solve(right)];
        Filter(left, right, _objectives - 1);
        int kept = left.Length;
        var scratch = _scratch.AsSpan(0, right.Length);
        int alive = 0;
        foreach (int slot in right)
        {
            if (!_isDominated[slot]) scratch[alive++] = slot;
        }

        scratch = _scratch.AsSpan(0, kept + alive);
        left.CopyTo(scratch[alive..]);
        Merge(scratch[..alive], scratch[alive..], slots);
        return kept + alive;
    }

    void Merge(ReadOnlySpan<int> a, ReadOnlySpan<int> b, Span<int> destination)
    {
        int i = 0, j = 0;
        for (int k = 0; k < a.Length + b.Length; k++)
        {
            bool takesA = j == b.Length || (i < a.Length && _sweep[a[i]] < _sweep[b[j]]);
            destination[k] = takesA ? a[i++] : b[j++];
        }
    }

    int SolvePairs(Span<int> slots)
    {
        int kept = 0;
        foreach (int slot in slots)
        {
            for (int i = 0; i < kept && !_isDominated[slot]; i++) _isDominated[slot] = IsBelow(slots[i], slot, _objectives - 1);
            if (!_isDominated[slot]) slots[kept++] = slot;
        }

        for (int i = 1; i < kept; i++)
        {
            int slot = slots[i], j = i;
            for (; j > 0 && _sweep[slots[j - 1]] > _sweep[slot]; j--) slots[j] = slots[j - 1];
            slots[j] = slot;
        }

        return kept;
    }

    // Whether slot a is not larger in objectives 1…last.
    bool IsBelow(int a, int b, int last)
    {
        var left = _points.AsSpan(a * _objectives, last + 1);
        var right = _points.AsSpan(b * _objectives, last + 1);
        for (int k = 1; k < left.Length; k++)
        {
            if (left[k] > right[k]) return false;
        }

        return true;
    }

    // Marks the slots of b that a slot of a is not larger than in objectives 1…last; both in the order of objective 3.
    void Filter(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int last)
    {
        if (a.IsEmpty || b.IsEmpty) return;
        if ((long)a.Length * b.Length <= FewPairs) FilterPairs(a, b, last);
        else if (last == 3) FilterSweep(a, b);
        else FilterSplit(a, b, last);
    }

    void FilterPairs(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int last)
    {
        foreach (int slot in b)
        {
            if (_isDominated[slot]) continue;
            foreach (int other in a)
            {
                // In the order of objective 3, no later one can be below.
                if (_sweep[other] > _sweep[slot]) break;
                if (!IsBelow(other, slot, last)) continue;
                _isDominated[slot] = true;
                break;
            }
        }
    }

    void FilterSweep(ReadOnlySpan<int> a, ReadOnlySpan<int> b)
    {
        int next = 0;
        foreach (int slot in b)
        {
            if (_isDominated[slot]) continue;
            int until = _sweep[slot];
            for (; next < a.Length && _sweep[a[next]] < until; next++) AddStair(a[next]);
            int left = _stairs.Before(_column[slot]);
            _isDominated[slot] = left >= 0 && Stair(left) <= _points[slot * _objectives + 2];
        }

        foreach (int slot in a[..next]) _stairs.Remove(_column[slot]);
    }

    void AddStair(int slot)
    {
        int place = _column[slot];
        double y = _points[slot * _objectives + 2];
        int left = _stairs.Before(place);
        if (left >= 0 && Stair(left) <= y) return;
        for (int right = _stairs.After(place); right >= 0 && Stair(right) >= y; right = _stairs.After(right)) _stairs.Remove(right);
        _stairs.Add(place);
    }

    double Stair(int place) => _points[_slotAt[place] * _objectives + 2];

    void FilterSplit(ReadOnlySpan<int> a, ReadOnlySpan<int> b, int last)
    {
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        double[] values = new double[a.Length + b.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int slot = i < a.Length ? a[i] : b[i - a.Length];
            values[i] = _points[slot * _objectives + last];
            low = Math.Min(low, values[i]);
            high = Math.Max(high, values[i]);
        }

        if (low == high)
        {
            Filter(a, b, last - 1);
            return;
        }

        // The lower part holds the median, but never all: the largest value stays above.
        values.AsSpan().Sort();
        double pivot = values[(values.Length - 1) / 2];
        if (pivot == high) pivot = values.AsSpan(0, values.AsSpan().IndexOf(high))[^1];
        Span<int> lowA = Side(a, last, pivot, true), highA = Side(a, last, pivot, false);
        Span<int> lowB = Side(b, last, pivot, true), highB = Side(b, last, pivot, false);
        Filter(lowA, lowB, last);
        Filter(lowA, highB, last - 1);
        Filter(highA, highB, last);
    }

    int[] Side(ReadOnlySpan<int> slots, int objective, double pivot, bool isLow)
    {
        int[] side = new int[slots.Length];
        int count = 0;
        foreach (int slot in slots)
        {
            if (!_isDominated[slot] && _points[slot * _objectives + objective] <= pivot == isLow) side[count++] = slot;
        }

        return side[..count];
    }
}
