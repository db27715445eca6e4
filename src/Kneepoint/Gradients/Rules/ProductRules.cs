using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Products of matrices. For Y = A·B: Ā = Ȳ·Bᵀ, B̄ = Aᵀ·Ȳ.</summary>
static class ProductRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("Gemm", Gemm, 0, 1, 2);
        rules.Add("MatMul", MatMul, 0, 1);
    }

    // Y = α·A'·B' + β·C, where ' transposes on demand, and C is stretched.
    static void Gemm(NodeGradient node)
    {
        bool isA = node.Node.GetInt("transA", 0) != 0, isB = node.Node.GetInt("transB", 0) != 0;
        float alpha = node.Node.GetFloat("alpha", 1);
        string a = node.In(0), b = node.In(1), dy = node.DY;
        if (node.Wants(0)) node.Give(0, isA ? Product(node, alpha, b, isB, dy, true) : Product(node, alpha, dy, false, b, !isB));
        if (node.Wants(1)) node.Give(1, isB ? Product(node, alpha, dy, true, a, isA) : Product(node, alpha, a, !isA, dy, false));
        if (node.Wants(2)) node.Give(2, node.Emit.Scale(Broadcasting.Undo(node, dy, node.Y, node.In(2)), node.Node.GetFloat("beta", 1)));
    }

    static string Product(NodeGradient node, float alpha, string a, bool isA, string b, bool isB)
    {
        var product = node.Emit.Node("Gemm", a, b);
        if (isA) product.With("transA", 1L);
        if (isB) product.With("transB", 1L);
        if (alpha != 1) product.With("alpha", alpha);
        return product.FirstOutput();
    }

    // A [..., m, k], B [..., k, n], Y [..., m, n]; the dimensions in front are stretched. A vector stands for a row on the left and a column on the right.
    static void MatMul(NodeGradient node)
    {
        var emit = node.Emit;
        string a = node.In(0), b = node.In(1), dy = node.DY;
        int rankA = node.Rank(a), rankB = node.Rank(b);
        if (rankA == 1 && rankB == 1)
        {
            node.Give(0, emit.Mul(dy, b));
            node.Give(1, emit.Mul(dy, a));
            return;
        }

        if (rankA == 2 && rankB == 2)
        {
            if (node.Wants(0)) node.Give(0, Product(node, 1, dy, false, b, true));
            if (node.Wants(1)) node.Give(1, Product(node, 1, a, true, dy, false));
            return;
        }

        if (rankA == 1) dy = emit.Op("Unsqueeze", dy, emit.Ints(-2));
        if (rankB == 1) dy = emit.Op("Unsqueeze", dy, emit.Ints(-1));
        string left = rankA == 1 ? emit.Reshape(a, 1, -1) : a, right = rankB == 1 ? emit.Reshape(b, -1, 1) : b;
        if (node.Wants(0)) node.Give(0, Left(node, dy, right, a));
        if (node.Wants(1)) node.Give(1, Right(node, left, dy, b));
    }

    static string Left(NodeGradient node, string dy, string b, string a)
    {
        int rankA = node.Rank(a), rankB = Math.Max(2, node.Rank(node.In(1)));
        string gradient = node.Emit.Op("MatMul", dy, Transposed(node.Emit, b, rankB));
        return ToShape(node, gradient, a, Math.Max(rankA, rankB), isVector: rankA == 1);
    }

    static string Right(NodeGradient node, string a, string dy, string b)
    {
        var emit = node.Emit;
        int rankA = Math.Max(2, node.Rank(node.In(0))), rankB = node.Rank(b);
        if (rankB == 2)
        {
            // The sum over all that stands in front is a sum over rows.
            string rows = emit.Reshape(a, emit.Concat(0, emit.Ints(-1), emit.Shape(a, -1)));
            string gradients = emit.Reshape(dy, emit.Concat(0, emit.Ints(-1), emit.Shape(dy, -1)));
            return Product(node, 1, rows, true, gradients, false);
        }

        string gradient = emit.Op("MatMul", Transposed(emit, a, rankA), dy);
        return ToShape(node, gradient, b, Math.Max(rankA, rankB), isVector: rankB == 1);
    }

    // A product of the given rank, summed over what was stretched; the target may be a vector, to which all in front was stretched.
    static string ToShape(NodeGradient node, string gradient, string target, int rank, bool isVector)
    {
        var emit = node.Emit;
        if (isVector)
        {
            long[] front = [.. Enumerable.Range(0, rank - 2).Select(i => (long)i)];
            return emit.ReshapeLike(emit.Sum(gradient, front, keep: false), target);
        }

        var dims = node.Dims(target);
        var other = node.Dims(target == node.In(0) ? node.In(1) : node.In(0));
        if (target == node.In(0) && target == node.In(1)) return gradient;
        int more = rank - dims.Length;
        var axes = new List<long>();
        for (int i = 0; i < rank - 2; i++)
        {
            int own = i - more, others = i - (rank - other.Length);
            if (own < 0) axes.Add(i);
            else if (dims[own] == 1 && !(others < 0 || other[others] == 1)) axes.Add(i);
            else if (dims[own] < 0 && others >= 0 && other[others] != 1 && !SameSize(node, own, others, target)) return ToShapeAtRun(node, gradient, target);
        }

        if (axes.Count == 0) return gradient;
        return axes.Count == more ? emit.Sum(gradient, [.. axes], keep: false) : emit.ReshapeLike(emit.Sum(gradient, [.. axes], keep: true), target);
    }

    static bool SameSize(NodeGradient node, int own, int others, string target)
    {
        string other = target == node.In(0) ? node.In(1) : node.In(0);
        return node.Shapes.Sizes(target) is { } a && node.Shapes.Sizes(other) is { } b && FreeSize.AreSame(a[own], b[others]);
    }

    static string ToShapeAtRun(NodeGradient node, string gradient, string target) => Broadcasting.UndoAtRun(node.Emit, gradient, gradient, target);

    static string Transposed(GraphEmitter emit, string value, int rank)
    {
        long[] order = [.. Enumerable.Range(0, rank).Select(i => (long)i)];
        (order[^1], order[^2]) = (order[^2], order[^1]);
        return emit.Transpose(value, order);
    }
}
