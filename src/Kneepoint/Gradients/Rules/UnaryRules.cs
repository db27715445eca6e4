namespace Kneepoint.Gradients.Rules;

/// <summary>Elementary functions, element by element: x̄ = ȳ·f'(x).</summary>
static class UnaryRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("Neg", node => node.Give(0, node.Emit.Neg(node.DY)), 0);
        rules.AddSlope("Abs", node => node.Emit.Op("Sign", node.X));
        rules.AddSlope("Exp", node => node.Y);
        rules.Add("Log", node => node.Give(0, node.Emit.Div(node.DY, node.X)), 0);
        rules.Add("Sqrt", node => node.Give(0, node.Emit.Div(node.Emit.Scale(node.DY, 0.5f), node.Y)), 0);
        rules.AddSlope("Reciprocal", node => node.Emit.Neg(node.Emit.Mul(node.Y, node.Y)));
        rules.AddSlope("Sin", node => node.Emit.Op("Cos", node.X));
        rules.AddSlope("Cos", node => node.Emit.Neg(node.Emit.Op("Sin", node.X)));
        rules.AddSlope("Erf", Erf);
    }

    // 2/√π·exp(−x²).
    static string Erf(NodeGradient node)
    {
        string power = node.Emit.Op("Exp", node.Emit.Neg(node.Emit.Mul(node.X, node.X)));
        return node.Emit.Scale(power, (float)(2 / Math.Sqrt(Math.PI)));
    }
}
