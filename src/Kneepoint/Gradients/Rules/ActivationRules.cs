using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>Activation functions, element by element: x̄ = ȳ·f'(x).</summary>
/// <remarks>
/// Where f' can be told from the output alone it is, so that the runtime still may join the activation with the layer before it.
/// | operator | f'(x) |
/// | Relu | 1 where y &gt; 0 |
/// | Clip | 1 where low &lt; y &lt; high |
/// | LeakyRelu, PRelu, ThresholdedRelu, Elu, Selu, Celu | by the side of the kink |
/// | Sigmoid, Tanh, Softplus, Softsign | y(1−y), 1−y², σ(x), (1+|x|)⁻² |
/// | HardSigmoid, HardSwish | slope between the kinks |
/// | Gelu, Mish | see there |
/// </remarks>
static class ActivationRules
{
    public static void AddTo(RuleTable rules)
    {
        rules.AddSlope("Relu", node => node.Emit.Float(node.Emit.Op("Greater", node.Y, node.Emit.Scalar(0))));
        rules.Add("Clip", Clip, 0, 1, 2);
        rules.Add("LeakyRelu", node => Leaky(node, node.Node.GetFloat("alpha", 0.01f)), 0);
        rules.Add("PRelu", PRelu, 0, 1);
        rules.AddSlope("ThresholdedRelu", node => node.Emit.Float(node.Emit.Op("Greater", node.X, node.Emit.Scalar(node.Node.GetFloat("alpha", 1)))));
        rules.AddSlope("Elu", node => Exponential(node, 1, node.Node.GetFloat("alpha", 1), 1));
        rules.AddSlope("Selu", node => Exponential(node, node.Node.GetFloat("gamma", 1.05070102214813232421875f), node.Node.GetFloat("alpha", 1.67326319217681884765625f), 1));
        rules.AddSlope("Celu", node => Exponential(node, 1, 1, node.Node.GetFloat("alpha", 1)));
        rules.AddSlope("Sigmoid", node => Logistic(node.Emit, node.Y));
        rules.AddSlope("Tanh", node => node.Emit.Sub(node.Emit.Scalar(1), node.Emit.Mul(node.Y, node.Y)));
        rules.AddSlope("Softplus", node => node.Emit.Op("Sigmoid", node.X));
        rules.AddSlope("Softsign", Softsign);
        rules.AddSlope("HardSigmoid", node => node.Emit.Scale(Between(node, node.Y, 0, 1), node.Node.GetFloat("alpha", 0.2f)));
        rules.AddSlope("HardSwish", HardSwish);
        rules.AddSlope("Gelu", Gelu);
        rules.AddSlope("Mish", Mish);
    }

    static string Logistic(GraphEmitter emit, string y) => emit.Mul(y, emit.Sub(emit.Scalar(1), y));

    static void Clip(NodeGradient node)
    {
        var emit = node.Emit;
        string? above = node.Has(1) ? emit.Op("Greater", node.Y, node.In(1)) : null, below = node.Has(2) ? emit.Op("Less", node.Y, node.In(2)) : null;
        string? inside = above is not null && below is not null ? emit.Op("And", above, below) : above ?? below;
        if (node.Wants(0)) node.Give(0, inside is null ? node.DY : emit.Where(inside, node.DY, emit.Scalar(0)));

        // A bound takes the gradients of the elements that it holds; where the bounds have crossed the upper one holds them all.
        if (node.Wants(1)) node.Give(1, emit.ReshapeLike(emit.Total(Held(node, above!, below)), node.In(1)));
        if (node.Wants(2)) node.Give(2, emit.ReshapeLike(emit.Total(emit.Where(below!, emit.Scalar(0), node.DY)), node.In(2)));
    }

    static string Held(NodeGradient node, string above, string? below)
    {
        string held = node.Emit.Where(above, node.Emit.Scalar(0), node.DY);
        return below is null ? held : node.Emit.Where(below, held, node.Emit.Scalar(0));
    }

    static void Leaky(NodeGradient node, float slope)
    {
        string isPositive = node.Emit.Op("Greater", node.X, node.Emit.Scalar(0));
        node.Give(0, node.Emit.Where(isPositive, node.DY, node.Emit.Scale(node.DY, slope)));
    }

