namespace Kneepoint.Pareto.Choices;

/// <summary>A multiple-choice knapsack as the search sees it: without options that another one beats, without budgets that nothing can exceed, and in units in which figures are about 1.</summary>
/// <remarks>
/// Losses and costs are those above the least of their group, budgets are what the least costs leave. Units are powers of two, so they round nothing. Whether a choice keeps the budgets is
/// decided by the figures as they were given (<see cref="Value"/>). The options of all groups have one numbering, group after group.
/// </remarks>
sealed class ChoiceProblem
{
    // A budget is left out only if nothing comes near exceeding it.
    const double Near = 1 + 1e-9;
    const double Ulps = 1e-15;
    readonly IReadOnlyList<IReadOnlyList<ChoiceOption>> _groups;
    readonly double[] _budgets;
    readonly double[] _reliefs;
    readonly int[] _places;
    readonly int[] _rows;
    readonly double[] _rowUnits;
    readonly double _leastLoss;

    /// <summary>States the problem.</summary>
    /// <param name="groups">The options of each group, at least one each.</param>
    /// <param name="budgets">Limits on the sums of costs.</param>
    /// <param name="reliefs">How far each budget gives way for a loss of 1; all above 0, and then no option has a loss. Empty where no budget gives way.</param>
    public ChoiceProblem(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, ReadOnlySpan<double> budgets, ReadOnlySpan<double> reliefs = default)
    {
        (_groups, _budgets, _reliefs) = (groups, [.. budgets], [.. reliefs]);
        int[][] kept = [.. groups.Select(Undominated)];
        Starts = new int[groups.Count + 1];
        for (int g = 0; g < groups.Count; g++) Starts[g + 1] = Starts[g] + kept[g].Length;
        _places = [.. kept.SelectMany(places => places)];
        GroupOf = [.. kept.SelectMany((places, g) => places.Select(_ => g))];
        Losses = Above(option => option.Loss, out _leastLoss, out double spread);
        LossUnit = HasRelief ? 1 : PowerOfTwo(spread);
        foreach (ref double loss in Losses.AsSpan()) loss /= LossUnit;

        var rows = new List<(int Budget, double Unit, double[] Costs)>();
        for (int j = 0; j < _budgets.Length; j++)
        {
            int budget = j;
            double[] costs = Above(option => option.Costs[budget], out double least, out spread);
            IsImpossible |= !HasRelief && least > _budgets[j];
            double left = Left(budget);
            if (left >= 0 && spread * Near <= left) continue;
            rows.Add((j, PowerOfTwo(Math.Max(spread, Math.Abs(left))), costs));
        }

        _rows = [.. rows.Select(row => row.Budget)];
        _rowUnits = [.. rows.Select(row => row.Unit)];
        Budgets = [.. rows.Select(row => Left(row.Budget) / row.Unit)];
        Reliefs = HasRelief ? [.. rows.Select(row => _reliefs[row.Budget] / row.Unit)] : new double[Rows];
        Costs = new double[_places.Length * Rows];
        for (int i = 0; i < Costs.Length; i++) Costs[i] = rows[i % Rows].Costs[i / Rows] / rows[i % Rows].Unit;
    }

    /// <summary>The number of groups.</summary>
    public int Groups => _groups.Count;

    /// <summary>The number of budgets that can be exceeded.</summary>
    public int Rows => _rows.Length;

    /// <summary>The number of options.</summary>
    public int Options => _places.Length;

    /// <summary>The first option of each group, and the number of options.</summary>
    public int[] Starts { get; }

    /// <summary>The group of each option.</summary>
    public int[] GroupOf { get; }

    /// <summary>The loss of each option.</summary>
    public double[] Losses { get; }

    /// <summary>[options, rows].</summary>
    public double[] Costs { get; }

    /// <summary>The budget of each row.</summary>
    public double[] Budgets { get; }

    /// <summary>How far each row gives way for a loss of 1; 0 where it does not.</summary>
    public double[] Reliefs { get; }

    /// <summary>Whether budgets give way.</summary>
    public bool HasRelief => _reliefs.Length > 0;

    /// <summary>A budget is below the sum of the least costs.</summary>
    public bool IsImpossible { get; }

    /// <summary>The unit of losses.</summary>
    public double LossUnit { get; }

    /// <summary>The loss of a choice, in the unit of the search; infinite where it exceeds a budget.</summary>
    public double Value(ReadOnlySpan<int> options)
    {
        double[] costs = Sums(options);
        if (HasRelief) return costs.Select((cost, j) => Math.Max(0, (cost - _budgets[j]) / _reliefs[j])).DefaultIfEmpty().Max();
        for (int j = 0; j < costs.Length; j++)
        {
            if (costs[j] > _budgets[j]) return double.PositiveInfinity;
        }

        var sum = default(CompensatedSum);
        foreach (int option in options) sum.Add(Losses[option]);
        return sum.Value;
    }

