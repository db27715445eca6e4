using System.Diagnostics;

namespace Kneepoint.Search;

/// <summary>One choice of a group as the knapsack sees it.</summary>
/// <param name="Size">What is limited: bytes or cost; at least 0.</param>
/// <param name="Loss">What is minimized; at least 0, finite.</param>
readonly record struct SizedLoss(double Size, double Loss);

/// <summary>One choice for each group: the least total loss for every limit on the total size.</summary>
/// <remarks>
/// The multiple-choice knapsack problem with additive losses. Choices that another one beats in both figures are dropped at once.
/// Hull: minimizing loss + lambda × size for all lambda at once gives, from the least loss to the least size, a nested chain of assignments; consecutive
/// ones differ in one group. Each is optimal for its own size, and the line through neighbors is a lower bound for all sizes between (Lagrange).
/// Between the points of the hull, dynamic programming over the size: exact where sizes are whole numbers whose spread is at most the number of cells; else sizes are
/// rounded up to cells, so that results keep the limit, what rounding wasted is given back, and the better of it and the hull point with its slack filled is taken.
/// Cost: hull O(m log m) for m choices; programming O(m × cells) once. Deterministic: ties go to the lower index.
/// Source: [Kellerer2004] chapter 11; [Shoham1988] for the hull.
/// </remarks>
sealed class ChoiceKnapsack
{
    const int MostCells = 20_000;
    const int MostTableEntries = 4_000_000;
    const int LeastCells = 500;
    const int Reliefs = 32;
    readonly SizedLoss[][] _groups;
    readonly int[][] _efficient;
    readonly List<(int Group, int Choice)> _moves = [];
    readonly List<SizedLoss> _hull = [];
    readonly int[] _leastLoss;
    Programming? _programming;

    /// <summary>States the problem and finds its hull.</summary>
    /// <param name="groups">The choices of each group, at least one each.</param>
    public ChoiceKnapsack(IEnumerable<IEnumerable<SizedLoss>> groups)
    {
        _groups = [.. groups.Select(group => group.ToArray())];
        _efficient = [.. _groups.Select(Efficient)];
        _leastLoss = [.. _efficient.Select(choices => choices[0])];
        BuildHull();
    }

    /// <summary>Size and loss of each assignment on the hull, from the least loss to the least size.</summary>
    public IReadOnlyList<SizedLoss> Hull => _hull;

    /// <summary>The least size that any assignment has.</summary>
    public double LeastSize => _hull[^1].Size;

    /// <summary>The assignment at a point of <see cref="Hull"/>.</summary>
    public int[] AtHull(int point)
    {
        int[] assignment = [.. _leastLoss];
        for (int i = 0; i < point; i++) assignment[_moves[i].Group] = _moves[i].Choice;
        return assignment;
    }

    /// <summary>No assignment of at most this size has a smaller loss; infinite if there is no such assignment.</summary>
    public double LowerBound(double limit)
    {
        if (limit >= _hull[0].Size) return _hull[0].Loss;
        int after = FirstWithin(limit);
        if (after < 0) return double.PositiveInfinity;
        var (large, small) = (_hull[after - 1], _hull[after]);
        return small.Loss - (small.Loss - large.Loss) * (limit - small.Size) / (large.Size - small.Size);
    }

    /// <summary>The assignment with the least loss found among those of at most the given size.</summary>
    /// <returns>Null if even the smallest is larger.</returns>
    public int[]? Best(double limit)
    {
        int point = FirstWithin(limit);
        if (point < 0) return null;
        int[] filled = AtHull(point);
        if (point == 0) return filled;
        Fill(filled, limit);
        _programming ??= new Programming(_groups, _efficient);
        int[] best = filled;
        for (int relief = 0; relief <= Reliefs; relief++)
        {
            int[]? programmed = _programming.Best(limit, relief / (double)Reliefs);
            if (programmed is null || Total(programmed).Size > limit) break;
            Fill(programmed, limit);
            var (a, b) = (Total(best), Total(programmed));
            if (b.Loss < a.Loss || (b.Loss == a.Loss && b.Size < a.Size)) best = programmed;
            if (_programming.IsExact) break;
        }

        return best;
    }

    /// <summary>The sums of an assignment.</summary>
    public SizedLoss Total(ReadOnlySpan<int> assignment)
    {
        double size = 0;
        double loss = 0;
        for (int group = 0; group < assignment.Length; group++)
        {
            size += _groups[group][assignment[group]].Size;
            loss += _groups[group][assignment[group]].Loss;
        }

        return new SizedLoss(size, loss);
    }

    int FirstWithin(double limit)
    {
        for (int i = 0; i < _hull.Count; i++)
        {
            if (_hull[i].Size <= limit) return i;
        }

        return -1;
    }

    // Choices from the least loss to the least size, none beaten by another in both.
    static int[] Efficient(SizedLoss[] choices)
    {
        Debug.Assert(choices.Length > 0, "A group has a choice.");
        var kept = new List<int>();
        foreach (int i in Enumerable.Range(0, choices.Length).OrderBy(i => choices[i].Loss).ThenBy(i => choices[i].Size).ThenBy(i => i))
        {
            if (kept.Count == 0 || choices[i].Size < choices[kept[^1]].Size) kept.Add(i);
        }

        return [.. kept];
    }

