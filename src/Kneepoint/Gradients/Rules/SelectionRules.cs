namespace Kneepoint.Gradients.Rules;

/// <summary>Operators that let one of several tensors through at each place: its gradient is ȳ there, that of the others 0.</summary>
static class SelectionRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.Add("Where", Where, 1, 2);
        rules.AddAll("Max", Extreme);
        rules.AddAll("Min", Extreme);
    }

    static void Where(NodeGradient node)
    {
        string zero = node.Emit.Scalar(0);
        if (node.Wants(1)) node.GiveStretched(1, node.Emit.Where(node.X, node.DY, zero));
        if (node.Wants(2)) node.GiveStretched(2, node.Emit.Where(node.X, zero, node.DY));
    }

    // The first of the operands that equals the result.
    static void Extreme(NodeGradient node)
    {
        var emit = node.Emit;
        string rest = node.DY, zero = emit.Scalar(0);
        int last = node.Node.Input.Count - 1;
        for (int i = 0; i <= last; i++)
        {
            string equals = i == last ? "" : emit.Op("Equal", node.In(i), node.Y);
            if (node.Wants(i)) node.GiveStretched(i, i == last ? rest : emit.Where(equals, rest, zero));
            if (i < last) rest = emit.Where(equals, zero, rest);
        }
    }
}
