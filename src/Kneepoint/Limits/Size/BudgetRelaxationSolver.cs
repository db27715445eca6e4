using Kneepoint.Pareto;

namespace Kneepoint.Limits.Size;

/// <summary>Searches the prices with the largest lower bound, and keeps the best choice that it meets within the budgets.</summary>
/// <remarks>Each step prices all options, which gives the choice that is best at these prices and a lower bound; the choice enters a <see cref="BudgetBasis"/>, which gives the next prices.</remarks>
sealed class BudgetRelaxationSolver
{
    const int MostSteps = 2000;
    const double Tolerance = 1e-12;

    // Prices stay below this many times the spread of all losses for a whole budget. The least that ends all excess is best, since large prices lose digits; a bound
    // holds at any price, so the largest limits only how sharp it is.
    const double LeastPenalty = 4, PenaltyFactor = 64, LargestPenalty = 1e9;

    // The path of prices raised together, until a choice is within the budgets.
    const double Raise = 1.03;
    const int Raises = 240;

    // More than rounding can take from the sums, relative to the sum of sizes.
    const double Rounding = 1e-14;
    readonly IReadOnlyList<IReadOnlyList<BudgetOption>> _layers;
    readonly double[] _budgets;
    readonly double[] _units;
    readonly int[] _priced;
    int[]? _best;
    double _bestLoss = double.PositiveInfinity;

    public BudgetRelaxationSolver(IReadOnlyList<IReadOnlyList<BudgetOption>> layers, ReadOnlySpan<double> budgets)
    {
        (_layers, _budgets, _priced) = (layers, [.. budgets], new int[layers.Count]);
        _units = [.. _budgets.Select((budget, j) => budget > 0 ? budget : Math.Max(1, layers.Sum(options => options.Max(option => option.Costs[j]))))];
    }

    public BudgetOptimum Solve()
    {
        double[] prices = new double[_budgets.Length];
        bool isOver = true;
        for (double penalty = LeastPenalty; isOver && penalty <= LargestPenalty; penalty *= PenaltyFactor)
        {
            double[] other = BestPrices(penalty, out isOver);
            if (LowerBound(other) > LowerBound(prices)) prices = other;
            isOver &= double.IsFinite(LowerBound(prices));
        }

        prices = Eased(prices);
        for (int i = 1; i <= Raises && _best is null; i++) Offer([.. prices.Select(price => price * Math.Pow(Raise, i))]);
        if (_best is null) Offer([.. _units.Select(unit => LargestPenalty * Spread() / unit)]);
        return new BudgetOptimum { LowerBound = LowerBound(prices), Prices = [.. prices], Choice = _best is null ? default : [.. _best], Loss = _bestLoss };
    }

    double[] BestPrices(double penalty, out bool isOver)
    {
        double spread = Spread(), tolerance = Tolerance * (spread + 1e-300);
        double[] prices = new double[_budgets.Length], best = prices;
        double most = Offer(prices);
        var basis = new BudgetBasis(Costs(), Loss(), [.. _budgets.Select((budget, j) => budget / _units[j])], penalty * spread);
        for (int step = 0; step < MostSteps; step++)
        {
            double[] duals = basis.Duals();
            int negative = Array.FindIndex(duals, 0, _budgets.Length, price => price < -tolerance);
            if (negative >= 0)
            {
                if (!basis.EnterSlack(negative)) break;
                continue;
            }

            prices = [.. _units.Select((unit, j) => Math.Max(0, duals[j]) / unit)];
            double bound = Offer(prices);
            if (bound > most) (most, best) = (bound, prices);
            if (bound + Cost(prices) >= duals[^1] - tolerance || !basis.Enter(Costs(), Loss())) break;
        }

        isOver = basis.IsOver();
        return best;
    }

    // Where many prices give the same bound, small ones: they lose less to rounding, and say what a budget is worth and not what a penalty was.
    double[] Eased(double[] prices)
    {
        double bound = LowerBound(prices);
        for (int j = 0; j < prices.Length; j++)
        {
            foreach (double factor in (double[])[0, 0.5])
            {
                while (prices[j] > 0)
                {
                    double[] lower = [.. prices];
                    lower[j] *= factor;
                    double other = LowerBound(lower);
                    if (other < bound) break;
                    (prices, bound) = (lower, other);
                }
            }
        }

        return prices;
    }

