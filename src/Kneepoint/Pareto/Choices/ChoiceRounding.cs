namespace Kneepoint.Pareto.Choices;

/// <summary>Whole choices out of mixed ones.</summary>
sealed class ChoiceRounding(ChoiceProblem problem)
{
    // Of what is left of a budget; whether a choice fits is decided elsewhere.
    const double Tolerance = 1e-12;
    const double LeastShare = 1e-9;
    const int MostCombinations = 4096;
    readonly int _rows = problem.Rows;
    readonly List<int> _mixed = [];
    readonly List<int> _free = [];
    readonly int[] _tried = new int[problem.Groups];
    readonly double[] _left = new double[problem.Rows * (problem.Rows + 1)];
    double _best;

    /// <summary>The groups that the last relaxation mixed.</summary>
    public IReadOnlyList<int> Mixed => _mixed;

    /// <summary>The choice that was found last, one option for each group.</summary>
    public int[] Choice { get; } = new int[problem.Groups];

    /// <summary>Tries mixed groups in all combinations, the others at their keys.</summary>
    /// <returns>False if none keeps the budgets.</returns>
    public bool Round(ChoiceNode node, ChoiceSimplex simplex)
    {
        _mixed.Clear();
        _free.Clear();
        node.Keys.CopyTo(_tried, 0);
        int combinations = 1;
        for (int p = 0; p < _rows; p++)
        {
            int option = node.Basics[p];
            if (option < 0 || !(simplex.Shares[p] > LeastShare)) continue;
            int group = problem.GroupOf[option];
            if (simplex.Shares[p] > 0.5) _tried[group] = option;
            if (_mixed.Contains(group)) continue;
            _mixed.Add(group);
            if (combinations * node.OptionsOf(group).Length > MostCombinations) continue;
            combinations *= node.OptionsOf(group).Length;
            _free.Add(group);
        }

        problem.Budgets.CopyTo(_left.AsSpan());
        double loss = 0;
        for (int g = 0; g < problem.Groups; g++)
        {
            if (_free.Contains(g)) continue;
            loss += problem.Losses[_tried[g]];
            for (int r = 0; r < _rows; r++) _left[r] -= problem.Costs[_tried[g] * _rows + r];
        }

        _best = double.PositiveInfinity;
        Combine(node, 0, loss);
        return double.IsFinite(_best);
    }

    /// <summary>Moves one group at a time, each time what takes most loss away with what is left of the budgets.</summary>
    public void Improve()
    {
        if (problem.HasRelief) return;
        var left = _left.AsSpan(0, _rows);
        problem.Budgets.CopyTo(left);
        foreach (int option in Choice)
        {
            for (int r = 0; r < _rows; r++) left[r] -= problem.Costs[option * _rows + r];
        }

        while (BestMove(left) is var move && move >= 0)
        {
            ref int option = ref Choice[problem.GroupOf[move]];
            for (int r = 0; r < _rows; r++) left[r] += problem.Costs[option * _rows + r] - problem.Costs[move * _rows + r];
            option = move;
        }
    }

    int BestMove(ReadOnlySpan<double> left)
    {
        int best = -1;
        double most = 0;
        for (int option = 0; option < problem.Options; option++)
        {
            int present = Choice[problem.GroupOf[option]];
            double gain = problem.Losses[present] - problem.Losses[option];
            if (!(gain > most)) continue;
            bool fits = true;
            for (int r = 0; r < _rows; r++) fits &= problem.Costs[option * _rows + r] - problem.Costs[present * _rows + r] <= left[r];
            if (fits) (best, most) = (option, gain);
        }

        return best;
    }

    void Combine(ChoiceNode node, int depth, double loss)
    {
        var left = _left.AsSpan(depth * _rows, _rows);
        if (depth == _free.Count)
        {
            double value = ValueOf(loss, left);
            if (!(value < _best)) return;
            _best = value;
            _tried.CopyTo(Choice, 0);
            return;
        }

        var next = _left.AsSpan((depth + 1) * _rows, _rows);
        foreach (int option in node.OptionsOf(_free[depth]))
        {
            for (int r = 0; r < _rows; r++) next[r] = left[r] - problem.Costs[option * _rows + r];
            _tried[_free[depth]] = option;
            Combine(node, depth + 1, loss + problem.Losses[option]);
        }
    }

    double ValueOf(double loss, ReadOnlySpan<double> left)
    {
        for (int r = 0; r < _rows; r++)
        {
            if (problem.HasRelief) loss = Math.Max(loss, -left[r] / problem.Reliefs[r]);
            else if (left[r] < -Tolerance) return double.PositiveInfinity;
        }

        return loss;
    }
}
