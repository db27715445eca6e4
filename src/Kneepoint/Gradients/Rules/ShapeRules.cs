using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Gradients.Rules;

/// <summary>Operators that keep each element and change at most where it is: the gradient goes the same way back.</summary>
static class ShapeRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("Identity", node => node.Give(0, node.DY), 0);
        rules.Add("Dropout", Dropout, 0);
        rules.AddWhere("Cast", node => node.Give(0, node.DY), (cast, input) => input == 0 && IsFloat(cast));
        rules.Add("CastLike", CastLike, 0);
        foreach (string name in new[] { "Reshape", "Flatten", "Squeeze", "Unsqueeze" }) rules.Add(name, node => node.Give(0, node.Emit.ReshapeLike(node.DY, node.X)), 0);
        rules.Add("Transpose", Transpose, 0);
        rules.Add("Expand", node => node.GiveStretched(0, node.DY), 0);
        rules.Add("Tile", Tile, 0);
        rules.Add("DepthToSpace", DepthToSpace, 0);
        rules.Add("SpaceToDepth", SpaceToDepth, 0);
        rules.Add("Trilu", Trilu, 0);
        rules.Add("CumSum", CumSum, 0);
    }

    static bool IsFloat(NodeProto cast) =>
        (ElementType)cast.GetInt("to", 0) is ElementType.Float32 or ElementType.Float64 or ElementType.Float16 or ElementType.BFloat16;

    static void CastLike(NodeGradient node)
    {
        if (node.Shapes.TypeOf(node.In(1)) != ElementType.Float32) throw node.Refuse("casts to a type that is not known before a run");
        node.Give(0, node.DY);
    }

    static void Dropout(NodeGradient node)
    {
        if (node.Has(2) && node.Integers(2) is not [0]) throw node.Refuse("may be in training mode, which has no rule");
        node.Give(0, node.DY);
    }

    static void Transpose(NodeGradient node)
    {
        long[]? order = node.Node.GetInts("perm");
        if (order is null)
        {
            node.Give(0, node.Emit.Op("Transpose", node.DY));
            return;
        }

        long[] back = new long[order.Length];
        for (int i = 0; i < order.Length; i++) back[order[i]] = i;
        node.Give(0, node.Emit.Transpose(node.DY, back));
    }

    // y [r₁d₁, r₂d₂, …] holds x [d₁, d₂, …] r₁r₂… times: as [r₁, d₁, r₂, d₂, …], summed over each r.
    static void Tile(NodeGradient node)
    {
        var emit = node.Emit;
        int rank = node.Rank(node.X);
        string repeats = emit.Reshape(node.In(1), -1, 1), sizes = emit.Reshape(emit.Shape(node.X), -1, 1);
        string pairs = emit.Reshape(emit.Concat(1, repeats, sizes), -1);
        node.Give(0, emit.Sum(emit.Reshape(node.DY, pairs), [.. Enumerable.Range(0, rank).Select(i => 2L * i)], keep: false));
    }

    static void DepthToSpace(NodeGradient node)
    {
        var emit = node.Emit;
        long block = node.Node.GetInt("blocksize", 1);
        if (node.Node.GetString("mode", "DCR") == "DCR")
        {
            node.Give(0, emit.Node("SpaceToDepth", node.DY).With("blocksize", block).FirstOutput());
            return;
        }

        // [N, C, Hb, Wb] as [N, C, H, b, W, b] to [N, C, b, b, H, W].
        string height = emit.Shape(node.X, 2, 3), width = emit.Shape(node.X, 3, 4);
        string split = emit.Reshape(node.DY, emit.Concat(0, emit.Shape(node.DY, 0, 2), height, emit.Ints(block), width, emit.Ints(block)));
        node.Give(0, emit.ReshapeLike(emit.Transpose(split, 0, 1, 3, 5, 2, 4), node.X));
    }

    static void SpaceToDepth(NodeGradient node) =>
        node.Give(0, node.Emit.Node("DepthToSpace", node.DY).With("blocksize", node.Node.GetInt("blocksize", 1)).FirstOutput());

    // Keeps the same triangle.
    static void Trilu(NodeGradient node)
    {
        var triangle = node.Has(1) ? node.Emit.Node("Trilu", node.DY, node.In(1)) : node.Emit.Node("Trilu", node.DY);
        node.Give(0, triangle.With("upper", node.Node.GetInt("upper", 1)).FirstOutput());
    }

    // An element adds to all sums from its own on: summed from the other end.
    static void CumSum(NodeGradient node)
    {
        bool isReverse = node.Node.GetInt("reverse", 0) != 0;
        node.Give(0, node.Emit.Node("CumSum", node.DY, node.In(1)).With("exclusive", node.Node.GetInt("exclusive", 0)).With("reverse", isReverse ? 0L : 1L).FirstOutput());
    }
}
