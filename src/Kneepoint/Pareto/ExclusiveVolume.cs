namespace Kneepoint.Pareto;

/// <summary>What a point dominates alone, among a set that changes.</summary>
/// <remarks>
/// For point p, bound_k is the least p'_k over members p' that are not larger than p in all other objectives (the reference at most): beyond it,
/// such a p' dominates too. So what p dominates alone lies in the box [p, bound], and only members smaller than the bound in every objective
/// matter: the volume is the box less what they dominate in it. Both searches skip blocks by their corners (<see cref="BlockTree"/>). Usually
/// only a few neighbours remain.
/// </remarks>
sealed class ExclusiveVolume
{
    readonly int _objectives;
    readonly BlockTree _tree;
    readonly double[] _point;
    readonly double[] _bound;
    double[] _clipped = [];
    int[] _near = [];
    VolumeSweep? _inner;

    public ExclusiveVolume(int objectives)
    {
        _objectives = objectives;
        _tree = new BlockTree(objectives);
        _point = new double[objectives];
        _bound = new double[objectives];
    }

    /// <summary>Takes the coordinates of all points that may become members; none is one yet.</summary>
    /// <param name="points">[n, stride], row-major; the first objectives count.</param>
    /// <param name="stride">Numbers per point.</param>
    public void Load(ReadOnlySpan<double> points, int stride)
    {
        _tree.Load(points, stride);
        int n = points.Length / stride;
        if (_near.Length < n) (_near, _clipped) = (new int[n], new double[n * _objectives]);
    }

    /// <summary>Makes a point a member, without asking for its volume.</summary>
    public void Include(int place) => _tree.Insert(place);

    /// <summary>What a member dominates alone among the other members.</summary>
    public double Of(int place, ReadOnlySpan<double> reference)
    {
        _tree.Hide(place);
        double volume = Compute(place, reference, out _);
        _tree.Show(place);
        return volume;
    }

    /// <summary>Makes a point a member unless a member dominates it weakly; members that it dominates go.</summary>
    /// <returns>What it dominates alone; 0 if it is dominated.</returns>
    public double Add(int place, ReadOnlySpan<double> reference)
    {
        double volume = Compute(place, reference, out int near);
        if (volume == 0) return 0;
        foreach (int slot in _near.AsSpan(0, near))
        {
            if (_tree.IsAbove(slot, _point)) _tree.RemoveSlot(slot);
        }

        _tree.Insert(place);
        return volume;
    }

    double Compute(int place, ReadOnlySpan<double> reference, out int near)
    {
        _tree.CopyTo(place, _point);
        reference.CopyTo(_bound);
        near = 0;
        _tree.Tighten(place, _point, _bound);
        double box = 1;
        for (int k = 0; k < _objectives; k++)
        {
            if (_bound[k] <= _point[k]) return 0;
            box *= _bound[k] - _point[k];
        }

        near = _tree.Collect(_bound, _near);
        if (near == 0) return box;
        for (int i = 0; i < near; i++) _tree.Clip(_near[i], _point, _clipped.AsSpan(i * _objectives, _objectives));
        _inner ??= new VolumeSweep(_objectives);
        return Math.Max(0, box - _inner.Of(_clipped.AsSpan(0, near * _objectives), _bound));
    }
}
