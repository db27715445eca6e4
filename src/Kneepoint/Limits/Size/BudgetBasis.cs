namespace Kneepoint.Limits.Size;

/// <summary>The basis of the linear program that mixes whole choices: least Σ x·loss with Σ x·cost ≤ 1 for each budget and Σ x = 1.</summary>
/// <remarks>
/// The revised simplex method with one row for each budget and one for the sum; the matrix has as many rows as budgets plus one, so it is solved anew at every step and no rounding adds up.
/// Source: [Dantzig1960].
/// </remarks>
sealed class BudgetBasis
{
    const double SmallestPivot = 1e-11;
    const double SmallestExcess = 1e-9;
    readonly int _size;
    readonly double[][] _columns;
    readonly double[] _losses;
    readonly double[] _right;

    /// <summary>Starts with one choice; where it is over a budget, an excess is allowed at a penalty.</summary>
    /// <param name="costs">[m], in units of the budgets' scales.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="budgets">[m], in the same units.</param>
    /// <param name="penalty">Loss for each unit of excess.</param>
    public BudgetBasis(ReadOnlySpan<double> costs, double loss, ReadOnlySpan<double> budgets, double penalty)
    {
        _size = budgets.Length + 1;
        _right = [.. budgets, 1];
        _columns = new double[_size][];
        _losses = new double[_size];
        for (int j = 0; j < budgets.Length; j++)
        {
            bool isOver = costs[j] > budgets[j];
            _columns[j] = Unit(j, isOver ? -1 : 1);
            _losses[j] = isOver ? penalty : 0;
        }

        (_columns[^1], _losses[^1]) = ([.. costs, 1], loss);
    }

    /// <summary>The prices of the budgets and, last, what a choice must cost with them to be worth taking in.</summary>
    /// <returns>[m + 1]; a negative price asks for <see cref="EnterSlack"/>.</returns>
    public double[] Duals()
    {
        double[,] transposed = new double[_size, _size + 1];
        for (int column = 0; column < _size; column++)
        {
            for (int row = 0; row < _size; row++) transposed[column, row] = _columns[column][row];
            transposed[column, _size] = _losses[column];
        }

        double[] duals = Solve(transposed);
        for (int j = 0; j < _size - 1; j++) duals[j] = -duals[j];
        return duals;
    }

    /// <summary>Whether the mix is over a budget, at the penalty.</summary>
    public bool IsOver()
    {
        double[] shares = Solve(Augmented(_right));
        for (int i = 0; i < _size; i++)
        {
            if (_columns[i].Min() < 0 && shares[i] > SmallestExcess) return true;
        }

        return false;
    }

    /// <summary>Takes a choice in.</summary>
    /// <returns>False if no column gives way: rounding has made the step impossible.</returns>
    public bool Enter(ReadOnlySpan<double> costs, double loss) => Take([.. costs, 1], loss);

    /// <summary>Lets a budget have something left.</summary>
    /// <returns>False if no column gives way: rounding has made the step impossible.</returns>
    public bool EnterSlack(int budget) => Take(Unit(budget, 1), 0);

    bool Take(double[] column, double loss)
    {
        double[] shares = Solve(Augmented(_right)), direction = Solve(Augmented(column));
        int leaving = -1;
        double least = double.PositiveInfinity;
        for (int i = 0; i < _size; i++)
        {
            if (!(direction[i] > SmallestPivot)) continue;
            double ratio = Math.Max(0, shares[i]) / direction[i];
            // Of equals the largest loss leaves, so that penalties do.
            if (ratio < least || (ratio == least && _losses[i] > _losses[leaving])) (leaving, least) = (i, ratio);
        }

        if (leaving < 0) return false;
        (_columns[leaving], _losses[leaving]) = (column, loss);
        return true;
    }

    double[] Unit(int row, double value)
    {
        double[] column = new double[_size];
        column[row] = value;
        return column;
    }

    double[,] Augmented(ReadOnlySpan<double> right)
    {
        double[,] matrix = new double[_size, _size + 1];
        for (int row = 0; row < _size; row++)
        {
            for (int column = 0; column < _size; column++) matrix[row, column] = _columns[column][row];
            matrix[row, _size] = right[row];
        }

        return matrix;
    }

    // Gauss and Jordan with the largest pivot of each column; a few rows only.
    static double[] Solve(double[,] matrix)
    {
        int size = matrix.GetLength(0);
        for (int k = 0; k < size; k++)
        {
            int pivot = k;
            for (int row = k + 1; row < size; row++)
            {
                if (Math.Abs(matrix[row, k]) > Math.Abs(matrix[pivot, k])) pivot = row;
            }

            for (int column = k; column <= size; column++) (matrix[k, column], matrix[pivot, column]) = (matrix[pivot, column], matrix[k, column]);
            for (int row = 0; row < size; row++)
            {
                if (row == k) continue;
                double factor = matrix[row, k] / matrix[k, k];
                for (int column = k; column <= size; column++) matrix[row, column] -= factor * matrix[k, column];
            }
        }

        double[] solution = new double[size];
        for (int row = 0; row < size; row++) solution[row] = matrix[row, size] / matrix[row, row];
        return solution;
    }
}
