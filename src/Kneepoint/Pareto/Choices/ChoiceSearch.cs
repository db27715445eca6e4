namespace Kneepoint.Pareto.Choices;

/// <summary>Branch and bound over the linear relaxation, depth first.</summary>
/// <remarks>
/// At each node the relaxation starts from the basis of its parent; the bound is evaluated at its prices, options are taken away whose reduced cost alone lifts the bound to the best loss known, and the groups
/// that the relaxation mixes are tried in all combinations, the others at their keys. A group that is mixed is split in two by the priced cost of its options, at the cost of the mixture; the side with the larger share comes first.
/// </remarks>
sealed class ChoiceSearch(ChoiceProblem problem)
{
    // More than rounding can change a bound, relative to the sum of sizes.
    const double Rounding = 1e-13;
    const double RoundingForGroup = 4e-16;
    readonly int _rows = problem.Rows;
    readonly ChoiceSimplex _simplex = new(problem);
    readonly double[] _prices = new double[problem.Rows];
    readonly double[] _reduced = new double[problem.Options];
    readonly bool[] _isLow = new bool[problem.Options];
    readonly ChoiceRounding _rounding = new(problem);
    readonly List<ChoiceNode> _stack = [];
    readonly int[] _best = new int[problem.Groups];
    double _bestValue = double.PositiveInfinity;
    double _least = double.PositiveInfinity;
    double _margin;
    int _open;

    /// <summary>Searches until all is proved or the number of nodes is reached.</summary>
    public ChoiceOptimum Run(int mostNodes)
    {
        var current = new ChoiceNode(problem);
        double relaxed = double.PositiveInfinity;
        double[] prices = new double[_rows];
        int nodes = 0;
        if (!problem.IsImpossible) PushRoot();
        while (_open > 0 && nodes < mostNodes)
        {
            (current, _stack[--_open]) = (_stack[_open], current);
            if (current.Bound + 2 * _margin >= _bestValue)
            {
                _least = Math.Min(_least, current.Bound);
                continue;
            }

            nodes++;
            bool isPossible = Visit(current);
            if (nodes > 1) continue;
            if (isPossible) relaxed = current.Bound;
            _prices.CopyTo(prices, 0);
        }

        return Result(relaxed, prices, nodes);
    }

    ChoiceOptimum Result(double relaxed, double[] prices, int nodes)
    {
        bool isFound = double.IsFinite(_bestValue);
        bool isOptimal = _open == 0 && isFound;
        double bound = Math.Min(_least, _bestValue);
        for (int i = 0; i < _open; i++) bound = Math.Min(bound, _stack[i].Bound);
        double loss = isFound ? problem.Loss(_best) : double.PositiveInfinity;
        return new ChoiceOptimum
        {
            Choice = isFound ? [.. problem.Translate(_best)] : default,
            Loss = loss,
            LowerBound = Math.Min(loss, problem.BoundOf(bound)),
            RelaxedBound = Math.Min(loss, problem.BoundOf(relaxed)),
            Prices = [.. problem.PricesOf(prices)],
            IsOptimal = isOptimal,
            Nodes = nodes,
        };
    }

    void PushRoot()
    {
        var root = Push();
        root.Bound = double.NegativeInfinity;
        problem.Starts.CopyTo(root.Starts, 0);
        root.Reserve(problem.Options);
        for (int o = 0; o < problem.Options; o++) root.Options[o] = o;

        // Options of a group are sorted by their loss.
        for (int g = 0; g < problem.Groups; g++) root.Keys[g] = problem.Starts[g];
        for (int r = 0; r < _rows; r++) root.Basics[r] = -1 - r;
    }

    ChoiceNode Push()
    {
        if (_open == _stack.Count) _stack.Add(new ChoiceNode(problem));
        return _stack[_open++];
    }

    // Solves a node and pushes its parts. False if it is empty.
    bool Visit(ChoiceNode node)
    {
        if (!_simplex.Solve(node, _bestValue) && IsEmpty(node)) return false;
        node.Bound = Math.Max(node.Bound, Bound(node));
        Round(node);
        if (node.Bound + 2 * _margin >= _bestValue) _least = Math.Min(_least, node.Bound);
        else Branch(node);
        return true;
    }

