using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Reductions over some axes. With ȳ stretched to x's shape:</summary>
/// <remarks>
/// | y | x̄ |
/// | sum, mean | ȳ, ȳ·|y|/|x| (numbers of elements) |
/// | sum of squares, L2, L1 | 2xȳ, ȳx/y, ȳ·sign x |
/// | log sum, log-sum-exp | ȳ/exp y, ȳ·exp(x − y) |
/// | max, min | ȳ·e/Σe, with e = 1 where x = y: equal elements share |
/// </remarks>
static class ReductionRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("ReduceSum", node => Give(node, (dy, _) => dy), 0);
        rules.Add("ReduceMean", node => Give(node, (dy, _) => node.Emit.Mul(dy, Share(node))), 0);
        rules.Add("ReduceSumSquare", node => Give(node, (dy, _) => node.Emit.Mul(dy, node.Emit.Scale(node.X, 2))), 0);
        rules.Add("ReduceL2", node => Give(node, (dy, y) => node.Emit.Mul(node.Emit.Div(dy, y), node.X)), 0);
        rules.Add("ReduceL1", node => Give(node, (dy, _) => node.Emit.Mul(dy, node.Emit.Op("Sign", node.X))), 0);
        rules.Add("ReduceLogSum", node => Give(node, (dy, y) => node.Emit.Div(dy, node.Emit.Op("Exp", y))), 0);
        rules.Add("ReduceLogSumExp", node => Give(node, (dy, y) => node.Emit.Mul(dy, node.Emit.Op("Exp", node.Emit.Sub(node.X, y)))), 0);
        rules.Add("ReduceMax", node => Give(node, (dy, y) => Extreme(node, dy, y)), 0);
        rules.Add("ReduceMin", node => Give(node, (dy, y) => Extreme(node, dy, y)), 0);
    }

    /// <summary>The number of elements of the first output over that of the first input.</summary>
    public static string Share(NodeGradient node)
    {
        var emit = node.Emit;
        if (node.Shapes.Of(node.X) is { } x && node.Shapes.Of(node.Y) is { } y && Ratio(x, y) is { } ratio) return emit.Scalar((float)(1 / ratio));
        return emit.Div(emit.Float(emit.Op("Size", node.Y)), emit.Float(emit.Op("Size", node.X)));
    }

    static double? Ratio(long[] x, long[] y)
    {
        double ratio = 1;
        int free = x.Count(size => size < 0) - y.Count(size => size < 0);
        foreach (long size in x.Where(size => size > 0)) ratio *= size;
        foreach (long size in y.Where(size => size > 0)) ratio /= size;
        return free == 0 && !x.Contains(0) ? ratio : null;
    }

    static void Give(NodeGradient node, Func<string, string, string> part)
    {
        if (IsIdentity(node))
        {
            // Each element for itself, though squares and the like are still taken.
            node.Give(0, part(node.DY, node.Y));
            return;
        }

        string dy = Kept(node, node.DY), y = node.Y;
        node.Give(0, node.Emit.Op("Expand", part(dy, Kept(node, y)), node.Emit.Shape(node.X)));
    }

    static bool IsIdentity(NodeGradient node)
    {
        if (node.Node.GetInt("noop_with_empty_axes", 0) == 0) return false;
        if (!node.Has(1)) return true;
        return (node.Integers(1) ?? throw node.Refuse("needs its axes, which are not known before a run")).Length == 0;
    }

    // With the reduced axes of size 1 in place. All axes: a scalar stretches to anything.
    static string Kept(NodeGradient node, string value)
    {
        if (node.Node.GetInt("keepdims", 1) != 0 || !node.Has(1) || node.Integers(1) is []) return value;
        return node.Emit.Op("Unsqueeze", value, node.In(1));
    }

    static string Extreme(NodeGradient node, string dy, string y)
    {
        var emit = node.Emit;
        string equal = emit.Float(emit.Op("Equal", node.X, y));
        string count = node.Has(1)
            ? emit.Node("ReduceSum", equal, node.In(1)).With("keepdims", 1L).FirstOutput()
            : emit.Node("ReduceSum", equal).With("keepdims", 1L).FirstOutput();
        return emit.Mul(equal, emit.Div(dy, count));
    }
}
