using System.Collections.Immutable;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Onnx.Costs;

/// <summary>What a network stores and computes for one run, node by node.</summary>
/// <remarks>
/// Counts follow the shapes that were found for one set of inputs. Nodes in a subgraph count as often as it runs; the branch of an If that is not
/// taken counts nothing. A fixed tensor belongs to the first node that takes it and is counted once.
/// Sums saturate at the largest 64-bit integer.
/// </remarks>
/// <param name="Nodes">The nodes in the graph's order, those of subgraphs behind the node that holds them; Constant nodes are left out.</param>
/// <param name="Uncounted">Operators whose multiply-accumulates are not in the sums, by name.</param>
/// <param name="Parameters">Elements of all fixed tensors.</param>
/// <param name="WeightBytes">Bytes of all fixed tensors as stored.</param>
/// <param name="Macs">Multiply-accumulates of one run.</param>
/// <param name="BitOps">Σ multiply-accumulates · weight bits · activation bits.</param>
/// <param name="ActivationBytes">Bytes of all values that nodes make, as if none were ever freed.</param>
public sealed record NetworkCost(ImmutableArray<NodeCost> Nodes, ImmutableArray<UncountedOperator> Uncounted,
    long Parameters, long WeightBytes, long Macs, long BitOps, long ActivationBytes)
{
    /// <summary>Counts.</summary>
    /// <param name="model">The network.</param>
    /// <param name="shapes">The shapes of its values.</param>
    /// <exception cref="OnnxModelException">The graph is malformed.</exception>
    public static NetworkCost Of(OnnxModel model, ShapeTable shapes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(shapes);
        var counting = new Counting();
        counting.Walk(model.Graph, new GraphIndex(model), shapes, 1);
        var nodes = counting.Nodes.ToImmutable();
        return new NetworkCost(nodes,
            [
                .. counting.Uncounted.GroupBy(entry => entry.Operator).OrderBy(group => group.Key, StringComparer.Ordinal)
                    .Select(group => new UncountedOperator(group.Key, group.Count(), group.First().Reason)),
            ],
            Sum(nodes.Select(node => node.Parameters)), Sum(nodes.Select(node => node.WeightBytes)), Sum(nodes.Select(node => node.Macs ?? 0)),
            Sum(nodes.Select(node => node.BitOps ?? 0)), Sum(nodes.Select(node => node.ActivationBytes ?? 0)));
    }

    static long Sum(IEnumerable<long> values)
    {
        Int128 sum = 0;
        foreach (long value in values) sum += value;
        return (long)Int128.Min(sum, long.MaxValue);
    }

    sealed class Counting
    {
        readonly HashSet<TensorProto> _seen = new(ReferenceEqualityComparer.Instance);

        public ImmutableArray<NodeCost>.Builder Nodes { get; } = ImmutableArray.CreateBuilder<NodeCost>();

        public List<(string Operator, string Reason)> Uncounted { get; } = [];

        public void Walk(GraphProto graph, GraphIndex index, ShapeTable shapes, long runs)
        {
            var bits = new OperandBits(index, shapes);
            foreach (var node in graph.Node)
            {
                if (node.IsStandard("Constant")) continue;
                Nodes.Add(Cost(node, index, shapes, bits, runs));
                foreach (var subgraph in node.Subgraphs()) Inside(node, subgraph, shapes, runs);
            }

            // Dense again before a node takes them; stored are their elements and places.
            foreach (var sparse in graph.SparseInitializer)
            {
                if (sparse.Values is not { } values || !_seen.Add(values)) continue;
                long places = sparse.Indices is { } indices ? TensorData.StoredBytes(indices) : 0;
                Nodes.Add(new NodeCost(values.Name, "(sparse)", TensorData.Count(values), Sum([TensorData.StoredBytes(values), places]), 0, 0, 0, 0, 0, null));
            }

            // What no node takes is stored all the same: graph outputs, and leftovers.
            var unused = graph.Initializer.Where(_seen.Add).ToArray();
            if (unused.Length == 0) return;
            Nodes.Add(new NodeCost("", "(not used by a node)", Sum(unused.Select(TensorData.Count)), Sum(unused.Select(TensorData.StoredBytes)), 0, 0, 0, 0, 0, null));
        }

        void Inside(NodeProto node, GraphProto subgraph, ShapeTable shapes, long runs)
        {
            if (shapes.Of(subgraph) is not { } inner)
            {
                Store(node, subgraph);
                return;
            }

            var index = new GraphIndex(subgraph, long.MaxValue);
            if (inner.Runs is { } often)
            {
                Walk(subgraph, index, inner, (long)Int128.Min((Int128)runs * often, long.MaxValue));
                return;
            }

            // Its weights are stored; how often it computes is not known.
            int first = Nodes.Count;
            Walk(subgraph, index, inner, 0);
            bool multiplies = Enumerable.Range(first, Nodes.Count - first).Any(i => Nodes[i].Macs is not null && Nodes[i].WeightBits > 0);
            if (multiplies) Uncounted.Add((Operator(node), $"{node.Place()}: how often its body runs depends on data."));
        }

        // A branch that is not taken is stored all the same.
        void Store(NodeProto node, GraphProto subgraph)
        {
            TensorProto[] stored = [.. Tensors(subgraph).Where(_seen.Add)];
            if (stored.Length == 0) return;
            Nodes.Add(new NodeCost(node.FirstOutput(), $"{Operator(node)} (branch not taken)",
                Sum(stored.Select(TensorData.Count)), Sum(stored.Select(TensorData.StoredBytes)), 0, 0, 0, 0, 0, null));
        }

        static IEnumerable<TensorProto> Tensors(GraphProto graph)
        {
            foreach (var tensor in graph.Initializer) yield return tensor;
            foreach (var node in graph.Node)
            {
                if (node.IsStandard("Constant") && node.TryGetTensor("value", out var value)) yield return value;
                foreach (var tensor in node.Subgraphs().SelectMany(Tensors)) yield return tensor;
            }
        }

        NodeCost Cost(NodeProto node, GraphIndex index, ShapeTable shapes, OperandBits bits, long runs)
        {
            long parameters = 0, weightBytes = 0;
            foreach (string input in node.Input)
            {
                if (Fixed(input, index) is not { } tensor || !_seen.Add(tensor)) continue;
                parameters = Sum([parameters, TensorData.Count(tensor)]);
                weightBytes = Sum([weightBytes, TensorData.StoredBytes(tensor)]);
            }

            var (macs, weightBits, activationBits) = Work(node, shapes, bits, runs);
            long? bitOps = macs is { } count ? (long)Int128.Min((Int128)count * weightBits * activationBits, long.MaxValue) : null;
            bool isKnown = node.Output.All(name => name.Length == 0 || shapes[name] is not null);
            long? activationBytes = isKnown ? Sum(node.Output.Where(name => name.Length > 0).Select(name => shapes[name]!.Bytes)) : null;
            string name = node.Output.FirstOrDefault(value => value.Length > 0) ?? "";
            return new NodeCost(name, Operator(node), parameters, weightBytes, macs, bitOps, weightBits, activationBits, activationBytes, shapes[name]);
        }

        (long? Macs, int WeightBits, int ActivationBits) Work(NodeProto node, ShapeTable shapes, OperandBits bits, long runs)
        {
            if (node.Subgraphs().Any()) return (0, 0, 0);
            if (MacRules.Multiplies(node))
            {
                if (MacRules.Of(node, shapes, out string reason) is { } macs)
                {
                    var (weight, activation) = bits.Of(node);
                    return ((long)Int128.Min((Int128)macs * runs, long.MaxValue), weight, activation);
                }

                Uncounted.Add((Operator(node), reason));
                return (null, 0, 0);
            }

            if (MacRules.IsFree(node)) return (0, 0, 0);
            Uncounted.Add((Operator(node), $"{node.Place()}: the operator has no rule."));
            return (null, 0, 0);
        }

        // An initializer that a caller may override is stored all the same.
        static TensorProto? Fixed(string value, GraphIndex index) => index.TryConstant(value, out var tensor) ? tensor : index.Initializer(value);

        static string Operator(NodeProto node) => node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";
    }
}

