namespace Kneepoint.Gradients;

/// <summary>The way back from a stretched tensor: the sum over the copies of each element.</summary>
/// <remarks>For y = stretch(x): x̄_i = Σ over all places of y that hold x_i. The axes are known when the graph is built, or else found out when it runs.</remarks>
static class Broadcasting
{
    /// <summary>Adds up a gradient to the shape of a value.</summary>
    /// <param name="node">Where to write.</param>
    /// <param name="gradient">Of the stretched tensor.</param>
    /// <param name="stretched">A value of the same shape as the gradient.</param>
    /// <param name="target">The value that was stretched.</param>
    public static string Undo(NodeGradient node, string gradient, string stretched, string target)
    {
        if (node.Shapes.AreSame(stretched, target)) return gradient;
        return Axes(node.Shapes, stretched, target) is { } axes ? Sum(node, gradient, axes, stretched, target) : UndoAtRun(node.Emit, gradient, stretched, target);
    }

    static string Sum(NodeGradient node, string gradient, long[] axes, string stretched, string target)
    {
        int more = node.Rank(stretched) - node.Rank(target);
        if (axes.Length == more) return node.Emit.Sum(gradient, axes, keep: false);
        string sum = node.Emit.Sum(gradient, axes, keep: true);
        return more == 0 ? sum : node.Emit.ReshapeLike(sum, target);
    }

    // Null where a run decides which axes were stretched.
    static long[]? Axes(StaticShapes shapes, string stretched, string target)
    {
        if (shapes.Sizes(stretched) is not { } from || shapes.Sizes(target) is not { } to) return null;
        int more = from.Length - to.Length;
        if (more < 0) return null;
        var axes = new List<long>();
        for (int i = 0; i < from.Length; i++)
        {
            if (i < more)
            {
                axes.Add(i);
                continue;
            }

            var size = to[i - more];
            if (FreeSize.AreSame(size, from[i])) continue;
            if (!size.IsFixed) return null;
            if (size.First == 1) axes.Add(i);
        }

        return [.. axes];
    }

    // The shape of the target, with ones in front, is 1 along the axes to sum over. Where the stretched size is 1 too the sum changes nothing.
    public static string UndoAtRun(GraphEmitter emit, string gradient, string stretched, string target)
    {
        string shape = emit.Shape(target);
        string more = emit.Sub(emit.Shape(emit.Shape(stretched)), emit.Shape(shape));
        string ones = emit.Ones(more);
        string full = emit.Concat(0, ones, shape);
        string axes = emit.Op("Squeeze", emit.Op("NonZero", emit.Op("Equal", full, emit.Ints(1))), emit.Ints(0));
        return emit.Reshape(emit.Sum(gradient, axes, keep: true), shape);
    }
}