    // The sum over layers of the spread of their losses; 1 where nothing varies, so that a penalty is one.
    double Spread()
    {
        double sum = _layers.Sum(options => options.Max(option => option.Loss) - options.Min(option => option.Loss));
        return sum > 0 ? sum : 1;
    }

    // Chooses at these prices, keeps the choice if it is the best within the budgets, and gives the lower bound without its margin.
    double Offer(double[] prices)
    {
        var sum = default(CompensatedSum);
        for (int layer = 0; layer < _priced.Length; layer++)
        {
            double least = double.PositiveInfinity;
            for (int i = 0; i < _layers[layer].Count; i++)
            {
                double priced = Priced(_layers[layer][i], prices);
                if (priced < least) (_priced[layer], least) = (i, priced);
            }

            sum.Add(least);
        }

        Keep();
        return sum.Value - Cost(prices);
    }

    double LowerBound(double[] prices)
    {
        double bound = Offer(prices), sizes = Cost(prices);
        var worst = default(CompensatedSum);
        foreach (var options in _layers)
        {
            sizes += options.Max(option => Math.Abs(option.Loss) + Priced(option, prices) - option.Loss);
            worst.Add(options.Max(option => option.Loss));
        }

        bound -= Rounding * sizes;
        return bound > worst.Value + Rounding * sizes ? double.PositiveInfinity : bound;
    }

    static double Priced(BudgetOption option, double[] prices)
    {
        double value = option.Loss;
        for (int j = 0; j < prices.Length; j++) value += prices[j] * option.Costs[j];
        return value;
    }

    double Cost(double[] prices)
    {
        double cost = 0;
        for (int j = 0; j < prices.Length; j++) cost += prices[j] * _budgets[j];
        return cost;
    }

    // Costs of the priced choice in units of the budgets.
    double[] Costs() => [.. _units.Select((unit, j) => Sum(_priced, option => option.Costs[j]) / unit)];

    double Loss() => Sum(_priced, option => option.Loss);

    double Sum(int[] choice, Func<BudgetOption, double> figure)
    {
        var sum = default(CompensatedSum);
        for (int layer = 0; layer < choice.Length; layer++) sum.Add(figure(_layers[layer][choice[layer]]));
        return sum.Value;
    }

    void Keep()
    {
        double[] left = [.. _budgets.Select((budget, j) => budget - Sum(_priced, option => option.Costs[j]))];
        if (left.Any(rest => rest < 0)) return;
        int[] choice = [.. _priced];
        while (BestMove(choice, left) is { } move)
        {
            var (from, to) = (_layers[move.Layer][choice[move.Layer]], _layers[move.Layer][move.Option]);
            choice[move.Layer] = move.Option;
            for (int j = 0; j < left.Length; j++) left[j] += from.Costs[j] - to.Costs[j];
        }

        double loss = Sum(choice, option => option.Loss);
        bool isWithin = _budgets.Select((budget, j) => Sum(choice, option => option.Costs[j]) <= budget).All(fits => fits);
        if (isWithin && loss < _bestLoss) (_best, _bestLoss) = (choice, loss);
    }

    // The option of one layer that takes most loss away with what is left of the budgets.
    (int Layer, int Option)? BestMove(int[] choice, double[] left)
    {
        (int, int)? best = null;
        double most = 0;
        for (int layer = 0; layer < choice.Length; layer++)
        {
            var present = _layers[layer][choice[layer]];
            for (int i = 0; i < _layers[layer].Count; i++)
            {
                var other = _layers[layer][i];
                if (!(present.Loss - other.Loss > most) || !Fits(present, other, left)) continue;
                (best, most) = ((layer, i), present.Loss - other.Loss);
            }
        }

        return best;
    }

    static bool Fits(BudgetOption present, BudgetOption other, double[] left)
    {
        for (int j = 0; j < left.Length; j++)
        {
            if (other.Costs[j] - present.Costs[j] > left[j]) return false;
        }

        return true;
    }
}
