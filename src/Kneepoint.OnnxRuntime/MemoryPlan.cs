using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.OnnxRuntime;

/// <summary>The largest sum of live activations over the execution order of a graph.</summary>
/// <remarks>
/// Computes max over nodes k of the sum of bytes of all buffers that are live while k runs, k in the graph's order. A buffer lives from the
/// node that makes its first value to the last node that takes one of its values. Counted are graph inputs (from before the first
/// node to their last use), intermediates, and graph outputs (from their node to the end). Not counted are initializers, workspaces
/// of kernels, and what an allocator loses to rounding: the figure is a lower bound of what any runtime takes in this order.
/// Two values share one buffer where the second is a view of the first (Reshape, Flatten, Squeeze, Unsqueeze, Identity), or is computed
/// element by element from it, has its type and size, and is the last to use it. As in the runtime, graph inputs are never written over, and
/// a graph output has a buffer of its own.
/// Cost: time and memory linear in the graph.
/// </remarks>
sealed class MemoryPlan
{
    static readonly HashSet<string> Views = ["Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity"];

    static readonly HashSet<string> ElementByElement =
    [
        "Add", "Sub", "Mul", "Div", "Pow", "Sum", "Max", "Min", "Relu", "Clip", "LeakyRelu", "PRelu", "Elu", "Selu", "Celu", "Sigmoid", "HardSigmoid",
        "HardSwish", "Tanh", "Gelu", "QuickGelu", "FastGelu", "BiasGelu", "Erf", "Softplus", "Softsign", "ThresholdedRelu", "Abs", "Neg", "Exp", "Log",
        "Sqrt", "Reciprocal", "Floor", "Ceil", "Round", "Sign", "Not", "Sin", "Cos",
    ];

    // A convolution with a fused addition writes its result over the fourth input, the summand.
    static readonly HashSet<string> SummandLast = ["Conv", "FusedConv", "NhwcFusedConv"];
    const int SummandIndex = 3;

    readonly GraphIndex _index;
    readonly IReadOnlyDictionary<string, ValueSize> _sizes;
    readonly Dictionary<string, int> _lastUse = new(StringComparer.Ordinal);
    readonly Dictionary<string, Buffer> _buffers = new(StringComparer.Ordinal);
    readonly List<Buffer> _all = [];
    readonly int _end;

    MemoryPlan(GraphIndex index, IReadOnlyDictionary<string, ValueSize> sizes)
    {
        _index = index;
        _sizes = sizes;
        _end = index.Graph.Node.Count;
    }

    /// <summary>The peak of a graph.</summary>
    /// <param name="index">A graph whose nodes are in execution order.</param>
    /// <param name="sizes">The size of each value, graph inputs included; values without one count nothing.</param>
    /// <returns>Bytes, and the place of the node at which they are live; −1 if there is no node.</returns>
    public static (long Bytes, int Node) PeakOf(GraphIndex index, IReadOnlyDictionary<string, ValueSize> sizes)
    {
        var plan = new MemoryPlan(index, sizes);
        plan.FindLastUses();
        foreach (var input in index.FedInputs) plan.Allocate(input.Name, birth: 0, isOurs: false);
        for (int k = 0; k < plan._end; k++)
        {
            foreach (string output in index.Graph.Node[k].Output)
            {
                if (output.Length > 0) plan.Place(output, index.Graph.Node[k], k);
            }
        }

        return plan.Peak();
    }

    void FindLastUses()
    {
        var places = new Dictionary<NodeProto, int>(ReferenceEqualityComparer.Instance);
        for (int k = 0; k < _end; k++) places[_index.Graph.Node[k]] = k;
        foreach (string value in _index.Graph.Node.SelectMany(node => node.Output).Concat(_index.FedInputs.Select(input => input.Name)))
        {
            if (value.Length == 0) continue;
            int last = _index.IsGraphOutput(value) ? _end : -1;
            foreach (var use in _index.Consumers(value)) last = Math.Max(last, places[use.Owner]);
            _lastUse[value] = last;
        }
    }

    void Place(string output, NodeProto node, int k)
    {
        if (!_sizes.ContainsKey(output)) return;
        if (_index.IsGraphOutput(output) || SharedBuffer(output, node, k) is not { } shared)
        {
            Allocate(output, k, isOurs: !_index.IsGraphOutput(output));
            return;
        }

        _buffers[output] = shared;
        shared.Death = Math.Max(shared.Death, Death(output, k));
    }

    Buffer? SharedBuffer(string output, NodeProto node, int k)
    {
        if (output != node.Output[0]) return null;
        if (Views.Contains(node.OpType)) return _buffers.GetValueOrDefault(node.InputOrEmpty(0));
        if (SummandLast.Contains(node.OpType)) return Overwritten(output, node.InputOrEmpty(SummandIndex), k);
        if (!ElementByElement.Contains(node.OpType)) return null;
        foreach (string input in node.Input)
        {
            if (Overwritten(output, input, k) is { } buffer) return buffer;
        }

        return null;
    }

    Buffer? Overwritten(string output, string input, int k) =>
        _buffers.TryGetValue(input, out var buffer) && buffer.IsOurs && buffer.Death == k && _sizes[input] == _sizes[output] ? buffer : null;

    void Allocate(string value, int birth, bool isOurs)
    {
        if (!_sizes.TryGetValue(value, out var size)) return;
        var buffer = new Buffer(size.Bytes, birth, isOurs) { Death = Death(value, birth) };
        _buffers[value] = buffer;
        _all.Add(buffer);
    }

    // A value that nobody takes is gone after its own node.
    int Death(string value, int birth) => Math.Max(_lastUse[value], birth);

    (long Bytes, int Node) Peak()
    {
        if (_end == 0) return (_all.Sum(buffer => buffer.Bytes), -1);
        long[] change = new long[_end + 2];
        foreach (var buffer in _all)
        {
            change[buffer.Birth] += buffer.Bytes;
            change[buffer.Death + 1] -= buffer.Bytes;
        }

        long live = 0;
        (long Bytes, int Node) peak = (-1, -1);
        for (int k = 0; k < _end; k++)
        {
            live += change[k];
            if (live > peak.Bytes) peak = (live, k);
        }

        return peak;
    }

    sealed class Buffer(long bytes, int birth, bool isOurs)
    {
        public long Bytes { get; } = bytes;

        public int Birth { get; } = birth;

        /// <summary>Neither a graph input nor a graph output, so it may be written over.</summary>
        public bool IsOurs { get; } = isOurs;

        /// <summary>The last node that takes one of its values.</summary>
        public int Death { get; set; }
    }
}
