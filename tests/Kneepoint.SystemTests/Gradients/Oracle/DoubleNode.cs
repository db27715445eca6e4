using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>A node with its inputs.</summary>
sealed record DoubleNode(NodeProto Node, int Opset, DoubleTensor?[] Inputs, OnnxModel Model)
{
    public DoubleTensor X => Inputs[0]!;

    public DoubleTensor? At(int input) => input < Inputs.Length ? Inputs[input] : null;

    public long Int(string name, long otherwise) => Node.GetInt(name, otherwise);

    public float Float(string name, float otherwise) => Node.GetFloat(name, otherwise);

    public string Text(string name, string otherwise) => Node.GetString(name, otherwise);

    /// <summary>A list that is an attribute in old operator sets and an input in new ones.</summary>
    public int[]? List(string name, int input) => At(input)?.Ints ?? Node.GetInts(name)?.Select(value => (int)Math.Clamp(value, int.MinValue + 1, int.MaxValue)).ToArray();

    public int[]? Ints(string name) => Node.GetInts(name)?.Select(value => (int)value).ToArray();
}
