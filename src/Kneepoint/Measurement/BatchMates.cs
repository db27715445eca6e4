using Kneepoint.Onnx;

namespace Kneepoint.Measurement;

/// <summary>Whether what a network says of a sample depends on the other samples of its batch. Figures of such a network are those of the batch at which it is deployed.</summary>
static class BatchMates
{
    // They take one range from the whole batch.
    static readonly HashSet<string> Operators = ["DynamicQuantizeLinear", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM"];

    /// <summary>Whether an operator takes the range of its activations from the whole batch while it runs.</summary>
    /// <remarks>A network that itself computes across its batch, by a mean over it for instance, is not recognized.</remarks>
    public static bool Matter(OnnxModel model) => ModelTensors.Graphs(model.Proto).SelectMany(graph => graph.Node)
        .Concat(model.Proto.Functions.SelectMany(function => function.Node)).Any(node => Operators.Contains(node.OpType));
}