    // f(x) = x for x > 0, else s·x, where s is stretched to x: x̄ = ȳ·(1 or s), s̄ = Σ ȳ·x where x <= 0.
    static void PRelu(NodeGradient node)
    {
        var emit = node.Emit;
        string isPositive = emit.Op("Greater", node.X, emit.Scalar(0));
        if (node.Wants(0)) node.Give(0, emit.Where(isPositive, node.DY, emit.Mul(node.DY, node.In(1))));
        if (node.Wants(1)) node.GiveStretched(1, emit.Where(isPositive, emit.Scalar(0), emit.Mul(node.DY, node.X)));
    }

    // f(x) = scale·x for x > 0, else scale·height·width·(exp(x/width) − 1); f' = scale·height·exp(x/width) on the left.
    static string Exponential(NodeGradient node, float scale, float height, float width)
    {
        var emit = node.Emit;
        string left = emit.Scale(emit.Op("Exp", width == 1 ? node.X : emit.Div(node.X, emit.Scalar(width))), scale * height);
        return emit.Where(emit.Op("Greater", node.X, emit.Scalar(0)), emit.Scalar(scale), left);
    }

    static string Softsign(NodeGradient node)
    {
        string denominator = node.Emit.Add(node.Emit.Scalar(1), node.Emit.Op("Abs", node.X));
        return node.Emit.Op("Reciprocal", node.Emit.Mul(denominator, denominator));
    }

    static string Between(NodeGradient node, string value, float low, float high)
    {
        string above = node.Emit.Op("Greater", value, node.Emit.Scalar(low)), below = node.Emit.Op("Less", value, node.Emit.Scalar(high));
        return node.Emit.Float(node.Emit.Op("And", above, below));
    }

    // f = x·h with h = clip(x/6 + 1/2, 0, 1): f' = h + x/6 between the kinks, h outside.
    static string HardSwish(NodeGradient node)
    {
        var emit = node.Emit;
        string sixth = emit.Scale(node.X, 1 / 6f);
        string h = emit.Op("Clip", emit.Add(sixth, emit.Scalar(0.5f)), emit.Scalar(0), emit.Scalar(1));
        return emit.Add(h, emit.Mul(sixth, Between(node, h, 0, 1)));
    }

    // f = x·Φ(x): f' = Φ(x) + x·φ(x). The tanh form: f = x(1+t)/2, t = tanh u, u = √(2/π)(x + 0.044715x³): f' = (1+t)/2 + x(1−t²)u'/2.
    static string Gelu(NodeGradient node)
    {
        var emit = node.Emit;
        string x = node.X, square = emit.Mul(x, x);
        if (node.Node.GetString("approximate", "none") == "tanh") return GeluByTanh(emit, x, square);
        string cumulative = emit.Scale(emit.Add(emit.Scalar(1), emit.Op("Erf", emit.Scale(x, (float)Math.Sqrt(0.5)))), 0.5f);
        string density = emit.Scale(emit.Op("Exp", emit.Scale(square, -0.5f)), (float)(1 / Math.Sqrt(2 * Math.PI)));
        return emit.Add(cumulative, emit.Mul(x, density));
    }

    static string GeluByTanh(GraphEmitter emit, string x, string square)
    {
        const float Cubic = 0.044715f;
        float root = (float)Math.Sqrt(2 / Math.PI);
        string u = emit.Mul(emit.Scale(x, root), emit.Add(emit.Scalar(1), emit.Scale(square, Cubic)));
        string t = emit.Op("Tanh", u);
        string uSlope = emit.Scale(emit.Add(emit.Scalar(1), emit.Scale(square, 3 * Cubic)), root);
        string tSlope = emit.Mul(emit.Sub(emit.Scalar(1), emit.Mul(t, t)), uSlope);
        return emit.Scale(emit.Add(emit.Add(emit.Scalar(1), t), emit.Mul(x, tSlope)), 0.5f);
    }

    // f = x·t, t = tanh(softplus x): f' = t + x(1−t²)σ(x).
    static string Mish(NodeGradient node)
    {
        var emit = node.Emit;
        string t = emit.Op("Tanh", emit.Op("Softplus", node.X));
        string slope = emit.Mul(emit.Sub(emit.Scalar(1), emit.Mul(t, t)), emit.Op("Sigmoid", node.X));
        return emit.Add(t, emit.Mul(node.X, slope));
    }
}
