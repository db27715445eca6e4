using Kneepoint.Tensors;

namespace Kneepoint.Gradients.Rules;

/// <summary>Arithmetic of two or more tensors that are stretched to one shape.</summary>
/// <remarks>
/// | y | gradients, each summed to the operand's shape |
/// | a + b, a − b, Σ, mean | ȳ, ±ȳ, ȳ, ȳ/n |
/// | a·b | ȳ·b, ȳ·a |
/// | a/b | ȳ/b, −ȳ·y/b |
/// | aᵉ | ȳ·e·aᵉ⁻¹, ȳ·y·ln a |
/// </remarks>
static class ArithmeticRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.AddAll("Add", node => GiveAll(node, node.DY));
        rules.AddAll("Sum", node => GiveAll(node, node.DY));
        rules.AddAll("Mean", node => GiveAll(node, node.Emit.Scale(node.DY, 1f / node.Node.Input.Count)));
        rules.AddAll("Sub", Sub);
        rules.AddAll("Mul", Mul);
        rules.AddAll("Div", Div);
        rules.AddAll("Pow", Pow);
    }

    static void GiveAll(NodeGradient node, string gradient)
    {
        for (int i = 0; i < node.Node.Input.Count; i++)
        {
            if (node.Wants(i)) node.GiveStretched(i, gradient);
        }
    }

    static void Sub(NodeGradient node)
    {
        if (node.Wants(0)) node.GiveStretched(0, node.DY);
        if (node.Wants(1)) node.Give(1, node.Emit.Neg(Broadcasting.Undo(node, node.DY, node.Y, node.In(1))));
    }

    static void Mul(NodeGradient node)
    {
        if (node.Wants(0)) node.GiveStretched(0, node.Emit.Mul(node.DY, node.In(1)));
        if (node.Wants(1)) node.GiveStretched(1, node.Emit.Mul(node.DY, node.In(0)));
    }

    static void Div(NodeGradient node)
    {
        if (!node.Wants(0) && !node.Wants(1)) return;
        string quotient = node.Emit.Div(node.DY, node.In(1));
        if (node.Wants(0)) node.GiveStretched(0, quotient);
        if (node.Wants(1)) node.GiveStretched(1, node.Emit.Neg(node.Emit.Mul(quotient, node.Y)));
    }

    static void Pow(NodeGradient node)
    {
        var emit = node.Emit;
        if (node.Wants(0)) node.GiveStretched(0, emit.Mul(node.DY, PowerSlope(node)));
        if (node.Wants(1)) node.GiveStretched(1, emit.Mul(node.DY, emit.Mul(node.Y, emit.Op("Log", node.X))));
    }

    static string PowerSlope(NodeGradient node)
    {
        var emit = node.Emit;
        if (node.Shapes.Real(node.In(1)) == 2 || node.Shapes.Integers(node.In(1)) is [2]) return emit.Scale(node.X, 2);
        string exponent = node.Shapes.TypeOf(node.In(1)) == ElementType.Float32 ? node.In(1) : emit.Float(node.In(1));
        return emit.Mul(exponent, emit.Op("Pow", node.X, emit.Sub(exponent, emit.Scalar(1))));
    }
}
