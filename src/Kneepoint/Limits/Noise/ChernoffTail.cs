using System.Buffers;

namespace Kneepoint.Limits.Noise;

/// <summary>How likely a sum of independent uniform errors is to reach a margin.</summary>
public static class ChernoffTail
{
    // Newton's steps come from the left and double their digits; the bound holds at every one of them.
    const int MostSteps = 12;
    const double Settled = 1e-6;
    const double SeriesBelow = 0.2;

    // Where t·D stays below, its series of five terms is right to ten digits, and never too small: its signs alternate.
    const double SmallBelow = 0.5;

    // How far t may grow before the errors are parted into small and large ones again.
    const double Room = 1.5;

    /// <summary>The natural logarithm of an upper bound of P(Σ U_h ≥ m), with U_h uniform on [−D_h, D_h] and independent.</summary>
    /// <remarks>
    /// Computes min over t ≥ 0 of −t·m + Σ_h ln(sinh(t·D_h) ÷ (t·D_h)): for any t > 0, P(ΣU ≥ m) ≤ E[e^(t(ΣU − m))], and E[e^(tU)] = sinh(tD) ÷ (tD).
    /// It starts at t = T = 3m ÷ ΣD², the best t for a normal sum of the same variance ΣD²/3 and the one of the published form, whose S is T·m. As ln(sinh x ÷ x) ≤ x²/6, the bound
    /// there is at most e^(−m²/(2σ²)), σ² = ΣD²/3. From there it takes Newton's steps: the derivative −m + ΣD·(coth(tD) − 1/(tD)) rises and is concave, so they never pass its root.
    /// Minus infinity where m ≥ ΣD > 0, as the sum cannot pass it; 0, a probability of 1, where m = 0.
    /// Cost: some three passes over the D. Those of small t·D, mostly all but a few, enter by the sums of their powers, which serve for several steps; the others take a logarithm each in about six steps.
    /// Source: Sakr, Kim and Shanbhag, Analytical Guarantees on Numerical Precision of Deep Neural Networks, ICML 2017; re-derived, and t optimized.
    /// </remarks>
    /// <param name="halfWidths">D, each at least 0 and finite.</param>
    /// <param name="margin">m, at least 0; in the same unit.</param>
    public static double LogBound(ReadOnlySpan<double> halfWidths, double margin)
    {
        var (sum, squares) = Sums(halfWidths, margin);
        if (margin == 0) return 0;
        if (margin >= sum) return double.NegativeInfinity;
        double t = 3 * margin / squares;
        if (!double.IsFinite(t)) return 0;
        double[] buffer = ArrayPool<double>.Shared.Rent(halfWidths.Length);
        double least = Least(halfWidths, margin, t, buffer);
        ArrayPool<double>.Shared.Return(buffer);
        return least;
    }

    static double Least(ReadOnlySpan<double> halfWidths, double margin, double t, double[] buffer)
    {
        double least = 0, most = 0;
        SmallErrors small = default;
        for (int step = 0; step < MostSteps; step++)
        {
            if (t > most)
            {
                most = Room * t;
                small = SmallErrors.Of(halfWidths, SmallBelow / most, buffer);
            }

            var (value, slope, bend) = small.Plus(At(buffer.AsSpan(0, small.LargeCount), t), t);
            double bound = value - t * margin, rise = slope - margin;
            double gain = least - bound;
            least = Math.Min(least, bound);
            if (rise >= 0 || !(bend > 0) || (step > 0 && gain < Settled)) break;
            t -= rise / bend;
        }

        return least;
    }

    /// <summary>The bound at t = T, as it was published: e^−S · Π sinh(T·D_h) ÷ (T·D_h), S = 3m² ÷ ΣD², T = S ÷ m; its natural logarithm.</summary>
    /// <param name="halfWidths">D, each at least 0 and finite.</param>
    /// <param name="margin">m, at least 0; in the same unit.</param>
    public static double PublishedLogBound(ReadOnlySpan<double> halfWidths, double margin)
    {
        var (sum, squares) = Sums(halfWidths, margin);
        if (margin == 0) return 0;
        if (sum == 0) return double.NegativeInfinity;
        double t = 3 * margin / squares;
        if (!double.IsFinite(t)) return 0;
        return At(halfWidths, t).Value - t * margin;
    }

