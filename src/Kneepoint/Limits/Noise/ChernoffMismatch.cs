using System.Collections.Immutable;

namespace Kneepoint.Limits.Noise;

/// <summary>How often rounded weights change the class that a network gives: the sharper form, for one set of steps.</summary>
/// <remarks>
/// Computes p_m ≤ E[min(1, Σ_(i≠y) min(C_i, ΣD_h² ÷ (6·m_i²)))] with C_i = min_t e^(−t·m_i)·Π_h sinh(t·D_h) ÷ (t·D_h), D_h = Δ_h/2·|∂(Z_i − Z_y)/∂h| and m_i = Z_y − Z_i; see
/// <see cref="ChernoffTail"/>. The second of the two is the term of <see cref="MismatchProbability"/>, with the same assumptions: it is the sharper one where a margin is within about
/// two standard deviations, C_i beyond, where it falls like a normal tail. The lesser of two bounds is one. A sample counts for 1 at most, since no probability is more. So
/// this is never above <see cref="MismatchProbability.Capped"/>.
/// Use: for each sample, <see cref="AddClass"/> for every other class, then <see cref="EndSample"/>. Memory: the gradients of one class.
/// Cost: of each class one pass over its gradients, and where the theorem's term is above 10⁻⁷ some six more with a logarithm each.
/// </remarks>
public sealed class ChernoffMismatch
{
    // Where the theorem says so little there is nothing to sharpen.
    const double Negligible = 1e-7;

    readonly ImmutableArray<double> _steps;
    double[] _halfWidths = [];
    double _share, _sum;

    /// <summary>Starts without samples.</summary>
    /// <param name="steps">[L]: Δ of each layer, at least 0, in the units of its weights.</param>
    public ChernoffMismatch(ReadOnlySpan<double> steps)
    {
        foreach (double step in steps)
        {
            if (!(step >= 0 && double.IsFinite(step))) throw new ArgumentOutOfRangeException(nameof(steps), step, "Steps must be finite and at least 0.");
        }

        _steps = [.. steps];
    }

    /// <inheritdoc cref="MismatchProbability.Statement"/>
    public static Statement Statement => MismatchProbability.Statement;

    /// <summary>The number of samples that were ended.</summary>
    public int SampleCount { get; private set; }

    /// <summary>The bound of p_m, the mean over the samples, 0 to 1.</summary>
    public double Bound => SampleCount > 0 ? _sum / SampleCount : throw new InvalidOperationException("No sample was added.");

    /// <summary>Adds another class of the present sample.</summary>
    /// <param name="margin">Z_y − Z_i, at least 0.</param>
    /// <param name="gradients">[L]: ∂(Z_i − Z_y)/∂w of all weights of each layer; the sign does not matter.</param>
    public void AddClass(double margin, IReadOnlyList<ReadOnlyMemory<float>> gradients)
    {
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Count, _steps.Length, nameof(gradients));
        int count = 0;
        foreach (var layer in gradients) count = checked(count + layer.Length);
        if (_halfWidths.Length < count) _halfWidths = new double[count];
        int filled = 0;
        for (int l = 0; l < gradients.Count; l++)
        {
            foreach (float gradient in gradients[l].Span)
            {
                double width = _steps[l] / 2 * Math.Abs(gradient);
                if (width != 0) _halfWidths[filled++] = width;
            }
        }

        var widths = _halfWidths.AsSpan(0, filled);
        double squares = 0;
        foreach (double width in widths) squares += width * width;
        double theorem = filled == 0 ? 0 : squares / (6 * margin * margin);
        _share += theorem < Negligible ? theorem : Math.Min(Math.Exp(ChernoffTail.LogBound(widths, margin)), theorem);
    }

    /// <summary>Ends the present sample.</summary>
    public void EndSample()
    {
        _sum += Math.Min(_share, 1);
        _share = 0;
        SampleCount++;
    }
}
