namespace Kneepoint.Limits.Size;

/// <summary>The error that a network's size guarantees without any test data.</summary>
/// <remarks>
/// Computes e ≤ kl⁻¹(e_train, (|h|·ln 2 + ln(1/δ)) ÷ n), kl⁻¹(q, c) the largest p with kl(q‖p) ≤ c. |h| counts the whole code: codebooks, headers, and the bits of every choice.
/// Source: [Langford2005]; [Lotfi2022] for how far it reaches.
/// </remarks>
/// <param name="GuaranteedError">The error is at most this, 0 to 1.</param>
/// <param name="ChanceError">The error of guessing: 1 − 1/C, or 1 where the classes are not known.</param>
public readonly record struct OccamBound(double GuaranteedError, double ChanceError)
{
    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('E', "Occam bound", LimitStatus.True,
        "the training examples are independent draws, and the code was fixed before they were drawn; the whole file counts, with the bits of every choice");

    /// <summary>Guessing does as well, so nothing is said: to be shown as "vacuous".</summary>
    public bool IsVacuous => GuaranteedError >= ChanceError;

    /// <summary>The bound of a packed network.</summary>
    /// <param name="training">Errors on the examples that the network was trained on.</param>
    /// <param name="codeBits">|h|, the bits of the network as written and of the choice of its code; at least 0.</param>
    /// <param name="failure">δ, above 0 and below 1.</param>
    /// <param name="classes">C, at least 2; null where there are none.</param>
    public static OccamBound Of(ErrorCount training, double codeBits, double failure = 0.05, int? classes = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(training.Examples, 1, nameof(training));
        CheckCost(codeBits, nameof(codeBits));
        Probability.CheckFailure(failure, nameof(failure));
        return At(training.Rate, (codeBits * Math.Log(2) - Math.Log(failure)) / training.Examples, classes);
    }

    /// <summary>The PAC-Bayes form, for a network drawn at random from a distribution around the one that is kept.</summary>
    /// <remarks>Computes kl⁻¹(e_Q, (KL(Q‖P) + ln(2√n/δ)) ÷ n); P was fixed before the examples were drawn. Source: [Maurer2004].</remarks>
    /// <param name="trainingError">e_Q, the mean error on the training examples over draws from Q, 0 to 1.</param>
    /// <param name="examples">n, at least 8, as the theorem asks.</param>
    /// <param name="divergenceNats">KL(Q‖P), nats, at least 0.</param>
    /// <param name="failure">δ, above 0 and below 1.</param>
    /// <param name="classes">C, at least 2; null where there are none.</param>
    public static OccamBound PacBayes(double trainingError, long examples, double divergenceNats, double failure = 0.05, int? classes = null)
    {
        Probability.CheckShare(trainingError, nameof(trainingError));
        ArgumentOutOfRangeException.ThrowIfLessThan(examples, 8);
        CheckCost(divergenceNats, nameof(divergenceNats));
        Probability.CheckFailure(failure, nameof(failure));
        return At(trainingError, (divergenceNats + Math.Log(2 * Math.Sqrt(examples) / failure)) / examples, classes);
    }

    static OccamBound At(double trainingError, double nats, int? classes)
    {
        if (classes is { } number) ArgumentOutOfRangeException.ThrowIfLessThan(number, 2, nameof(classes));
        return new OccamBound(BinaryDivergence.Upper(trainingError, nats), classes is { } c ? 1 - 1.0 / c : 1);
    }

    static void CheckCost(double value, string parameter)
    {
        if (!(value >= 0)) throw new ArgumentOutOfRangeException(parameter, value, "What the network costs must be at least 0.");
    }
}