    // The direction of prices proves it: even the cheapest options exceed the budgets, priced so.
    bool IsEmpty(ChoiceNode node)
    {
        if (problem.HasRelief) return false;
        double sum = 0;
        for (int g = 0; g < problem.Groups; g++)
        {
            double least = double.PositiveInfinity;
            foreach (int option in node.OptionsOf(g))
            {
                double priced = 0;
                for (int r = 0; r < _rows; r++) priced += Math.Max(0, _simplex.Direction[r]) * problem.Costs[option * _rows + r];
                least = Math.Min(least, priced);
            }

            sum += least;
        }

        double sizes = sum;
        for (int r = 0; r < _rows; r++)
        {
            sum -= Math.Max(0, _simplex.Direction[r]) * problem.Budgets[r];
            sizes += Math.Max(0, _simplex.Direction[r]) * problem.Budgets[r];
        }

        return sum > RelativeMargin * sizes;
    }

    double RelativeMargin => Math.Max(Rounding, RoundingForGroup * problem.Groups);

    // The bound at the prices of the relaxation, and the reduced cost of each option.
    double Bound(ChoiceNode node)
    {
        for (int r = 0; r < _rows; r++) _prices[r] = Math.Max(0, _simplex.Prices[r]);
        if (problem.HasRelief) LimitPrices();
        double sum = 0, budgets = 0;
        for (int g = 0; g < problem.Groups; g++)
        {
            var options = node.OptionsOf(g);
            double least = double.PositiveInfinity;
            foreach (int option in options)
            {
                double priced = problem.Losses[option];
                for (int r = 0; r < _rows; r++) priced += _prices[r] * problem.Costs[option * _rows + r];
                _reduced[option] = priced;
                least = Math.Min(least, priced);
            }

            foreach (int option in options) _reduced[option] -= least;
            sum += least;
        }

        double sizes = sum;
        for (int r = 0; r < _rows; r++)
        {
            budgets += _prices[r] * problem.Budgets[r];
            sizes += _prices[r] * Math.Abs(problem.Budgets[r]);
        }

        _margin = RelativeMargin * sizes;
        return sum - budgets - _margin;
    }

    // A unit of relief costs a loss of 1, so prices of all reliefs together are at most that.
    void LimitPrices()
    {
        double sum = 0;
        for (int r = 0; r < _rows; r++) sum += _prices[r] * problem.Reliefs[r];
        if (sum <= 1) return;
        foreach (ref double price in _prices.AsSpan()) price /= sum * (1 + Rounding);
    }

    void Round(ChoiceNode node)
    {
        if (!_rounding.Round(node, _simplex) || !Keep()) return;
        _rounding.Improve();
        Keep();
    }

    bool Keep()
    {
        double value = problem.Value(_rounding.Choice);
        if (!(value < _bestValue)) return false;
        _bestValue = value;
        _rounding.Choice.CopyTo(_best, 0);
        return true;
    }

    void Branch(ChoiceNode node)
    {
        Filter(node);
        int group = GroupToSplit(node);
        if (group < 0)
        {
            node.Keys.CopyTo(_rounding.Choice, 0);
            Keep();
            return;
        }

        bool isLowLikelier = Mark(node, group);
        Push(node, group, !isLowLikelier);
        Push(node, group, isLowLikelier);
    }

    // Takes options away that alone would lift the bound to the best loss known.
    void Filter(ChoiceNode node)
    {
        int count = 0;
        for (int g = 0; g < problem.Groups; g++)
        {
            int first = count, start = node.Starts[g], end = node.Starts[g + 1], cheapest = node.Options[start];
            bool hasKey = false;
            for (int i = start; i < end; i++)
            {
                int option = node.Options[i];
                if (_reduced[option] == 0)
                {
                    cheapest = option;
                }
                else if (node.Bound + _reduced[option] + 2 * _margin >= _bestValue)
                {
                    _least = Math.Min(_least, node.Bound + _reduced[option] - _margin);
                    continue;
                }

                node.Options[count++] = option;
                hasKey |= option == node.Keys[g];
            }

            node.Starts[g] = first;
            if (!hasKey) ChangeKey(node, g, node.Options.AsSpan(first..count), cheapest);
        }

        node.Starts[^1] = count;
    }

