namespace Kneepoint.Onnx;

/// <summary>The messages of the model format, as far as the bytes of a file tell them apart.</summary>
enum WireMessage
{
    None, Model, Graph, Node, Attribute, Tensor, Sparse, ValueInfo, Type, TensorType, Shape, Leaf, Wrapped, Function, Training, Annotation,
}

/// <summary>Which fields of the model format hold messages.</summary>
static class WireMessages
{
    /// <summary>The message that a field of a message holds; none for numbers, texts and raw bytes.</summary>
    public static WireMessage Inside(WireMessage kind, int field) => (kind, field) switch
    {
        (WireMessage.Model, 7) => WireMessage.Graph,
        (WireMessage.Model, 8 or 14) => WireMessage.Leaf,
        (WireMessage.Model, 20) => WireMessage.Training,
        (WireMessage.Model, 25) => WireMessage.Function,
        (WireMessage.Training, 1 or 2) => WireMessage.Graph,
        (WireMessage.Training, 3 or 4) => WireMessage.Leaf,
        (WireMessage.Function, 7) => WireMessage.Node,
        (WireMessage.Function, 9 or 14) => WireMessage.Leaf,
        (WireMessage.Function, 11) => WireMessage.Attribute,
        (WireMessage.Function, 12) => WireMessage.ValueInfo,
        (WireMessage.Graph, 1) => WireMessage.Node,
        (WireMessage.Graph, 5) => WireMessage.Tensor,
        (WireMessage.Graph, 11 or 12 or 13) => WireMessage.ValueInfo,
        (WireMessage.Graph, 14) => WireMessage.Annotation,
        (WireMessage.Graph, 15) => WireMessage.Sparse,
        (WireMessage.Graph, 16) => WireMessage.Leaf,
        (WireMessage.Annotation, 2) => WireMessage.Leaf,
        (WireMessage.Node, 5) => WireMessage.Attribute,
        (WireMessage.Node, 9) => WireMessage.Leaf,
        (WireMessage.Attribute, 5 or 10) => WireMessage.Tensor,
        (WireMessage.Attribute, 6 or 11) => WireMessage.Graph,
        (WireMessage.Attribute, 14 or 15) => WireMessage.Type,
        (WireMessage.Attribute, 22 or 23) => WireMessage.Sparse,
        (WireMessage.Sparse, 1 or 2) => WireMessage.Tensor,
        (WireMessage.Tensor, 3 or 13 or 16) => WireMessage.Leaf,
        (WireMessage.ValueInfo, 2) => WireMessage.Type,
        (WireMessage.ValueInfo, 4) => WireMessage.Leaf,
        (WireMessage.Type, 1 or 8) => WireMessage.TensorType,
        (WireMessage.Type, 4 or 5 or 9) => WireMessage.Wrapped,
        (WireMessage.TensorType, 2) => WireMessage.Shape,
        (WireMessage.Shape, 1) => WireMessage.Leaf,
        (WireMessage.Wrapped, 1 or 2) => WireMessage.Type,
        _ => WireMessage.None,
    };
}