/// <summary>What one node stores and computes.</summary>
/// <param name="Name">Its first output.</param>
/// <param name="Operator">The operator, with its domain where it is not a standard one.</param>
/// <param name="Parameters">Elements of the fixed tensors that it is the first to take.</param>
/// <param name="WeightBytes">Their bytes as stored.</param>
/// <param name="Macs">Multiply-accumulates of one run of the network; null where they could not be counted.</param>
/// <param name="BitOps">Times the bits of both operands; null as <paramref name="Macs"/>.</param>
/// <param name="WeightBits">Bits of a stored weight; 0 where nothing is multiplied.</param>
/// <param name="ActivationBits">Bits of what it is multiplied with; 0 where nothing is multiplied.</param>
/// <param name="ActivationBytes">Bytes of its outputs; null where a shape is not known.</param>
/// <param name="Output">Type and shape of its first output; null where not known.</param>
public sealed record NodeCost(string Name, string Operator, long Parameters, long WeightBytes, long? Macs, long? BitOps,
    int WeightBits, int ActivationBits, long? ActivationBytes, ValueShape? Output);

/// <summary>An operator that the sums do not count.</summary>
/// <param name="Operator">Its name, with its domain where it is not a standard one.</param>
/// <param name="Nodes">How often it occurs.</param>
/// <param name="Reason">Why the first of them is not counted.</param>
public sealed record UncountedOperator(string Operator, int Nodes, string Reason);
