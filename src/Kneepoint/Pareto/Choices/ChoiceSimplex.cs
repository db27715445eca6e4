namespace Kneepoint.Pareto.Choices;

/// <summary>The linear relaxation, in which groups may mix their options, by the dual simplex method.</summary>
/// <remarks>
/// Each group has a key option that takes the share the others leave, so the basis has only one row for each budget: [Dantzig1967] generalized upper bounding. A basic column beside the keys is an option
/// (its number), the slack of a row (−1 − row) or the relief (−1 − rows). At price 0 the option of least loss is best everywhere, so the slacks are a first basis; after options were taken away, the old basis
/// serves on, since prices stay right. Only options that are left may enter; others leave as soon as they have a share.
/// </remarks>
sealed class ChoiceSimplex(ChoiceProblem problem)
{
    // Shares are at most 1; smaller pivots would blow rounding up.
    const double Tolerance = 1e-9;
    const int FewestSteps = 100, StepsForOption = 4;
    readonly int _rows = problem.Rows;
    readonly double[] _matrix = new double[2 * problem.Rows * problem.Rows];
    readonly double[] _left = new double[problem.Rows];
    readonly double[] _direction = new double[problem.Rows];
    double _keyLoss;

    /// <summary>The price of each row at the last basis; may be negative by rounding.</summary>
    public double[] Prices { get; } = new double[problem.Rows];

    /// <summary>The share of each basic column at the last basis.</summary>
    public double[] Shares { get; } = new double[problem.Rows];

    /// <summary>Raising the prices along this raises the bound without end; meaningful after <see cref="Solve"/> has returned false.</summary>
    public ReadOnlySpan<double> Direction => _direction;

    /// <summary>Moves the basis of a node to its optimum, or to where the bound is high enough.</summary>
    /// <returns>False if the node seems to be empty. Prices give a true bound in any case.</returns>
    public bool Solve(ChoiceNode node, double enough)
    {
        Start(node);
        int most = FewestSteps + StepsForOption * node.Starts[^1];
        for (int step = 0; step < most && Factor(node) && Value() < enough; step++)
        {
            var (leaving, side) = Leaving(node);
            if (leaving < 0) return true;
            int? entering = Entering(node, leaving, side);
            if (entering is null) return false;
            node.Basics[leaving] = entering.Value;
        }

        return true;
    }

    /// <summary>The share of a group's key.</summary>
    public double KeyShare(ChoiceNode node, int group)
    {
        double share = 1;
        for (int p = 0; p < _rows; p++)
        {
            if (node.Basics[p] >= 0 && problem.GroupOf[node.Basics[p]] == group) share -= Shares[p];
        }

        return share;
    }

    void Start(ChoiceNode node)
    {
        problem.Budgets.CopyTo(_left.AsSpan());
        _keyLoss = 0;
        foreach (int key in node.Keys)
        {
            _keyLoss += problem.Losses[key];
            for (int r = 0; r < _rows; r++) _left[r] -= problem.Costs[key * _rows + r];
        }
    }

    double Value()
    {
        double value = _keyLoss;
        for (int r = 0; r < _rows; r++) value -= Prices[r] * _left[r];
        return value;
    }

    // The worst share: below 0, or above it for an option that is not left. For a key first another option of its group becomes the key.
    (int Position, int Side) Leaving(ChoiceNode node)
    {
        int position = -1, side = 0, swap = -1;
        double worst = Tolerance;
        for (int p = 0; p < _rows; p++)
        {
            int column = node.Basics[p];
            if (-Shares[p] > worst) (position, side, swap, worst) = (p, -1, -1, -Shares[p]);
            if (column < 0) continue;
            if (Shares[p] > worst && !IsLeft(node, column)) (position, side, swap, worst) = (p, 1, -1, Shares[p]);
            double excess = -KeyShare(node, problem.GroupOf[column]);
            if (excess > worst && LargestLeft(node, problem.GroupOf[column]) is var other && other >= 0) (position, side, swap, worst) = (other, -1, other, excess);
        }

        if (swap >= 0)
        {
            int option = node.Basics[swap], group = problem.GroupOf[option], key = node.Keys[group];
            (node.Keys[group], node.Basics[swap]) = (option, key);
            _keyLoss += problem.Losses[option] - problem.Losses[key];
            for (int r = 0; r < _rows; r++) _left[r] -= problem.Costs[option * _rows + r] - problem.Costs[key * _rows + r];
            Factor(node);
        }

        return (position, side);
    }

    int LargestLeft(ChoiceNode node, int group)
    {
        int largest = -1;
        for (int p = 0; p < _rows; p++)
        {
            int column = node.Basics[p];
            if (column < 0 || problem.GroupOf[column] != group || !IsLeft(node, column)) continue;
            if (largest < 0 || Shares[p] > Shares[largest]) largest = p;
        }

        return largest;
    }

