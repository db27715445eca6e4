using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Convolutions: x [N, C, …], w [M, C/g, k…], y [N, M, …].</summary>
static class ConvolutionRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("Conv", Convolution, 0, 1, 2);
        rules.Add("ConvTranspose", Transposed, 0, 1, 2);
    }

    static void Convolution(NodeGradient node)
    {
        long[] weight = node.FixedDims(node.In(1));
        if (weight.Length < 3) throw node.Refuse($"expected a weight with 3 dimensions or more, found {weight.Length}");
        var window = ConvolutionWindow.Of(node, weight[2..]);
        long group = Group(node, weight[0]);
        if (node.Wants(0)) node.Give(0, WindowScatter.Of(node, node.DY, node.In(1), weight, group, window, node.X));
        if (node.Wants(1)) node.Give(1, WeightGradient.Of(node, node.X, node.DY, weight, group, window));
        GiveBias(node, window);
    }

    // y = Σ over places of wᵀ x is itself the gradient of a convolution with respect to its input, so that x̄ = conv(ȳ, w), and w̄ correlates ȳ with x. The weight is [C, M/g, k…].
    static void Transposed(NodeGradient node)
    {
        long[] weight = node.FixedDims(node.In(1));
        if (weight.Length < 3) throw node.Refuse($"expected a weight with 3 dimensions or more, found {weight.Length}");
        if (node.Node.GetInts("output_shape") is not null || node.Node.GetString("auto_pad", "NOTSET") is not ("NOTSET" or "VALID"))
        {
            throw node.Refuse("is padded to a stated output shape, which has no rule");
        }

        var window = ConvolutionWindow.Of(node, weight[2..]);
        long group = Group(node, weight[0]);
        if (node.Wants(0))
        {
            var convolution = node.Emit.Node("Conv", node.DY, node.In(1)).With("group", group)
                .With("strides", window.Strides).With("dilations", window.Dilations).With("pads", window.Pads);
            node.Give(0, convolution.FirstOutput());
        }

        if (node.Wants(1)) node.Give(1, WeightGradient.Of(node, node.DY, node.X, weight, group, window));
        GiveBias(node, window);
    }

    static long Group(NodeGradient node, long channels)
    {
        long group = node.Node.GetInt("group", 1);
        return group >= 1 && channels % group == 0 ? group : throw node.Refuse($"expected groups of equal size, found {channels} channels in {group} groups");
    }

    static void GiveBias(NodeGradient node, ConvolutionWindow window)
    {
        if (node.Wants(2)) node.Give(2, node.Emit.Sum(node.DY, [0, .. window.Axes], keep: false));
    }
}