    /// <summary>ln(sinh(x) ÷ x), for x of at least 0.</summary>
    /// <remarks>A series below 0.2, where the quotient is near 1; x − ln 2x + ln(1 − e^−2x) from 20 on, where sinh grows beyond all.</remarks>
    internal static double LogSinhRatio(double x)
    {
        if (x < SeriesBelow)
        {
            double y = x * x;
            return y * (1.0 / 6 - y * (1.0 / 180 - y * (1.0 / 2835 - y * (1.0 / 37_800 - y / 467_775))));
        }

        return x < 20 ? Math.Log(Math.Sinh(x) / x) : x - Math.Log(2 * x) + Math.Log(1 - Math.Exp(-2 * x));
    }

    static (double Sum, double Squares) Sums(ReadOnlySpan<double> halfWidths, double margin)
    {
        if (!(margin >= 0)) throw new ArgumentOutOfRangeException(nameof(margin), margin, "The margin must be at least 0.");
        double sum = 0, squares = 0;
        foreach (double d in halfWidths)
        {
            if (!(d >= 0 && double.IsFinite(d))) throw new ArgumentOutOfRangeException(nameof(halfWidths), d, "Half widths must be finite and at least 0.");
            sum += d;
            squares += d * d;
        }

        return (sum, squares);
    }

    // Σ ln(sinh(tD)/(tD)) and its first two derivatives by t: D·(coth x − 1/x) and D²·(1/x² − 1/sinh² x).
    static (double Value, double Slope, double Bend) At(ReadOnlySpan<double> halfWidths, double t)
    {
        double value = 0, slope = 0, bend = 0;
        foreach (double d in halfWidths)
        {
            if (d == 0) continue;
            double x = t * d;
            value += LogSinhRatio(x);
            if (x < SeriesBelow)
            {
                double y = x * x;
                slope += d * x * (1.0 / 3 - y * (1.0 / 45 - y * (2.0 / 945 - y / 4725)));
                bend += d * d * (1.0 / 3 - y * (1.0 / 15 - y * (2.0 / 189 - y / 675)));
            }
            else
            {
                double sinh = Math.Sinh(x);
                slope += d * (1 / Math.Tanh(x) - 1 / x);
                bend += d * d * (1 / (x * x) - 1 / (sinh * sinh));
            }
        }

        return (value, slope, bend);
    }

    /// <summary>Errors of small t·D together: Σ u², Σ u⁴ … with u = D ÷ limit, so that no power over- or underflows.</summary>
    readonly record struct SmallErrors(double Limit, double P2, double P4, double P6, double P8, double P10, int LargeCount)
    {
        public static SmallErrors Of(ReadOnlySpan<double> halfWidths, double limit, Span<double> large)
        {
            double p2 = 0, p4 = 0, p6 = 0, p8 = 0, p10 = 0, scale = 1 / limit;
            int count = 0;
            foreach (double d in halfWidths)
            {
                double u = d * scale;
                if (!(u < 1))
                {
                    large[count++] = d;
                    continue;
                }

                double y = u * u, yy = y * y;
                p2 += y;
                p4 += yy;
                p6 += yy * y;
                p8 += yy * yy;
                p10 += yy * yy * y;
            }

            return new SmallErrors(limit, p2, p4, p6, p8, p10, count);
        }

        // The series of At, term by term.
        public (double Value, double Slope, double Bend) Plus((double Value, double Slope, double Bend) others, double t)
        {
            double s = t * Limit, y = s * s;
            double value = y * (P2 / 6 - y * (P4 / 180 - y * (P6 / 2835 - y * (P8 / 37_800 - y * P10 / 467_775))));
            double slope = Limit * s * (P2 / 3 - y * (P4 / 45 - y * (P6 * 2 / 945 - y * P8 / 4725)));
            double bend = Limit * Limit * (P2 / 3 - y * (P4 / 15 - y * (P6 * 2 / 189 - y * P8 / 675)));
            return (others.Value + value, others.Slope + slope, others.Bend + bend);
        }
    }
}
