using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Operators that pick elements by indices: what was picked takes its gradient, and adds up where it was picked more than once.</summary>
static class IndexRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("Gather", Gather, 0);
        rules.Add("GatherElements", GatherElements, 0);
        rules.Add("TopK", TopK, 0);
    }

    // x [a…, V, b…] as [A, V, B], ȳ as [A, n, B]: row indices[i] takes the sum of the rows i.
    static void Gather(NodeGradient node)
    {
        var emit = node.Emit;
        long axis = node.Node.GetInt("axis", 0);
        string rows = emit.Shape(node.X, axis, axis == -1 ? long.MaxValue : axis + 1);
        string front = Product(emit, axis == 0 ? null : emit.Shape(node.X, 0, axis)), back = Product(emit, axis == -1 ? null : emit.Shape(node.X, axis + 1));
        string count = emit.Reshape(emit.Op("Size", node.In(1)), 1);
        string shape = emit.Concat(0, front, count, back);
        string indices = emit.Op("Expand", emit.Reshape(node.In(1), 1, -1, 1), shape);
        string zeros = emit.Zeros(emit.Concat(0, front, rows, back));
        var sum = emit.Node("ScatterElements", zeros, indices, emit.Reshape(node.DY, shape)).With("axis", 1L).With("reduction", "add");
        node.Give(0, emit.ReshapeLike(sum.FirstOutput(), node.X));
    }

    // The product of sizes; 1 where there are none.
    static string Product(GraphEmitter emit, string? sizes) =>
        sizes is null ? emit.Ints(1) : emit.Node("ReduceProd", emit.Concat(0, emit.Ints(1), sizes)).With("keepdims", 1L).FirstOutput();

    static void GatherElements(NodeGradient node)
    {
        var sum = node.Emit.Node("ScatterElements", node.Emit.Zeros(node.Emit.Shape(node.X)), node.In(1), node.DY);
        node.Give(0, sum.With("axis", node.Node.GetInt("axis", 0)).With("reduction", "add").FirstOutput());
    }

    static void TopK(NodeGradient node)
    {
        string places = node.Node.Output.Count > 1 ? node.Node.Output[1] : "";
        if (places.Length == 0) throw node.Refuse("leaves out the places of its elements");
        var put = node.Emit.Node("ScatterElements", node.Emit.Zeros(node.Emit.Shape(node.X)), places, node.DY);
        node.Give(0, put.With("axis", node.Node.GetInt("axis", -1)).FirstOutput());
    }
}