    static bool IsLeft(ChoiceNode node, int option, int group) => node.OptionsOf(group).Contains(option);

    bool IsLeft(ChoiceNode node, int option) => IsLeft(node, option, problem.GroupOf[option]);

    // The column whose reduced cost gets to 0 first when the price of the leaving one changes; of equals the one with the largest pivot.
    int? Entering(ChoiceNode node, int leaving, int side)
    {
        for (int r = 0; r < _rows; r++) _direction[r] = -side * _matrix[leaving * 2 * _rows + _rows + r];
        int? entering = null;
        double least = double.PositiveInfinity, largest = 0;
        for (int r = 0; r < _rows; r++) Offer(-1 - r, Prices[r], _direction[r]);
        if (problem.HasRelief) Offer(-1 - _rows, 1 - Times(Prices, problem.Reliefs), -Times(_direction, problem.Reliefs));
        for (int g = 0; g < node.Keys.Length; g++)
        {
            var options = node.OptionsOf(g);
            if (options.Length == 1) continue;
            int key = node.Keys[g];
            double keyPriced = problem.Losses[key], keySlope = 0;
            for (int r = 0; r < _rows; r++)
            {
                double cost = problem.Costs[key * _rows + r];
                keyPriced += Prices[r] * cost;
                keySlope += _direction[r] * cost;
            }

            foreach (int option in options)
            {
                double priced = problem.Losses[option], slope = 0;
                for (int r = 0; r < _rows; r++)
                {
                    double cost = problem.Costs[option * _rows + r];
                    priced += Prices[r] * cost;
                    slope += _direction[r] * cost;
                }

                Offer(option, priced - keyPriced, slope - keySlope);
            }
        }

        return entering;

        // Basic columns have slope 0, the leaving one rises.
        void Offer(int column, double reduced, double slope)
        {
            if (slope >= -Tolerance) return;
            double ratio = Math.Max(0, reduced) / -slope;
            if (ratio > least || (ratio == least && -slope <= largest)) return;
            (entering, least, largest) = (column, ratio, -slope);
        }
    }

    // Inverts the basis and sets prices and shares; a few rows only. False if it is singular.
    bool Factor(ChoiceNode node)
    {
        int width = 2 * _rows;
        Array.Clear(_matrix);
        for (int p = 0; p < _rows; p++)
        {
            _matrix[p * width + _rows + p] = 1;
            int column = node.Basics[p];
            if (column >= 0)
            {
                int key = node.Keys[problem.GroupOf[column]];
                for (int r = 0; r < _rows; r++) _matrix[r * width + p] = problem.Costs[column * _rows + r] - problem.Costs[key * _rows + r];
            }
            else if (column >= -_rows)
            {
                _matrix[(-1 - column) * width + p] = 1;
            }
            else
            {
                for (int r = 0; r < _rows; r++) _matrix[r * width + p] = -problem.Reliefs[r];
            }
        }

        if (!Invert(width)) return false;
        for (int r = 0; r < _rows; r++) Prices[r] = 0;
        for (int p = 0; p < _rows; p++)
        {
            var row = _matrix.AsSpan(p * width + _rows, _rows);
            Shares[p] = Times(row, _left);
            double loss = node.Basics[p] switch
            {
                >= 0 and var option => problem.Losses[option] - problem.Losses[node.Keys[problem.GroupOf[option]]],
                var slack when slack >= -_rows => 0,
                _ => 1,
            };
            for (int r = 0; r < _rows; r++) Prices[r] -= loss * row[r];
        }

        return true;
    }

    // Gauss and Jordan with the largest pivot of each column.
    bool Invert(int width)
    {
        for (int k = 0; k < _rows; k++)
        {
            int pivot = k;
            for (int row = k + 1; row < _rows; row++)
            {
                if (Math.Abs(_matrix[row * width + k]) > Math.Abs(_matrix[pivot * width + k])) pivot = row;
            }

            double value = _matrix[pivot * width + k];
            if (value == 0) return false;
            for (int column = 0; column < width; column++)
            {
                double upper = _matrix[pivot * width + column] / value;
                _matrix[pivot * width + column] = _matrix[k * width + column];
                _matrix[k * width + column] = upper;
            }

            for (int row = 0; row < _rows; row++)
            {
                double factor = _matrix[row * width + k];
                if (row == k || factor == 0) continue;
                for (int column = k; column < width; column++) _matrix[row * width + column] -= factor * _matrix[k * width + column];
            }
        }

        return true;
    }

    static double Times(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
