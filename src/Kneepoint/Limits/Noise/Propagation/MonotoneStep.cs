namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>A function of each element that never falls: the ends of its interval are the function's values at the ends.</summary>
/// <remarks>
/// The values are moved outward by their relative error, then cut to the range that the function cannot leave. Where the function is the identity on a whole interval, the
/// interval stays as it is.
/// </remarks>
/// <param name="function">Not falling.</param>
/// <param name="relativeError">Of one computed value; 0 where the function only picks among its argument and constants.</param>
/// <param name="least">No value of the function lies below.</param>
/// <param name="most">No value of the function lies above.</param>
/// <param name="identityFrom">From here on …</param>
/// <param name="identityTo">… to here, the function gives its argument.</param>
sealed class MonotoneStep(Func<double, double> function, double relativeError, double least, double most, double identityFrom, double identityTo) : IntervalStep
{
    // The exponential of the mathematical library is good to about one unit in the last place; 2^-40 leaves room for any.
    const double LibraryError = 1.0 / (1L << 40);

    // Arguments at the ends are rounded outward before; a product and a quotient lose two roundings.
    const double ArithmeticError = 4 * Outward.UnitRoundoff;

    /// <summary>max(low, min(high, x)); Relu is that of 0 and infinity.</summary>
    public static MonotoneStep Clip(double low, double high) => new(x => Math.Min(Math.Max(x, low), high), 0, Math.Min(low, high), high, low, high);

    /// <summary>x where it is at least 0, else slope·x.</summary>
    /// <param name="slope">At least 0.</param>
    public static MonotoneStep LeakyRelu(double slope) =>
        new(x => x >= 0 ? x : slope * x, ArithmeticError, double.NegativeInfinity, double.PositiveInfinity, 0, double.PositiveInfinity);

    /// <summary>x where it is at least 0, else α·(e^x − 1).</summary>
    /// <param name="alpha">At least 0.</param>
    public static MonotoneStep Elu(double alpha) =>
        new(x => x >= 0 ? x : alpha * ExpM1(x), LibraryError, -alpha, double.PositiveInfinity, 0, double.PositiveInfinity);

    /// <summary>1 ÷ (1 + e^-x).</summary>
    public static MonotoneStep Sigmoid { get; } = new(x => 1 / (1 + Math.Exp(-x)), LibraryError, 0, 1, double.NaN, double.NaN);

    /// <summary>The hyperbolic tangent.</summary>
    public static MonotoneStep Tanh { get; } = new(Math.Tanh, LibraryError, -1, 1, double.NaN, double.NaN);

    /// <summary>max(0, min(1, α·x + β)).</summary>
    /// <param name="alpha">At least 0.</param>
    /// <param name="beta">Any.</param>
    public static MonotoneStep HardSigmoid(double alpha, double beta) => new(x => alpha * x + beta, ArithmeticError, 0, 1, double.NaN, double.NaN)
    {
        // The sum may cancel: its error is relative to its terms.
        ErrorTerms = x => Math.Abs(alpha * x) + Math.Abs(beta),
    };

    /// <summary>What the relative error is relative to; the value itself where not set.</summary>
    Func<double, double>? ErrorTerms { get; init; }

    public override Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box)
    {
        var x = inputs[0];
        var result = new Intervals(x.Count);
        for (int i = 0; i < x.Count; i++)
        {
            double low = x.Low(i), high = x.High(i);
            if (low >= identityFrom && high <= identityTo) result.Copy(i, x, i);
            else result.Set(i, Value(low, -1), Value(high, 1));
        }

        return result;
    }

    double Value(double x, int direction)
    {
        double value = function(x);
        if (relativeError > 0) value += direction * (relativeError * Math.Abs(ErrorTerms?.Invoke(x) ?? value) + Outward.Underflow);
        return Math.Min(Math.Max(value, least), most);
    }

    // Near 0 the difference cancels; four terms of the series are good to x⁴/120 of the value, the difference beyond to 2^-51 ÷ 10^-3.
    static double ExpM1(double x) => Math.Abs(x) < 1e-3 ? x * (1 + x / 2 * (1 + x / 3 * (1 + x / 4))) : Math.Exp(x) - 1;
}
