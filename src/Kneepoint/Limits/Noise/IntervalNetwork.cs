using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Kneepoint.Limits.Noise.Propagation;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Limits.Noise;

/// <summary>A classifier that is run on intervals: what it gives for one sample, whatever its weights are within a box.</summary>
/// <remarks>
/// Each value is an interval for each element, in binary64 with all rounding taken outward, so that the result contains what every network of the box gives in real
/// arithmetic. What a runtime in binary32 rounds away is not in it. Weights of layers as <see cref="WeightedLayers"/> finds them may vary, each use for
/// itself; all other constants are exact. Widths grow from layer to layer, with depth and width of the network: deep networks are certified at many bits only.
/// Source: Gowal et al., On the Effectiveness of Interval Bound Propagation for Training Verifiably Robust Models (2018), there for inputs; here for weights too.
/// Cost: each product of the network twice. Memory: the weights in 32 bits once; for each run the intervals that are still needed.
/// Runs may go on at once in several threads. Results are the same on every machine, but for networks with Sigmoid, Tanh or Elu, whose last bits are the library's.
/// </remarks>
public sealed class IntervalNetwork
{
    readonly ImmutableArray<PlacedStep> _steps;
    readonly int[][] _released;
    readonly IntervalGraph _graph;
    readonly int _scores;
    readonly (DenseStep Step, int Input)? _last;

    IntervalNetwork(IntervalGraph graph, int scores, int classCount)
    {
        (_graph, _scores, _steps, ClassCount) = (graph, scores, [.. graph.Steps], classCount);
        if (graph.Maker(scores) is { Step: DenseStep dense } maker && dense.Outputs == classCount) _last = (dense, maker.Inputs[0]);
        _released = Released();
    }

    /// <summary>The number of scores.</summary>
    public int ClassCount { get; }

    /// <summary>Turns a classifier into steps on intervals, once for all samples and boxes.</summary>
    /// <param name="model">The network; its first output gives one row of scores for each sample.</param>
    /// <param name="shapes">Sizes of free dimensions; the batch must be 1.</param>
    /// <param name="network">The steps.</param>
    /// <param name="reason">What stands in the way: an operator without a rule, integer inputs, a fixed batch of several samples, a single score.</param>
    /// <exception cref="OnnxModelException">The graph is malformed.</exception>
    public static bool TryCompile(OnnxModel model, InputShapes shapes, [NotNullWhen(true)] out IntervalNetwork? network, [NotNullWhen(false)] out NotAvailable? reason)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(shapes);
        ArgumentOutOfRangeException.ThrowIfNotEqual(shapes.Batch, 1);
        (network, reason) = (null, null);
        var graph = new IntervalGraph(model, ShapeInference.Infer(model, shapes));
        if (graph.Index.FedInputs.FirstOrDefault(input => graph.Shapes[input.Name]?.Dimensions is not [1, ..]) is { } many)
        {
            reason = new NotAvailable("", $"The input '{many.Name}' does not take one sample at a time.");
            return false;
        }

        if (model.Graph.Output.Count == 0) throw new OnnxModelException("The network has no output.");
        string scores = BeforeLast(graph, model.Graph.Output[0].Name);
        string place = "";
        try
        {
            foreach (var node in Needed(graph, scores))
            {
                place = node.OpType;
                IntervalRules.Add(graph, node);
            }
        }
        catch (OnnxModelException exception)
        {
            reason = new NotAvailable(place, exception.Message);
            return false;
        }

        long count = graph.Shapes[scores]?.ElementCount ?? 0;
        if (count < 2 || graph.Index.Producer(scores) is not { } last)
        {
            reason = new NotAvailable("", $"The output '{scores}' gives no scores to compare.");
            return false;
        }

