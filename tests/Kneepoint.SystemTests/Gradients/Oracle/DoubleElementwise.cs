using Op = System.Func<Kneepoint.SystemTests.Gradients.Oracle.DoubleNode, Kneepoint.SystemTests.Gradients.Oracle.DoubleTensor[]>;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>Functions of single elements, and of several that are stretched to one shape.</summary>
static class DoubleElementwise
{
    public static void AddTo(Dictionary<string, Op> known)
    {
        AddUnary(known);
        AddKinked(known);
        AddBinary(known);
        known.Add("Clip", Clip);
        known.Add("PRelu", node => [DoubleTensor.Zip(node.X, node.At(1)!, (x, slope) => x > 0 ? x : slope * x)]);
        known.Add("Where", Where);
    }

    /// <summary>The error function, by its series near zero and its continued fraction far from it.</summary>
    public static double Erf(double x)
    {
        double size = Math.Abs(x);
        if (size > 6) return Math.Sign(x);
        double term = size, sum = size;
        for (int n = 1; n < 200; n++)
        {
            // Σ 2ⁿ x²ⁿ⁺¹ / (1·3·5…): all terms are positive.
            term *= 2 * size * size / (2 * n + 1);
            sum += term;
        }

        return Math.Sign(x) * 2 / Math.Sqrt(Math.PI) * Math.Exp(-size * size) * sum;
    }

    static void AddUnary(Dictionary<string, Op> known)
    {
        Add("Neg", x => -x);
        Add("Abs", Math.Abs);
        Add("Exp", Math.Exp);
        Add("Log", Math.Log);
        Add("Sqrt", Math.Sqrt);
        Add("Reciprocal", x => 1 / x);
        Add("Sin", Math.Sin);
        Add("Cos", Math.Cos);
        Add("Erf", Erf);
        Add("Sigmoid", Sigmoid);
        Add("Tanh", Math.Tanh);
        Add("Softplus", Softplus);
        Add("Softsign", x => x / (1 + Math.Abs(x)));
        Add("Mish", x => x * Math.Tanh(Softplus(x)));
        Add("Not", x => x == 0 ? 1 : 0);
        Add("Floor", Math.Floor);
        Add("Sign", x => Math.Sign(x));
        known.Add("Gelu", node => [node.X.Map(node.Text("approximate", "none") == "tanh"
            ? x => x / 2 * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)))
            : x => x / 2 * (1 + Erf(x / Math.Sqrt(2))))]);

        void Add(string name, Func<double, double> function) => known.Add(name, node => [node.X.Map(function)]);
    }

    static void AddKinked(Dictionary<string, Op> known)
    {
        known.Add("Relu", node => [node.X.Map(x => Math.Max(x, 0))]);
        Add("LeakyRelu", "alpha", 0.01f, "beta", 0, (x, alpha, _) => x > 0 ? x : alpha * x);
        Add("ThresholdedRelu", "alpha", 1, "beta", 0, (x, alpha, _) => x > alpha ? x : 0);
        Add("Elu", "alpha", 1, "beta", 0, (x, alpha, _) => x > 0 ? x : alpha * (Math.Exp(x) - 1));
        Add("Selu", "alpha", 1.67326319217681884765625f, "gamma", 1.05070102214813232421875f, (x, alpha, gamma) => gamma * (x > 0 ? x : alpha * (Math.Exp(x) - 1)));
        Add("Celu", "alpha", 1, "beta", 0, (x, alpha, _) => x > 0 ? x : alpha * (Math.Exp(x / alpha) - 1));
        Add("HardSigmoid", "alpha", 0.2f, "beta", 0.5f, (x, alpha, beta) => Math.Clamp(alpha * x + beta, 0, 1));
        Add("HardSwish", "alpha", 0, "beta", 0, (x, _, _) => x * Math.Clamp(x / 6 + 0.5, 0, 1));

        void Add(string name, string first, float firstDefault, string second, float secondDefault, Func<double, double, double, double> function) =>
            known.Add(name, node => [node.X.Map(x => function(x, node.Float(first, firstDefault), node.Float(second, secondDefault)))]);
    }

    static void AddBinary(Dictionary<string, Op> known)
    {
        AddMany("Add", (a, b) => a + b);
        AddMany("Sum", (a, b) => a + b);
        AddMany("Sub", (a, b) => a - b);
        AddMany("Mul", (a, b) => a * b);
        AddMany("Div", (a, b) => a / b);
        AddMany("Pow", Math.Pow);
        AddMany("Max", Math.Max);
        AddMany("Min", Math.Min);
        AddMany("Equal", (a, b) => a == b ? 1 : 0);
        AddMany("Greater", (a, b) => a > b ? 1 : 0);
        known.Add("Mean", node => [known["Sum"](node)[0].Map(x => x / node.Inputs.Length)]);

        void AddMany(string name, Func<double, double, double> function) =>
            known.Add(name, node => [node.Inputs.Skip(1).Aggregate(node.X, (a, b) => DoubleTensor.Zip(a, b!, function))]);
    }

    static DoubleTensor[] Clip(DoubleNode node)
    {
        double low = node.At(1)?.Data[0] ?? node.Float("min", float.MinValue), high = node.At(2)?.Data[0] ?? node.Float("max", float.MaxValue);
        return [node.X.Map(x => Math.Min(Math.Max(x, low), high))];
    }

    static DoubleTensor[] Where(DoubleNode node)
    {
        int[] dims = DoubleTensor.Joint(node.X, node.At(1)!, node.At(2)!);
        double[] condition = node.X.Stretch(dims).Data, yes = node.At(1)!.Stretch(dims).Data, no = node.At(2)!.Stretch(dims).Data;
        return [new DoubleTensor(dims, [.. condition.Select((c, i) => c != 0 ? yes[i] : no[i])])];
    }

    static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));

    static double Softplus(double x) => Math.Max(x, 0) + Math.Log(1 + Math.Exp(-Math.Abs(x)));
}
