using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Measurement.Latency;

/// <summary>The time of a network, divided among the layers of the baseline.</summary>
/// <remarks>
/// The rule, for each node that the runtime executes: (1) the node that computes a layer is the layer's, that of several layers is shared evenly; (2) a node that prepares what a layer is fed (quantizes it, or brings it
/// into a blocked layout) goes to the nearest layer behind it; (3) any other goes to the nearest layer before it, so that activations, poolings and what unpacks a result stay with the layer that made it; (4) where there is none before, to the
/// nearest behind; (5) what no layer reaches is the remainder. Nearest: the fewest nodes between, of equal distance the first in the order of execution. The parts sum to the whole.
/// </remarks>
/// <param name="Layers">One for each layer asked for, in that order.</param>
/// <param name="RemainderMicroseconds">What belongs to no layer.</param>
public sealed record LayerTimes(ImmutableArray<LayerTime> Layers, double RemainderMicroseconds)
{
    static readonly HashSet<string> Preparing = ["QuantizeLinear", "DynamicQuantizeLinear", "ReorderInput"];

    /// <summary>Divides a profile.</summary>
    /// <param name="profile">The profile.</param>
    /// <param name="layers">The layers by their names in the baseline, and the values of the profiled network that hold what they give out; a layer that is gone has an empty one.</param>
    /// <exception cref="OnnxModelException">A graph is malformed.</exception>
    public static LayerTimes Of(NodeProfile profile, IReadOnlyList<(string Layer, string Value)> layers)
    {
        ArgumentNullException.ThrowIfNull(profile);
        ArgumentNullException.ThrowIfNull(layers);
        var owners = Owners(profile, layers);
        double[] own = new double[layers.Count], around = new double[layers.Count];
        string[] operators = [.. layers.Select(_ => "")];
        double remainder = 0;
        var search = new NearestOwner(profile.Executed, owners);
        foreach (var (node, microseconds) in profile.Nodes)
        {
            bool isOwn = owners.TryGetValue(node, out var owning);
            owning ??= Preparing.Contains(node.OpType) ? search.Behind(node) ?? search.Before(node) : search.Before(node) ?? search.Behind(node);
            if (owning is null) remainder += microseconds;
            foreach (int layer in owning ?? [])
            {
                (isOwn ? own : around)[layer] += microseconds / owning!.Count;
                if (isOwn) operators[layer] = node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";
            }
        }

        return new LayerTimes([.. layers.Select((layer, i) => new LayerTime(layer.Layer, operators[i], own[i], around[i]))], remainder);
    }

    static Dictionary<NodeProto, List<int>> Owners(NodeProfile profile, IReadOnlyList<(string Layer, string Value)> layers)
    {
        var nodes = new ExecutedNodes(profile.Marked, profile.Executed);
        var marked = new GraphIndex(profile.Marked);
        var makers = new Dictionary<NodeProto, NodeProto>(ReferenceEqualityComparer.Instance);
        foreach (var node in profile.Executed.Node)
        {
            if (nodes.OriginOf(node) is { } origin) makers.TryAdd(origin, node);
        }

        var owners = new Dictionary<NodeProto, List<int>>(ReferenceEqualityComparer.Instance);
        for (int i = 0; i < layers.Count; i++)
        {
            // A table of rows computes nothing, and is found by what it gives.
            string value = layers[i].Value;
            var node = nodes.ComputerOf(value) ?? (marked.Producer(value) is { } producer ? makers.GetValueOrDefault(producer) : null);
            if (node is null) continue;
            if (!owners.TryGetValue(node, out var owning)) owners.Add(node, owning = []);
            owning.Add(i);
        }

        return owners;
    }

    // Breadth first over the executed graph.
    sealed class NearestOwner
    {
        readonly Dictionary<NodeProto, List<int>> _owners;
        readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
        readonly Dictionary<string, List<NodeProto>> _consumers = new(StringComparer.Ordinal);

        public NearestOwner(GraphProto graph, Dictionary<NodeProto, List<int>> owners)
        {
            _owners = owners;
            foreach (var node in graph.Node)
            {
                foreach (string output in node.Output.Where(output => output.Length > 0)) _producers[output] = node;
                foreach (string input in GraphOrder.InputsOf(node))
                {
                    if (!_consumers.TryGetValue(input, out var users)) _consumers.Add(input, users = []);
                    users.Add(node);
                }
            }
        }

        public List<int>? Before(NodeProto node) => Find(node, step => GraphOrder.InputsOf(step).Select(input => _producers.GetValueOrDefault(input)).OfType<NodeProto>());

        public List<int>? Behind(NodeProto node) => Find(node, step => step.Output.SelectMany(output => _consumers.GetValueOrDefault(output) ?? []));

        List<int>? Find(NodeProto start, Func<NodeProto, IEnumerable<NodeProto>> next)
        {
            var seen = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance) { start };
            var waiting = new Queue<NodeProto>(seen);
            while (waiting.TryDequeue(out var node))
            {
                if (_owners.TryGetValue(node, out var owning)) return owning;
                foreach (var other in next(node).Where(seen.Add)) waiting.Enqueue(other);
            }

            return null;
        }
    }
}

/// <summary>The time of a layer.</summary>
/// <param name="Layer">Its name in the baseline.</param>
/// <param name="Operator">What computes it, with its domain where it is not the standard one: "com.microsoft.QLinearConv"; empty where it was not found.</param>
/// <param name="OwnMicroseconds">Of the node that computes it.</param>
/// <param name="AroundMicroseconds">Of the nodes that go to it.</param>
public sealed record LayerTime(string Layer, string Operator, double OwnMicroseconds, double AroundMicroseconds)
{
    /// <summary>The sum.</summary>
    public double Microseconds => OwnMicroseconds + AroundMicroseconds;
}