        network = new IntervalNetwork(graph, graph.Slot(last, scores), (int)count);
        return true;
    }

    /// <summary>Runs one sample.</summary>
    /// <param name="inputs">By the name of the graph's inputs: Float32 [n, …].</param>
    /// <param name="sample">Which of the n, from 0.</param>
    /// <param name="box">How far weights may be off.</param>
    /// <exception cref="ArgumentException">An input is missing, or is of another type or shape.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The sample is not there, or the box names a layer that the network does not have.</exception>
    public IntervalOutput Run(IReadOnlyDictionary<string, Tensor> inputs, int sample, WeightBox box)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(box);
        ArgumentOutOfRangeException.ThrowIfNegative(sample);
        foreach (string layer in box.Radii.Keys)
        {
            if (!_graph.LayerIds.Contains(layer)) throw new ArgumentOutOfRangeException(nameof(box), layer, "The network has no such layer.");
        }

        var values = new Intervals?[_graph.SlotCount];
        foreach (var (slot, value) in _graph.Constants) values[slot] = value;
        foreach (var (slot, name, count) in _graph.Inputs) values[slot] = Sample(inputs, name, sample, count);
        for (int i = 0; i < _steps.Length; i++)
        {
            var (step, from, to) = _steps[i];
            values[to] = step.Run(Array.ConvertAll(from, slot => values[slot]!), box);
            foreach (int slot in _released[i]) values[slot] = null;
        }

        return new IntervalOutput(values[_scores]!, _last is { } last ? values[last.Input] : null, _last?.Step, box);
    }

    static Intervals Sample(IReadOnlyDictionary<string, Tensor> inputs, string name, int sample, int count)
    {
        if (!inputs.TryGetValue(name, out var tensor)) throw new ArgumentException($"The input '{name}' is missing.", nameof(inputs));
        if (tensor.ElementType != ElementType.Float32 || tensor.Dimensions.Count == 0 || tensor.ElementCount != tensor.Dimensions[0] * count)
        {
            string found = $"{tensor.ElementType} [{string.Join(", ", tensor.Dimensions)}]";
            throw new ArgumentException($"The input '{name}' takes {count} numbers of Float32 for a sample; found {found}.", nameof(inputs));
        }

        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(sample, tensor.Dimensions[0]);
        var result = new Intervals(count);
        var numbers = tensor.Values<float>().Slice(sample * count, count);
        for (int i = 0; i < count; i++) result.Center[i] = numbers[i];
        return result;
    }

    // Back from the output over what keeps the order of its elements.
    static string BeforeLast(IntervalGraph graph, string output)
    {
        string value = output;
        for (int steps = 0; steps < 64 && graph.Index.Producer(value) is { } node && node.IsStandard() && KeepsOrder(graph, node); steps++) value = node.InputOrEmpty(0);
        return value;
    }

    static bool KeepsOrder(IntervalGraph graph, NodeProto node)
    {
        switch (node.OpType)
        {
            case "Sigmoid" or "Identity" or "Flatten" or "Reshape" or "Squeeze" or "Unsqueeze":
                return true;
            case "Softmax" or "LogSoftmax" when graph.Shapes[node.InputOrEmpty(0)] is { } shape:
                bool isOld = Opsets.Version(graph.Model.Proto) < 13;
                int rank = shape.Dimensions.Length, axis = (int)node.GetInt("axis", isOld ? 1 : -1);
                if (axis < 0) axis += rank;
                if (axis < 0 || axis >= rank) return false;
                // Older versions take all axes from this one on together.
                long together = isOld ? shape.Dimensions.Skip(axis).Aggregate(1L, (product, size) => product * size) : shape.Dimensions[axis];
                return together == shape.ElementCount;
            default:
                return false;
        }
    }

    static IEnumerable<NodeProto> Needed(IntervalGraph graph, string scores)
    {
        var needed = new HashSet<NodeProto>(ReferenceEqualityComparer.Instance);
        var waiting = new Stack<string>([scores]);
        while (waiting.TryPop(out string? value))
        {
            if (graph.IsConstant(value) || graph.Index.Producer(value) is not { } node || !needed.Add(node)) continue;
            foreach (string operand in IntervalRules.Operands(node)) waiting.Push(operand);
        }

        return graph.Model.Graph.Node.Where(needed.Contains);
    }

    // After each step, the slots that no later one takes. The last layer's input stays for the margins.
    int[][] Released()
    {
        var lastUse = new Dictionary<int, int>();
        for (int i = 0; i < _steps.Length; i++)
        {
            foreach (int slot in _steps[i].Inputs) lastUse[slot] = i;
        }

        lastUse.Remove(_scores);
        if (_last is { } last) lastUse.Remove(last.Input);
        return [.. _steps.Select((_, i) => lastUse.Where(use => use.Value == i).Select(use => use.Key).ToArray())];
    }
}