    // A basic option that is left, with the largest share; else any.
    void ChangeKey(ChoiceNode node, int group, ReadOnlySpan<int> options, int other)
    {
        int place = -1;
        for (int p = 0; p < _rows; p++)
        {
            int option = node.Basics[p];
            if (option >= 0 && options.Contains(option) && (place < 0 || _simplex.Shares[p] > _simplex.Shares[place])) place = p;
        }

        if (place >= 0) (node.Keys[group], node.Basics[place]) = (node.Basics[place], node.Keys[group]);
        else node.Keys[group] = other;
    }

    // The group that is mixed widest; where none is, the first with a choice.
    int GroupToSplit(ChoiceNode node)
    {
        int group = -1;
        double widest = 0;
        foreach (int mixed in _rounding.Mixed)
        {
            if (node.OptionsOf(mixed).Length < 2) continue;
            double width = Width(node, mixed);
            if (group < 0 || width > widest) (group, widest) = (mixed, width);
        }

        for (int g = 0; group < 0 && g < problem.Groups; g++)
        {
            if (node.OptionsOf(g).Length > 1) group = g;
        }

        return group;
    }

    double Width(ChoiceNode node, int group)
    {
        double mean = Mean(node, group), width = _simplex.KeyShare(node, group) * Math.Abs(Priced(node.Keys[group]) - mean);
        for (int p = 0; p < _rows; p++)
        {
            if (node.Basics[p] is >= 0 and var option && problem.GroupOf[option] == group) width += _simplex.Shares[p] * Math.Abs(Priced(option) - mean);
        }

        return width;
    }

    double Mean(ChoiceNode node, int group)
    {
        double mean = _simplex.KeyShare(node, group) * Priced(node.Keys[group]);
        for (int p = 0; p < _rows; p++)
        {
            if (node.Basics[p] is >= 0 and var option && problem.GroupOf[option] == group) mean += _simplex.Shares[p] * Priced(option);
        }

        return mean;
    }

    double Priced(int option)
    {
        double priced = 0;
        for (int r = 0; r < _rows; r++) priced += _prices[r] * problem.Costs[option * _rows + r];
        return priced;
    }

    // Marks the options that cost less than the mixture at these prices, or where that parts nothing, the first half; whether the mixture has more of them.
    bool Mark(ChoiceNode node, int group)
    {
        var options = node.OptionsOf(group);
        double mean = Mean(node, group);
        int low = 0;
        foreach (int option in options)
        {
            _isLow[option] = Priced(option) <= mean;
            if (_isLow[option]) low++;
        }

        if (low == 0 || low == options.Length)
        {
            for (int i = 0; i < options.Length; i++) _isLow[options[i]] = 2 * i < options.Length;
        }

        double share = _isLow[node.Keys[group]] ? _simplex.KeyShare(node, group) : 0;
        for (int p = 0; p < _rows; p++)
        {
            if (node.Basics[p] is >= 0 and var option && problem.GroupOf[option] == group && _isLow[option]) share += _simplex.Shares[p];
        }

        return share >= 0.5;
    }

    // The part of a node in which a group keeps one side of its options.
    void Push(ChoiceNode node, int group, bool isLow)
    {
        var part = Push();
        part.Bound = node.Bound;
        node.Keys.CopyTo(part.Keys, 0);
        node.Basics.CopyTo(part.Basics, 0);
        part.Reserve(node.Starts[^1]);
        int start = node.Starts[group], end = node.Starts[group + 1], count = start, cheapest = -1;
        node.Options.AsSpan(0, start).CopyTo(part.Options);
        for (int i = start; i < end; i++)
        {
            int option = node.Options[i];
            if (_isLow[option] != isLow) continue;
            part.Options[count++] = option;
            if (cheapest < 0 || _reduced[option] < _reduced[cheapest]) cheapest = option;
        }

        node.Options.AsSpan(end..node.Starts[^1]).CopyTo(part.Options.AsSpan(count));
        for (int g = 0; g <= problem.Groups; g++) part.Starts[g] = g <= group ? node.Starts[g] : node.Starts[g] - (end - count);
        if (!part.OptionsOf(group).Contains(part.Keys[group])) ChangeKey(part, group, part.OptionsOf(group), cheapest);
    }
}
