using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>The operators of the oracle.</summary>
static class DoubleOperators
{
    static readonly Dictionary<string, Func<DoubleNode, DoubleTensor[]>> Known = Make();

    /// <summary>The operators that the oracle has.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    public static DoubleTensor[] Run(DoubleNode node) => Known.TryGetValue(node.Node.OpType, out var run)
        ? run(node)
        : throw new NotSupportedException($"The oracle has no operator {node.Node.OpType}.");

    static Dictionary<string, Func<DoubleNode, DoubleTensor[]>> Make()
    {
        var known = new Dictionary<string, Func<DoubleNode, DoubleTensor[]>>(StringComparer.Ordinal);
        DoubleElementwise.AddTo(known);
        DoubleReductions.AddTo(known);
        DoubleWindows.AddTo(known);
        DoubleProducts.AddTo(known);
        DoubleMovements.AddTo(known);
        known.Add("Constant", node => [node.Node.TryGetTensor("value", out var tensor) ? DoubleTensor.Of(tensor, node.Model)
            : node.Node.GetInts("value_ints") is { } ints ? new DoubleTensor([ints.Length], [.. ints.Select(value => (double)value)])
            : DoubleTensor.Scalar(node.Node.Attribute("value_int") is not null ? node.Int("value_int", 0) : node.Float("value_float", 0))]);
        known.Add("Cast", node => [(ElementType)node.Int("to", 0) is ElementType.Float32 ? node.X : node.X.Map(Math.Truncate)]);
        known.Add("Identity", node => [node.X]);
        known.Add("Dropout", node => [node.X]);
        return known;
    }
}
