namespace Kneepoint.Limits.Noise;

/// <summary>What a change of the weights costs, by the first terms of a series.</summary>
/// <remarks>
/// ΔL ≈ gᵀd + ½·dᵀHd, with the gradient g, the curvature H and the change d. For a layer by itself H = 2·XXᵀ is exact for its squared output error; of a network it is good for small changes only: on a trained
/// multilayer perceptron within 45 % at 5 bits and more, 3 to 16 times too low at 4 bits and less.
/// With one weight q set to a value that is w_q away, the others can make up for part of it: the best change is δ = −(w_q ÷ [H⁻¹]_qq)·H⁻¹e_q, and it costs w_q² ÷ (2·[H⁻¹]_qq).
/// Source: [Hassibi1993]; [Frantar2022].
/// </remarks>
public static class SecondOrderLoss
{
    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('O', "Second-order loss", LimitStatus.Estimate, "changes are small enough for a quadratic; how far that holds is measured beside it");

    /// <summary>gᵀd + ½·dᵀHd.</summary>
    /// <param name="gradient">g: [n].</param>
    /// <param name="curvature">H: [n, n], symmetric, both triangles.</param>
    /// <param name="change">d: [n].</param>
    public static double Of(ReadOnlySpan<double> gradient, ReadOnlySpan<double> curvature, ReadOnlySpan<double> change)
    {
        int n = change.Length;
        if (gradient.Length != n || curvature.Length != (long)n * n) throw new ArgumentException($"Expected a gradient and a curvature of {n} weights.", nameof(change));
        double sum = 0;
        for (int i = 0; i < n; i++)
        {
            double inner = 0;
            for (int j = 0; j < n; j++) inner += curvature[i * n + j] * change[j];
            sum += change[i] * (gradient[i] + 0.5 * inner);
        }

        return sum;
    }

    /// <summary>What it costs at least to move one weight while all others make up for it: (move²) ÷ (2·[H⁻¹]_qq).</summary>
    /// <param name="move">By how much the weight moves.</param>
    /// <param name="inverseDiagonal">[H⁻¹]_qq, above 0.</param>
    public static double OfOneWeight(double move, double inverseDiagonal)
    {
        if (!(inverseDiagonal > 0 && double.IsFinite(inverseDiagonal))) throw new ArgumentOutOfRangeException(nameof(inverseDiagonal), inverseDiagonal, "An element of the diagonal must be finite and above 0.");
        return move * move / (2 * inverseDiagonal);
    }

    /// <summary>The best change of all weights where one of them has to move.</summary>
    /// <param name="move">By how much weight <paramref name="which"/> moves.</param>
    /// <param name="inverse">H⁻¹: [n, n], symmetric, both triangles.</param>
    /// <param name="which">q.</param>
    /// <param name="destination">δ: [n].</param>
    public static void BestChange(double move, ReadOnlySpan<double> inverse, int which, Span<double> destination)
    {
        int n = destination.Length;
        if (inverse.Length != (long)n * n) throw new ArgumentException($"Expected the inverse curvature of {n} weights.", nameof(inverse));
        if ((uint)which >= (uint)n) throw new ArgumentOutOfRangeException(nameof(which), which, $"Expected one of {n} weights.");
        double diagonal = inverse[which * n + which];
        if (!(diagonal > 0)) throw new ArgumentOutOfRangeException(nameof(inverse), diagonal, "An element of the diagonal must be above 0.");
        for (int i = 0; i < n; i++) destination[i] = move * inverse[which * n + i] / diagonal;
    }
}
