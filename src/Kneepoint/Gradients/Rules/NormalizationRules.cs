using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Normalizations as they are at inference, and the exponential ones.</summary>
static class NormalizationRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("BatchNormalization", Batch, 0, 1, 2, 3, 4);
        rules.Add("LayerNormalization", Layer, 0, 1, 2);
        rules.Add("Softmax", Softmax, 0);
        rules.Add("LogSoftmax", LogSoftmax, 0);
        rules.Add("LRN", LocalResponse, 0);
    }

    // y = γ(x − μ)ρ + β by channel, ρ = (σ² + ε)^(−1/2): x̄ = ȳγρ, γ̄ = Σ ȳ(x − μ)ρ, β̄ = Σ ȳ, μ̄ = −γρΣ ȳ, σ̄² = −½γρ³ Σ ȳ(x − μ).
    static void Batch(NodeGradient node)
    {
        if (node.Node.GetInt("training_mode", 0) != 0) throw node.Refuse("is in training mode, which has no rule");
        var emit = node.Emit;
        int rank = node.Rank(node.X);
        if (rank < 2) throw node.Refuse($"expected an input with 2 dimensions or more, found {rank}");
        long[] others = [0, .. Enumerable.Range(2, rank - 2).Select(axis => (long)axis)];
        long[] channel = [1, -1, .. Enumerable.Repeat(1L, rank - 2)];
        string spread = emit.Add(node.In(4), emit.Scalar(node.Node.GetFloat("epsilon", 1e-5f)));
        string inverse = emit.Op("Reciprocal", emit.Op("Sqrt", spread));
        string factor = emit.Mul(node.In(1), inverse);
        if (node.Wants(0)) node.Give(0, emit.Mul(node.DY, emit.Reshape(factor, channel)));
        if (!node.Wants(1) && !node.Wants(2) && !node.Wants(3) && !node.Wants(4)) return;
        string total = emit.Sum(node.DY, others, keep: false);
        node.Give(2, total);
        if (node.Wants(3)) node.Give(3, emit.Neg(emit.Mul(factor, total)));
        if (!node.Wants(1) && !node.Wants(4)) return;
        string centered = emit.Sub(node.X, emit.Reshape(node.In(3), channel));
        string product = emit.Sum(emit.Mul(node.DY, centered), others, keep: false);
        if (node.Wants(1)) node.Give(1, emit.Mul(product, inverse));
        if (node.Wants(4)) node.Give(4, emit.Mul(product, emit.Scale(emit.Div(factor, spread), -0.5f)));
    }

    // y = γz + β, z = (x − mean)ρ over the last axes: with h = ȳγ, x̄ = ρ(h − mean h − z·mean(hz)).
    static void Layer(NodeGradient node)
    {
        var emit = node.Emit;
        int rank = node.Rank(node.X);
        long axis = node.Node.GetInt("axis", -1);
        if (axis < 0) axis += rank;
        if (axis < 0 || axis >= rank) throw node.Refuse($"expected an axis of {rank} dimensions, found {axis}");
        string axes = emit.Ints([.. Enumerable.Range((int)axis, rank - (int)axis).Select(a => (long)a)]);
        string centered = emit.Sub(node.X, Mean(emit, node.X, axes));
        string variance = Mean(emit, emit.Mul(centered, centered), axes);
        string inverse = emit.Op("Reciprocal", emit.Op("Sqrt", emit.Add(variance, emit.Scalar(node.Node.GetFloat("epsilon", 1e-5f)))));
        string z = emit.Mul(centered, inverse);
        if (node.Wants(0))
        {
            string h = emit.Mul(node.DY, node.In(1));
            string away = emit.Add(Mean(emit, h, axes), emit.Mul(z, Mean(emit, emit.Mul(h, z), axes)));
            node.Give(0, emit.Mul(inverse, emit.Sub(h, away)));
        }

        if (node.Wants(1)) node.GiveStretched(1, emit.Mul(node.DY, z));
        if (node.Wants(2)) node.GiveStretched(2, node.DY);
    }

    static string Mean(GraphEmitter emit, string value, string axes) => emit.Node("ReduceMean", value, axes).With("keepdims", 1L).FirstOutput();

    // x̄ = y(ȳ − Σ ȳy).
    static void Softmax(NodeGradient node)
    {
        var emit = node.Emit;
        string total = emit.Sum(emit.Mul(node.DY, node.Y), [node.Node.GetInt("axis", -1)], keep: true);
        node.Give(0, emit.Mul(node.Y, emit.Sub(node.DY, total)));
    }

    // x̄ = ȳ − exp(y)·Σ ȳ.
    static void LogSoftmax(NodeGradient node)
    {
        var emit = node.Emit;
        string total = emit.Sum(node.DY, [node.Node.GetInt("axis", -1)], keep: true);
        node.Give(0, emit.Sub(node.DY, emit.Mul(emit.Op("Exp", node.Y), total)));
    }

    // y_c = x_c·s_c^(−β), s_c = bias + α/size·Σ x_j² over a window of channels j around c: x̄_j = ȳ_j s_j^(−β) − 2αβ/size·x_j Σ ȳ_c x_c s_c^(−β−1) over the c whose window has j.
    static void LocalResponse(NodeGradient node)
    {
        var emit = node.Emit;
        long size = node.Node.GetInt("size", 1);
        if (size < 1) throw node.Refuse($"expected a window of at least 1 channel, found {size}");
        float alpha = node.Node.GetFloat("alpha", 1e-4f), beta = node.Node.GetFloat("beta", 0.75f);
        long before = (size - 1) / 2, after = size - 1 - before;
        string s = emit.Add(emit.Scale(WindowSum(node, emit.Mul(node.X, node.X), size, before, after), alpha / size), emit.Scalar(node.Node.GetFloat("bias", 1)));
        string power = emit.Op("Pow", s, emit.Scalar(-beta));
        string part = emit.Div(emit.Mul(emit.Mul(node.DY, node.X), power), s);
        string back = emit.Scale(emit.Mul(node.X, WindowSum(node, part, size, after, before)), 2 * alpha * beta / size);
        node.Give(0, emit.Sub(emit.Mul(node.DY, power), back));
    }

    // Σ over a window of channels: a mean over a window of rows, of a picture with a row for each channel, times the window's size.
    static string WindowSum(NodeGradient node, string value, long size, long before, long after)
    {
        var emit = node.Emit;
        string rows = emit.Reshape(value, emit.Concat(0, emit.Shape(value, 0, 1), emit.Ints(1), emit.Shape(value, 1, 2), emit.Ints(-1)));
        string mean = emit.Node("AveragePool", rows).With("kernel_shape", [size, 1]).With("pads", [before, 0, after, 0]).With("count_include_pad", 1L).FirstOutput();
        return emit.ReshapeLike(emit.Scale(mean, size), value);
    }
}
