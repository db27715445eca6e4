using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Compression.Pruning;

/// <summary>Which channels of a network must be cut together, which must stay, and what multiplies with them.</summary>
/// <remarks>
/// Each place on each axis of a value or a fixed tensor belongs to a class; each operator unites the places that it joins (<see cref="ChannelRules"/>), so that
/// residual sums, concatenations, depthwise and grouped convolutions, reshapes, attention heads and shared weights need no case of their own. A class without a place that must stay can be
/// cut: every tensor loses those indices, and what is left computes what the network computed with those channels set to 0 wherever they are multiplied. Channels that are normalized
/// together stay, since the others would change. Source of the problem: [Fang2023], DepGraph; there layers are the nodes, here single channels.
/// Cost: linear in the graph and in the sizes of axes.
/// </remarks>
sealed class ChannelGraph
{
    const int MostWays = 8;
    readonly NetworkRewrite _rewrite;

    ChannelGraph(NetworkRewrite rewrite, ChannelTracker tracker, NetworkCost cost)
    {
        _rewrite = rewrite;
        Tracker = tracker;
        Layers = [.. rewrite.Layers.Where(layer => layer.OpType != "Gather" && !layer.IsRecurrent)];
        Groups = FindGroups();
        var macs = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var node in cost.Nodes) macs.TryAdd(node.Name, node.Macs ?? 0);
        Products = [.. tracker.Products.Select(product => new ChannelProduct(macs.GetValueOrDefault(product.Node.FirstOutput()), product.Factors))];
        OtherMacs = cost.Macs - Products.Sum(product => product.Macs);
    }

    /// <summary>The classes, and what a cut changes.</summary>
    public ChannelTracker Tracker { get; }

    /// <summary>The layers that make channels.</summary>
    public IReadOnlyList<WeightedLayer> Layers { get; }

    /// <summary>What can be cut, in the order of the graph.</summary>
    public IReadOnlyList<ChannelGroup> Groups { get; }

    /// <summary>Nodes whose multiply-accumulates depend on channels.</summary>
    public IReadOnlyList<ChannelProduct> Products { get; }

    /// <summary>Multiply-accumulates of all other nodes.</summary>
    public long OtherMacs { get; }

    /// <summary>Goes through a network.</summary>
    public static ChannelGraph Of(NetworkRewrite rewrite)
    {
        var shapes = ShapeInference.Infer(rewrite.Model, new InputShapes());
        var cost = NetworkCost.Of(rewrite.Model, shapes);
        var choices = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var best = new ChannelGraph(rewrite, Walk(rewrite, shapes, choices), cost);

        // An axis that is split into several can give its channels to any of them: taken is what leaves most to cut, one way of splitting after the other.
        foreach (var (pattern, ways) in best.Tracker.Splits.Where(split => split.Value <= MostWays).ToArray())
        {
            for (int way = 1; way < ways; way++)
            {
                var other = new ChannelGraph(rewrite, Walk(rewrite, shapes, new SortedDictionary<string, int>(choices, StringComparer.Ordinal) { [pattern] = way }), cost);
                if (other.CuttableMacs() <= best.CuttableMacs()) continue;
                best = other;
                choices[pattern] = way;
            }
        }

        return best;
    }

    /// <summary>The classes of a layer's output channels; null where its output axis cannot be cut.</summary>
    public int[]? OutputsOf(WeightedLayer layer) => Tracker.Of(layer.WeightName)?.Axes[layer.OutputAxis] is { } places ? [.. places.Select(Tracker.Classes.Of)] : null;

    /// <summary>The class of each column of what a layer multiplies, as <see cref="Calibration.Moments.InputForm"/> orders them; null where its inputs cannot be cut.</summary>
    public int[]? ColumnsOf(WeightedLayer layer)
    {
        if (layer.Group != 1 || Tracker.Of(layer.WeightName) is not { } weight) return null;
        int axis = layer.OpType switch
        {
            "Conv" => 1,
            "ConvTranspose" => 0,
            "Gemm" => 1 - layer.OutputAxis,
            _ when weight.Rank == 2 => 1 - layer.OutputAxis,
            _ => -1,
        };
        if (axis < 0 || weight.Axes[axis] is not { } places) return null;
        int each = (int)(layer.ReductionLength / places.Length);
        return [.. places.SelectMany(place => Enumerable.Repeat(Tracker.Classes.Of(place), each))];
    }

    /// <summary>A layer's weight as binary32.</summary>
    public float[] WeightOf(WeightedLayer layer) => _rewrite.WeightOf(layer);

    /// <summary>Why a layer's channels stay, as a clause that goes on from "it".</summary>
    public string WhyKept(WeightedLayer layer)
    {
        var reasons = (OutputsOf(layer) ?? []).Select(Tracker.Classes.WhyKept).OfType<string>().Distinct().ToArray();
        return reasons.Length > 0 ? $"makes channels that {reasons[0]}" : "makes channels that are too few to cut";
    }

    long CuttableMacs()
    {
        var classes = Groups.SelectMany(group => group.Classes).ToHashSet();
        return Products.Where(product => product.Factors.Any(places => places.Any(place => classes.Contains(Tracker.Classes.Of(place))))).Sum(product => product.Macs);
    }

    static ChannelTracker Walk(NetworkRewrite rewrite, ShapeTable shapes, IReadOnlyDictionary<string, int> choices)
    {
        var tracker = new ChannelTracker(rewrite, shapes, choices);
        foreach (var node in rewrite.Graph.Node) ChannelRules.Apply(tracker, node);
        return tracker;
    }

    // Layers belong together where a class has places in the outputs of both.
    List<ChannelGroup> FindGroups()
    {
        var joined = new ChannelClasses();
        int[] members = joined.Add(Layers.Count);
        var outputs = Layers.Select(OutputsOf).ToArray();
        var firstOf = new Dictionary<int, int>();
        for (int i = 0; i < outputs.Length; i++)
        {
            foreach (int place in outputs[i] ?? [])
            {
                if (!firstOf.TryAdd(place, i)) joined.Unite(members[i], members[firstOf[place]]);
            }
        }

        var groups = new List<ChannelGroup>();
        foreach (var layers in Enumerable.Range(0, Layers.Count).Where(i => outputs[i] is not null).GroupBy(i => joined.Of(members[i])))
        {
            int[] classes = [.. layers.SelectMany(i => outputs[i]!).Distinct().Where(place => Tracker.Classes.WhyKept(place) is null)];
            if (classes.Length < 2) continue;
            int width = layers.Max(i => outputs[i]!.Count(place => place == classes[0]));
            groups.Add(new ChannelGroup([.. layers.Select(i => Layers[i])], classes, Math.Max(1, width)));
        }

        return groups;
    }
}

/// <summary>A node that multiplies.</summary>
/// <param name="Macs">Its multiply-accumulates.</param>
/// <param name="Factors">The places of the axes that they are proportional to.</param>
sealed record ChannelProduct(long Macs, int[][] Factors);
