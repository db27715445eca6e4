namespace Kneepoint.Pareto;

/// <summary>Computes dominated volumes of m objectives again and again, with memory that is kept between calls.</summary>
/// <remarks>
/// Writes the volume as the sum over points, ascending in the last objective w, of the volume that the point's first m−1 objectives add to those
/// before it, times (reference − w). For m ≤ 3 what is added is found in a staircase; for more, by <see cref="ExclusiveVolume"/>.
/// </remarks>
sealed class VolumeSweep(int objectives)
{
    const int FewPoints = 96; // chosen by measurement: below, a sorted array beats the set of places

    readonly ExclusiveVolume? _exclusive = objectives > 3 ? new ExclusiveVolume(objectives - 1) : null;
    readonly Staircase _stairs = new();
    double[] _keys = [];
    double[] _sorted = [];
    int[] _order = [];

    /// <summary>The volume that points dominate.</summary>
    /// <param name="points">[n, m], row-major, each smaller than the reference in every objective.</param>
    /// <param name="reference">[m].</param>
    public double Of(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        int n = points.Length / objectives;
        if (n == 0) return 0;
        if (_order.Length < n) (_keys, _order) = (new double[2 * n], new int[2 * n]);
        return objectives switch
        {
            1 => reference[0] - Least(points),
            2 => OfTwo(points, reference),
            3 when n <= FewPoints => OfFew(points, reference),
            3 => OfThree(points, reference),
            _ => OfMany(points, reference),
        };
    }

    static double Least(ReadOnlySpan<double> values)
    {
        double least = double.PositiveInfinity;
        foreach (double value in values) least = Math.Min(least, value);
        return least;
    }

    ReadOnlySpan<int> OrderBy(ReadOnlySpan<double> points, int objective)
    {
        int n = points.Length / objectives;
        for (int i = 0; i < n; i++) _keys[i] = points[i * objectives + objective];
        Order.Sort(_keys.AsSpan(0, n), _order.AsSpan(0, n));
        return _order.AsSpan(0, n);
    }

    double OfTwo(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        var area = new CompensatedSum();
        double top = reference[1];
        foreach (int place in OrderBy(points, 0))
        {
            double x = points[2 * place], y = points[2 * place + 1];
            if (y >= top) continue;
            area.Add((reference[0] - x) * (top - y));
            top = y;
        }

        return area.Value;
    }

    double OfFew(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        _stairs.Reset(reference[0], reference[1]);
        var volume = new CompensatedSum();
        foreach (int place in OrderBy(points, 2))
        {
            double added = _stairs.Add(points[3 * place], points[3 * place + 1]);
            if (added > 0) volume.Add(added * (reference[2] - points[3 * place + 2]));
        }

        return volume.Value;
    }

    double OfThree(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        // Slots are places in the order of the first objective, so that a neighbour in the set is a neighbour in the staircase.
        int n = points.Length / 3;
        if (_sorted.Length < 3 * n) _sorted = new double[3 * n];
        var order = OrderBy(points, 0);
        for (int slot = 0; slot < n; slot++) points.Slice(3 * order[slot], 3).CopyTo(_sorted.AsSpan(3 * slot));
        var sorted = _sorted.AsSpan(0, 3 * n);
        var stairs = new PlaceSet(n);
        var volume = new CompensatedSum();
        foreach (int slot in OrderBy(sorted, 2))
        {
            double added = AddStair(stairs, sorted, slot, reference);
            if (added > 0) volume.Add(added * (reference[2] - sorted[3 * slot + 2]));
        }

        return volume.Value;
    }

    // The area that a slot adds to the staircase: to the right of it, between its own height and the steps above, until a lower step.
    static double AddStair(PlaceSet stairs, ReadOnlySpan<double> sorted, int slot, ReadOnlySpan<double> reference)
    {
        double left = sorted[3 * slot], y = sorted[3 * slot + 1];
        int before = stairs.Before(slot);
        double top = before < 0 ? reference[1] : sorted[3 * before + 1];
        if (top <= y) return 0;
        double area = 0;
        int next = stairs.After(slot);
        for (; next >= 0 && sorted[3 * next + 1] >= y; next = stairs.After(next))
        {
            double right = sorted[3 * next];
            area += (right - left) * (top - y);
            (left, top) = (right, sorted[3 * next + 1]);
            stairs.Remove(next);
        }

        area += ((next < 0 ? reference[0] : sorted[3 * next]) - left) * (top - y);
        stairs.Add(slot);
        return area;
    }

    double OfMany(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        int n = points.Length / objectives, inner = objectives - 1;
        _exclusive!.Load(points, objectives);
        var volume = new CompensatedSum();
        foreach (int place in OrderBy(points, inner))
        {
            double added = _exclusive.Add(place, reference[..inner]);
            if (added > 0) volume.Add(added * (reference[inner] - points[place * objectives + inner]));
        }

        return volume.Value;
    }
}