    /// <summary>The costs of a choice as they were given, summed in the order of the groups.</summary>
    public double[] Sums(ReadOnlySpan<int> options)
    {
        double[] sums = new double[_budgets.Length];
        for (int j = 0; j < sums.Length; j++)
        {
            var sum = default(CompensatedSum);
            for (int g = 0; g < options.Length; g++) sum.Add(_groups[g][_places[options[g]]].Costs[j]);
            sums[j] = sum.Value;
        }

        return sums;
    }

    /// <summary>The indices of a choice as the groups were given.</summary>
    public int[] Translate(ReadOnlySpan<int> options)
    {
        int[] choice = new int[options.Length];
        for (int g = 0; g < choice.Length; g++) choice[g] = _places[options[g]];
        return choice;
    }

    /// <summary>The loss of a choice as it was given; with relief what it takes of that.</summary>
    public double Loss(ReadOnlySpan<int> options)
    {
        if (HasRelief) return Value(options);
        var sum = default(CompensatedSum);
        for (int g = 0; g < options.Length; g++) sum.Add(_groups[g][_places[options[g]]].Loss);
        return sum.Value;
    }

    /// <summary>A lower bound in the unit of the search as one in that of the losses; rounded down.</summary>
    public double BoundOf(double value)
    {
        double bound = _leastLoss + value * LossUnit;
        return double.IsInfinity(value) ? value : bound - Ulps * (Math.Abs(_leastLoss) + Math.Abs(value) * LossUnit);
    }

    /// <summary>Prices of rows as prices of budgets.</summary>
    public double[] PricesOf(ReadOnlySpan<double> prices)
    {
        double[] all = new double[_budgets.Length];
        for (int r = 0; r < prices.Length; r++) all[_rows[r]] = prices[r] * LossUnit / _rowUnits[r];
        return all;
    }

    // Options by rising loss, none of which costs in everything at least what one before it costs.
    static int[] Undominated(IReadOnlyList<ChoiceOption> options)
    {
        int[] order = [.. Enumerable.Range(0, options.Count)];
        Array.Sort(order, (a, b) =>
        {
            int result = options[a].Loss.CompareTo(options[b].Loss);
            for (int j = 0; result == 0 && j < options[a].Costs.Length; j++) result = options[a].Costs[j].CompareTo(options[b].Costs[j]);
            return result != 0 ? result : a.CompareTo(b);
        });
        var kept = new List<int>();
        foreach (int option in order)
        {
            if (!kept.Exists(other => Covers(options[other].Costs.AsSpan(), options[option].Costs.AsSpan()))) kept.Add(option);
        }

        return [.. kept];
    }

    static bool Covers(ReadOnlySpan<double> costs, ReadOnlySpan<double> others)
    {
        for (int j = 0; j < costs.Length; j++)
        {
            if (costs[j] > others[j]) return false;
        }

        return true;
    }

    // A figure of each option above the least of its group; the sum of the least, and the sum over groups of the largest above them.
    double[] Above(Func<ChoiceOption, double> figure, out double least, out double spread)
    {
        double[] figures = new double[_places.Length];
        CompensatedSum sum = default, spreads = default;
        for (int g = 0; g < Groups; g++)
        {
            var own = figures.AsSpan(Starts[g]..Starts[g + 1]);
            for (int i = 0; i < own.Length; i++) own[i] = figure(_groups[g][_places[Starts[g] + i]]);
            double low = Least(own), high = 0;
            foreach (ref double value in own)
            {
                value -= low;
                high = Math.Max(high, value);
            }

            sum.Add(low);
            spreads.Add(high);
        }

        (least, spread) = (sum.Value, spreads.Value);
        return figures;
    }

    double Left(int budget)
    {
        CompensatedSum left = default;
        left.Add(_budgets[budget]);
        for (int g = 0; g < Groups; g++)
        {
            double least = double.PositiveInfinity;
            for (int o = Starts[g]; o < Starts[g + 1]; o++) least = Math.Min(least, _groups[g][_places[o]].Costs[budget]);
            left.Add(-least);
        }

        return left.Value;
    }

    static double Least(ReadOnlySpan<double> values)
    {
        double least = double.PositiveInfinity;
        foreach (double value in values) least = Math.Min(least, value);
        return least;
    }

    // 1 for 0, so that it can divide.
    static double PowerOfTwo(double value) => value > 0 ? Math.ScaleB(1, Math.ILogB(value)) : 1;
}
