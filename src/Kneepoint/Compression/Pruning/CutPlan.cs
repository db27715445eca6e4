namespace Kneepoint.Compression.Pruning;

/// <summary>Decides how many channels of each group are cut, and keeps count of what is left.</summary>
/// <remarks>Channels go in portions that leave a multiple of what the runtime likes. Over the whole network, the portion goes first that loses least for each multiply-accumulate that it saves.</remarks>
sealed class CutPlan
{
    readonly ChannelGraph _graph;
    readonly int? _multiple;
    readonly int[][] _axes;
    readonly int[] _keptOfAxis;
    readonly Dictionary<int, List<(int Axis, int Places)>> _axesOf = [];
    readonly Dictionary<int, List<(int Product, int Factor, int Places)>> _productsOf = [];
    readonly int[][] _keptOfFactor;
    readonly HashSet<int> _removed = [];

    /// <summary>Starts with everything kept.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="multiple">Channel counts that the runtime likes are multiples of this; null to choose by the group's channels.</param>
    public CutPlan(ChannelGraph graph, int? multiple)
    {
        (_graph, _multiple) = (graph, multiple);
        _axes = [.. graph.Tracker.Values.SelectMany(value => value.Value.Axes).OfType<int[]>().Distinct<int[]>(ReferenceEqualityComparer.Instance)];
        _keptOfAxis = [.. _axes.Select(places => places.Length)];
        for (int axis = 0; axis < _axes.Length; axis++)
        {
            foreach (var (place, count) in Counts(_axes[axis])) Of(_axesOf, place).Add((axis, count));
        }

        _keptOfFactor = [.. graph.Products.Select(product => product.Factors.Select(places => places.Length).ToArray())];
        for (int product = 0; product < _keptOfFactor.Length; product++)
        {
            for (int factor = 0; factor < _keptOfFactor[product].Length; factor++)
            {
                foreach (var (place, count) in Counts(graph.Products[product].Factors[factor])) Of(_productsOf, place).Add((product, factor, count));
            }
        }
    }

    /// <summary>The classes that are cut.</summary>
    public IReadOnlyCollection<int> Removed => _removed;

    /// <summary>Multiply-accumulates of what is left.</summary>
    public double Macs => _graph.OtherMacs + Enumerable.Range(0, _keptOfFactor.Length).Sum(MacsOf);

    /// <summary>Cuts a share of the network's multiply-accumulates.</summary>
    /// <returns>Whether so much could be cut.</returns>
    public bool CutNetwork(IReadOnlyList<RemovalOrder> orders, double ratio)
    {
        double macs = Macs, target = Macs * (1 - ratio);
        int[] cut = new int[orders.Count];
        while (macs > target)
        {
            (int best, int bestNext, double bestPrice, double bestSaving) = (-1, 0, double.PositiveInfinity, 0);
            for (int i = 0; i < orders.Count; i++)
            {
                if (NextPortion(orders[i], cut[i]) is not { } next) continue;
                double saving = Saving(Portion(orders[i], cut[i], next));
                if (saving <= 0) continue;
                double price = (orders[i].Losses[next] - orders[i].Losses[cut[i]]) / saving;
                if (price < bestPrice) (best, bestNext, bestPrice, bestSaving) = (i, next, price, saving);
            }

            if (best < 0) return false;
            Remove(Portion(orders[best], cut[best], bestNext));
            cut[best] = bestNext;
            macs -= bestSaving;
        }

        return true;
    }

    /// <summary>Cuts a share of each group's channels, as far as portions allow.</summary>
    public void CutGroups(IReadOnlyList<RemovalOrder> orders, double ratio)
    {
        foreach (var order in orders)
        {
            // The nearest count that is a whole number of portions.
            int step = StepOf(order.Group);
            int kept = Math.Max(step, (int)Math.Round(order.Classes.Count * (1 - ratio) / step, MidpointRounding.AwayFromZero) * step);
            int cut = 0;
            while (NextPortion(order, cut) is { } next && next <= order.Classes.Count - kept)
            {
                Remove(Portion(order, cut, next));
                cut = next;
            }
        }
    }

    // How many are cut after the next portion; null where none is left, or it would take all of an axis.
    int? NextPortion(RemovalOrder order, int cut)
    {
        int step = StepOf(order.Group);
        int kept = order.Classes.Count - cut;
        int next = (kept - 1) / step * step;
        if (next < step) return null;
        int end = order.Classes.Count - next;
        var lost = new Dictionary<int, int>();
        foreach (int place in Portion(order, cut, end))
        {
            foreach (var (axis, places) in _axesOf.GetValueOrDefault(place) ?? []) lost[axis] = lost.GetValueOrDefault(axis) + places;
        }

        return lost.All(entry => entry.Value < _keptOfAxis[entry.Key]) ? end : null;
    }

    // Classes of a portion: so many that their channels are a multiple.
    int StepOf(ChannelGroup group)
    {
        int multiple = _multiple ?? (group.Classes.Count * group.Width) switch
        {
            >= 32 => 16,
            >= 16 => 8,
            >= 8 => 4,
            _ => 1,
        };
        return multiple / Gcd(multiple, group.Width);
    }

    double Saving(IEnumerable<int> classes)
    {
        var lost = new SortedDictionary<int, int[]>();
        foreach (int place in classes)
        {
            foreach (var (product, factor, places) in _productsOf.GetValueOrDefault(place) ?? [])
            {
                if (!lost.TryGetValue(product, out int[]? factors)) lost.Add(product, factors = new int[_keptOfFactor[product].Length]);
                factors[factor] += places;
            }
        }

        double saving = 0;
        foreach (var (product, factors) in lost)
        {
            double macs = _graph.Products[product].Macs;
            for (int factor = 0; factor < factors.Length; factor++) macs *= (double)(_keptOfFactor[product][factor] - factors[factor]) / _graph.Products[product].Factors[factor].Length;
            saving += MacsOf(product) - macs;
        }

        return saving;
    }

    void Remove(IEnumerable<int> classes)
    {
        foreach (int place in classes)
        {
            if (!_removed.Add(place)) continue;
            foreach (var (axis, places) in _axesOf.GetValueOrDefault(place) ?? []) _keptOfAxis[axis] -= places;
            foreach (var (product, factor, places) in _productsOf.GetValueOrDefault(place) ?? []) _keptOfFactor[product][factor] -= places;
        }
    }

    double MacsOf(int product)
    {
        double macs = _graph.Products[product].Macs;
        for (int factor = 0; factor < _keptOfFactor[product].Length; factor++) macs *= (double)_keptOfFactor[product][factor] / _graph.Products[product].Factors[factor].Length;
        return macs;
    }

    IEnumerable<(int Place, int Count)> Counts(int[] places) => places.Select(_graph.Tracker.Classes.Of).CountBy(place => place).Select(entry => (entry.Key, entry.Value));

    static IEnumerable<int> Portion(RemovalOrder order, int first, int end) => order.Classes.Skip(first).Take(end - first);

    static List<T> Of<T>(Dictionary<int, List<T>> lists, int key)
    {
        if (!lists.TryGetValue(key, out var list)) lists.Add(key, list = []);
        return list;
    }

    static int Gcd(int a, int b) => b == 0 ? a : Gcd(b, a % b);
}