    void BuildHull()
    {
        var edges = new List<(double Price, int Group, int Place, int Choice)>();
        for (int group = 0; group < _groups.Length; group++)
        {
            var corners = ConvexCorners(_groups[group], _efficient[group]);
            for (int i = 1; i < corners.Count; i++)
            {
                edges.Add((Price(_groups[group][corners[i - 1]], _groups[group][corners[i]]), group, i, corners[i]));
            }
        }

        // Within a group prices rise, so this order keeps a group's edges in theirs; the place breaks ties of rounding.
        foreach (var edge in edges.OrderBy(e => e.Price).ThenBy(e => e.Group).ThenBy(e => e.Place)) _moves.Add((edge.Group, edge.Choice));
        int[] assignment = [.. _leastLoss];
        _hull.Add(Total(assignment));
        foreach (var (group, choice) in _moves)
        {
            assignment[group] = choice;
            _hull.Add(Total(assignment));
        }
    }

    static List<int> ConvexCorners(SizedLoss[] choices, int[] efficient)
    {
        var corners = new List<int>();
        foreach (int choice in efficient)
        {
            while (corners.Count >= 2
                && Price(choices[corners[^2]], choices[corners[^1]]) >= Price(choices[corners[^1]], choices[choice]))
            {
                corners.RemoveAt(corners.Count - 1);
            }

            corners.Add(choice);
        }

        return corners;
    }

    // Loss for each unit of size that is saved.
    static double Price(SizedLoss from, SizedLoss to) => (to.Loss - from.Loss) / (from.Size - to.Size);

    // Uses what is left of the limit: each time the choice that takes most loss away.
    void Fill(int[] assignment, double limit)
    {
        double size = Total(assignment).Size;
        while (true)
        {
            var best = (Gain: 0d, Group: -1, Choice: -1);
            for (int group = 0; group < _groups.Length; group++)
            {
                var present = _groups[group][assignment[group]];
                foreach (int choice in _efficient[group])
                {
                    var other = _groups[group][choice];
                    if (size - present.Size + other.Size <= limit && present.Loss - other.Loss > best.Gain) best = (present.Loss - other.Loss, group, choice);
                }
            }

            if (best.Group < 0) return;
            assignment[best.Group] = best.Choice;
            size = Total(assignment).Size;
            Debug.Assert(size <= limit * (1 + 1e-12), "Filling keeps the limit.");
        }
    }

    /// <summary>Least loss for every number of cells that the sizes above the least take.</summary>
    sealed class Programming
    {
        readonly int[] _leastSize;
        readonly double _base;
        readonly double _cell;
        readonly int _cells;
        readonly int[][] _efficient;
        readonly int[][] _lengths;
        readonly ushort[,] _picks;

        public Programming(SizedLoss[][] groups, int[][] efficient)
        {
            _efficient = efficient;
            _leastSize = [.. efficient.Select(choices => choices[^1])];
            double[] least = [.. groups.Select((choices, group) => choices[_leastSize[group]].Size)];
            _base = least.Sum();
            double spread = groups.Select((choices, group) => choices[efficient[group][0]].Size - least[group]).Sum();
            int most = Math.Clamp(MostTableEntries / Math.Max(1, groups.Length), LeastCells, MostCells);
            IsExact = spread <= most && groups.SelectMany(choices => choices).All(choice => double.IsInteger(choice.Size));
            _cell = IsExact ? 1 : spread / most;
            _cells = IsExact ? (int)spread : most;
            _lengths = [.. groups.Select((choices, group) => efficient[group].Select(i => (int)Math.Min(_cells + 1, Math.Ceiling((choices[i].Size - least[group]) / _cell))).ToArray())];
            _picks = new ushort[groups.Length, _cells + 1];
            Run(groups);
        }

        /// <summary>No size was rounded.</summary>
        public bool IsExact { get; }

        // Every group's size was rounded up by less than a cell: with relief the sum may pass the limit in cells, as long as the true sum does not.
        public int[]? Best(double limit, double relief)
        {
            double cells = Math.Floor((limit - _base) / _cell);
            if (cells < 0) return null;
            if (!IsExact) cells += Math.Floor(relief * _leastSize.Length);
            int left = (int)Math.Min(cells, _cells);
            int[] assignment = [.. _leastSize];
            for (int group = assignment.Length - 1; group >= 0; group--)
            {
                int pick = _picks[group, left];
                assignment[group] = _efficient[group][pick];
                left -= _lengths[group][pick];
            }

            return assignment;
        }

        void Run(SizedLoss[][] groups)
        {
            double[] before = new double[_cells + 1];
            double[] after = new double[_cells + 1];
            for (int group = 0; group < groups.Length; group++)
            {
                Array.Fill(after, double.PositiveInfinity);
                for (int pick = 0; pick < _efficient[group].Length; pick++)
                {
                    int length = _lengths[group][pick];
                    double loss = groups[group][_efficient[group][pick]].Loss;
                    for (int cell = length; cell <= _cells; cell++)
                    {
                        double total = before[cell - length] + loss;
                        if (!(total < after[cell])) continue;
                        after[cell] = total;
                        _picks[group, cell] = (ushort)pick;
                    }
                }

                (before, after) = (after, before);
            }
        }
    }
}
