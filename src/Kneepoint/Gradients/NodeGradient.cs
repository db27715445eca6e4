using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients;

/// <summary>One node during the backward pass: the gradients of its outputs, and where its rule puts those of its inputs.</summary>
sealed class NodeGradient(NodeProto node, GraphEmitter emit, StaticShapes shapes, GraphIndex index, string?[] outputs, bool[] wants, Action<string, string> give)
{
    public NodeProto Node => node;

    public GraphEmitter Emit => emit;

    public StaticShapes Shapes => shapes;

    /// <summary>The gradient of the first output.</summary>
    public string DY => outputs[0]!;

    /// <summary>The first input.</summary>
    public string X => In(0);

    /// <summary>The first output.</summary>
    public string Y => node.FirstOutput();

    /// <summary>The gradient of an output; null where no cotangent reaches it.</summary>
    public string? GradientOf(int output) => outputs[output];

    public string In(int input) => node.InputOrEmpty(input);

    public bool Has(int input) => In(input).Length > 0;

    /// <summary>Whether the gradient of an input is needed.</summary>
    public bool Wants(int input) => input < wants.Length && wants[input];

    /// <summary>Gives the gradient of an input, in the input's shape.</summary>
    public void Give(int input, string gradient)
    {
        if (Wants(input)) give(In(input), gradient);
    }

    /// <summary>Gives the gradient of an input in the shape of the first output, of which the input was stretched to.</summary>
    public void GiveStretched(int input, string gradient) => Give(input, Broadcasting.Undo(this, gradient, Y, In(input)));

    /// <summary>The dimensions of a value, −1 where free.</summary>
    /// <exception cref="GradientNotAvailableException">The rank is not known.</exception>
    public long[] Dims(string value) => shapes.Of(value) ?? throw Refuse($"needs the number of dimensions of '{value}', which is not known");

    public int Rank(string value) => Dims(value).Length;

    /// <summary>The dimensions of a value, all known.</summary>
    public long[] FixedDims(string value) =>
        Dims(value) is var dims && Array.TrueForAll(dims, size => size >= 0) ? dims : throw Refuse($"needs the shape of '{value}', which is not known before a run");

    /// <summary>The integers of an input that are the same in every run; null where they are not.</summary>
    public long[]? Integers(int input) => Has(input) ? shapes.Integers(In(input)) : null;

    /// <summary>Whether the graph gives the value out or a node other than this one uses it.</summary>
    public bool IsUsedElsewhere(string value) => index.IsGraphOutput(value) || index.Consumers(value).Any(use => use.Node != node);

    public GradientNotAvailableException Refuse(string why)
    {
        string place = node.Name.Length > 0 ? node.Name : node.FirstOutput();
        return new([new MissingGradient(place, OperatorName(node), $"{node.Place()}: {why}; its gradient is not available.")]);
    }

    public static string OperatorName(NodeProto node) => node.IsStandard() ? node.OpType : $"{node.Domain}.{node.OpType}";

    internal static ImmutableArray<MissingGradient> NoRule(NodeProto node)
    {
        string name = OperatorName(node);
        string place = node.Name.Length > 0 ? node.Name : node.FirstOutput();
        return [new MissingGradient(place, name, $"{node.Place()}: no rule for operator {name}; its gradient is not available.")];
    }
}
