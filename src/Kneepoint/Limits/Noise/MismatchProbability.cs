namespace Kneepoint.Limits.Noise;

/// <summary>How often rounded weights change the class that a network gives: the first theorem.</summary>
/// <remarks>
/// Computes p_m ≤ Σ_l Δ_l²·E_l with E_l = E[Σ_(i≠y) Σ_w |∂(Z_i − Z_y)/∂w|² ÷ (24·(Z_i − Z_y)²)], w over the weights that share the step Δ_l, y the class that the
/// network gives. To the first order, Z_i − Z_y moves by N = Σ q·g with errors q uniform on ±Δ/2 and variance Δ²/12. The class is lost to i where N ≥ m = Z_y − Z_i; as N is
/// symmetric, P(N ≥ m) ≤ Var(N) ÷ (2m²); and the chances for all i add up at most. Then accuracy of the rounded network ≥ accuracy − p_m.
/// The expectation is the mean over the samples that were added. A tie, m = 0, makes its own bound infinite.
/// Source: Sakr, Kim and Shanbhag, Analytical Guarantees on Numerical Precision of Deep Neural Networks, ICML 2017, theorem 1; weights here, and errors of
/// activations just so where they are added as layers of their own.
/// Cost: one number for each sample and layer.
/// </remarks>
public sealed class MismatchProbability
{
    readonly List<double[]> _samples = [];

    /// <summary>Starts without samples.</summary>
    /// <param name="layerCount">Groups of weights with one step each: layers, or channels of layers; at least 1.</param>
    public MismatchProbability(int layerCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(layerCount, 1);
        LayerCount = layerCount;
    }

    /// <summary>Its place in the theory.</summary>
    public static Statement Statement { get; } = new('M', "Mismatch probability", LimitStatus.Conditional,
        "Errors of weights independent and uniform, as dithered rounding makes them; first order in the errors; mean over the samples given.");

    /// <summary>Groups of weights with one step each.</summary>
    public int LayerCount { get; }

    /// <summary>The number of samples that were added.</summary>
    public int SampleCount => _samples.Count;

    /// <summary>Adds a sample.</summary>
    /// <param name="margins">[C − 1]: Z_y − Z_i for each other class i, at least 0.</param>
    /// <param name="squaredGradients">[C − 1, L], row-major: Σ over the weights of a layer of |∂(Z_i − Z_y)/∂w|², see <see cref="SquaredNorm"/>.</param>
    public void AddSample(ReadOnlySpan<double> margins, ReadOnlySpan<double> squaredGradients)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(squaredGradients.Length, (long)margins.Length * LayerCount, nameof(squaredGradients));
        double[] gains = new double[LayerCount];
        for (int i = 0; i < margins.Length; i++)
        {
            if (!(margins[i] >= 0))
            {
                throw new ArgumentOutOfRangeException(nameof(margins), margins[i], $"Margin {i} must be at least 0: the class is the one that the network gives.");
            }

            for (int l = 0; l < LayerCount; l++)
            {
                double squares = squaredGradients[i * LayerCount + l];
                if (!(squares >= 0)) throw new ArgumentOutOfRangeException(nameof(squaredGradients), squares, "Sums of squares must be at least 0.");

                // Where nothing moves the margin, nothing is lost, not even a tie.
                if (squares > 0) gains[l] += squares / (24 * margins[i] * margins[i]);
            }
        }

        _samples.Add(gains);
    }

    /// <summary>E_l, the mean noise gain of a layer, in mismatches per squared step.</summary>
    /// <param name="layer">0 to <see cref="LayerCount"/> − 1.</param>
    public double NoiseGain(int layer)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(layer);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(layer, LayerCount);
        ArgumentOutOfRangeException.ThrowIfZero(SampleCount);
        double sum = 0;
        foreach (double[] gains in _samples) sum += gains[layer];
        return sum / SampleCount;
    }

    /// <summary>The theorem as it stands: Σ_l Δ_l²·E_l. It falls by exactly 4 where all steps are halved, and may exceed 1.</summary>
    /// <param name="steps">[L]: Δ, at least 0, in the units of the weights.</param>
    public double Theorem(ReadOnlySpan<double> steps)
    {
        Check(steps);
        double sum = 0;
        for (int l = 0; l < LayerCount; l++)
        {
            if (steps[l] > 0) sum += steps[l] * steps[l] * NoiseGain(l);
        }

        return sum;
    }

    /// <summary>The same with each sample's share held to 1, since no probability is more: never above the theorem, and 1 at most.</summary>
    /// <remarks>A few samples near a border hold most of the sum; at few bits this is the figure to print.</remarks>
    /// <param name="steps">[L]: Δ, at least 0, in the units of the weights.</param>
    public double Capped(ReadOnlySpan<double> steps)
    {
        Check(steps);
        ArgumentOutOfRangeException.ThrowIfZero(SampleCount);
        double sum = 0;
        foreach (double[] gains in _samples)
        {
            double share = 0;
            for (int l = 0; l < LayerCount; l++)
            {
                if (steps[l] > 0) share += steps[l] * steps[l] * gains[l];
            }

            sum += Math.Min(share, 1);
        }

        return sum / SampleCount;
    }

    /// <summary>The sum of squares of a layer's gradients, in binary64 and in their order.</summary>
    public static double SquaredNorm(ReadOnlySpan<float> gradients)
    {
        double sum = 0;
        foreach (float gradient in gradients) sum += (double)gradient * gradient;
        return sum;
    }

    void Check(ReadOnlySpan<double> steps)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(steps.Length, LayerCount, nameof(steps));
        foreach (double step in steps)
        {
            if (!(step >= 0 && double.IsFinite(step))) throw new ArgumentOutOfRangeException(nameof(steps), step, "Steps must be finite and at least 0.");
        }
    }
}
