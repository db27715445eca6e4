using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Operators that join, part, cut and pad: the gradient of each element is that of its copy, or zero where it has none.</summary>
static class PartRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.AddAll("Concat", Concat);
        rules.AddSplit("Split", Split);
        rules.Add("Slice", SliceGradient.Apply, 0);
        rules.Add("Pad", Pad, 0, 2);
    }

    static void Concat(NodeGradient node)
    {
        var emit = node.Emit;
        int count = node.Node.Input.Count;
        long axis = node.Node.GetInt("axis", 0);
        string sizes = emit.Concat(0, [.. node.Node.Input.Select(input => SizeAlong(emit, input, axis))]);
        var parts = emit.Node("Split", [node.DY, sizes], count).With("axis", axis);
        for (int i = 0; i < count; i++) node.Give(i, parts.Output[i]);
    }

    static string SizeAlong(GraphEmitter emit, string value, long axis) => emit.Shape(value, axis, axis == -1 ? long.MaxValue : axis + 1);

    static void Split(NodeGradient node)
    {
        var emit = node.Emit;
        string[] parts = [.. node.Node.Output.Select((output, i) => node.GradientOf(i) ?? Zeros(node, output))];
        node.Give(0, emit.Concat(node.Node.GetInt("axis", 0), parts));
    }

    static string Zeros(NodeGradient node, string output) => output.Length > 0
        ? node.Emit.Zeros(node.Emit.Shape(output))
        : throw node.Refuse("leaves out an output whose size is then not known");

    // Padding back by the negative pads cuts them off, and pads where some was cut off.
    static void Pad(NodeGradient node)
    {
        if (node.Node.GetString("mode", "constant") != "constant") throw node.Refuse($"pads by {node.Node.GetString("mode", "")}, which has no rule");
        var emit = node.Emit;
        string back = emit.Neg(node.In(1));
        string cut = node.Has(3) ? emit.Op("Pad", node.DY, back, "", node.In(3)) : emit.Op("Pad", node.DY, back);
        node.Give(0, cut);
        if (!node.Wants(2)) return;
        if (node.Integers(1) is not { } pads || pads.Any(pad => pad < 0)) throw node.Refuse("may cut off elements, so that its number of padded elements is not known");
        node.Give(2, emit.ReshapeLike(emit.Sub(emit.Total(node.DY), emit.Total(cut)), node.In(2)));
    }
}
