namespace Kneepoint.Limits.Size;

/// <summary>Labels that nothing predicts can only be known by keeping them.</summary>
/// <remarks>
/// Computes L ≥ n·max(0, H − h₂(ε) − ε·log₂(C − 1)) bits: n labels of C classes, each of H bits given its example (log₂ C where labels are uniform), reproduced with a share
/// of at most ε errors (Fano). From ε = 1 − 1/C on it is 0: guessing does that. It bounds the mean size over draws of the labels. For one draw of uniform labels the same, less log₂(1/δ),
/// holds with probability 1 − δ: 2^L networks cover at most 2^L Hamming balls of 2^(n·(h₂(ε) + ε·log₂(C − 1))) labelings each.
/// Source: [CoverThomas2006] theorem 2.10.1.
/// </remarks>
public static class MemorizationCount
{
    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('B', "Memorization count", LimitStatus.True,
        "the labels were drawn at random, independently of everything that the code knows; a mean over such draws unless a probability of failure is stated");

    /// <summary>The bits for uniformly random labels, in the mean over their draws.</summary>
    /// <param name="labels">n, at least 1.</param>
    /// <param name="classes">C, at least 2.</param>
    /// <param name="errorRate">ε, 0 to 1.</param>
    public static double LeastBits(long labels, int classes, double errorRate)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        return LeastBits(labels, classes, errorRate, Math.Log2(classes));
    }

    /// <summary>The bits for uniformly random labels of one draw.</summary>
    /// <param name="labels">n, at least 1.</param>
    /// <param name="classes">C, at least 2.</param>
    /// <param name="errorRate">ε, 0 to 1.</param>
    /// <param name="failure">δ, above 0 and below 1.</param>
    public static double LeastBitsOfOneDraw(long labels, int classes, double errorRate, double failure)
    {
        Probability.CheckFailure(failure, nameof(failure));
        return Math.Max(0, LeastBits(labels, classes, errorRate) + Math.Log2(failure));
    }

    /// <summary>The bits for labels of known entropy, in the mean over their draws.</summary>
    /// <param name="labels">n, at least 1.</param>
    /// <param name="classes">C, at least 2.</param>
    /// <param name="errorRate">ε, 0 to 1.</param>
    /// <param name="labelBits">H, the entropy of a label given its example, 0 to log₂ C.</param>
    public static double LeastBits(long labels, int classes, double errorRate, double labelBits)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(labels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        Probability.CheckShare(errorRate, nameof(errorRate));
        if (!(labelBits >= 0 && labelBits <= Math.Log2(classes)))
        {
            throw new ArgumentOutOfRangeException(nameof(labelBits), labelBits, $"A label of {classes} classes holds 0 to log2({classes}) bits.");
        }

        if (errorRate >= 1 - 1.0 / classes) return 0;
        return labels * Math.Max(0, labelBits - BinaryEntropy.Bits(errorRate) - errorRate * Math.Log2(classes - 1));
    }

    /// <summary>The entropy of a label that is replaced, with the probability of the noise, by one drawn uniformly from all classes.</summary>
    /// <param name="classes">C, at least 2.</param>
    /// <param name="noise">r, 0 to 1: the true label stays with probability 1 − r + r/C, each other comes with r/C.</param>
    public static double NoisyLabelBits(int classes, double noise)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 2);
        Probability.CheckShare(noise, nameof(noise));
        if (noise == 1) return Math.Log2(classes);
        double wrong = noise * (classes - 1) / classes;
        return BinaryEntropy.Bits(wrong) + wrong * Math.Log2(classes - 1);
    }
}
