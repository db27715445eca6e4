namespace Kneepoint.Limits.Size;

/// <summary>A network that knows its training examples better than others has kept something of them, and this takes room.</summary>
/// <remarks>
/// Computes |h| ≥ (n·kl(e_train‖e_L) − ln(1/δ₁)) ÷ ln 2 − log₂(choices) bits; 0 where e_train ≥ e_L or the difference is negative. n training examples, e_train the share
/// of errors among them, e_L the Clopper–Pearson lower limit of the true error by the test examples, of level δ₂.
/// Why: one network fixed beforehand has so few training errors with probability at most exp(−n·kl) (Chernoff), and by Kraft the 2^−|h| of all networks of a prefix code
/// sum to at most 1; so, except with probability δ₁ + δ₂, no network of fewer bits can have done it. It holds for every lossless coder, and is one to three orders below
/// the sizes that are achieved. If the code was chosen from a finite list afterwards, its number counts as part of the network: that is the last term.
/// Sources: [Blumer1987]; [Langford2005] for the form with kl.
/// </remarks>
public static class SizeFromOverfitting
{
    /// <summary>How this statement is shown.</summary>
    public static Statement Statement { get; } = new('A', "Size from overfitting", LimitStatus.True,
        "training and test examples are independent draws of one distribution, and the code was fixed before the training examples were drawn");

    /// <summary>The bits that every file of the network has at least.</summary>
    /// <param name="training">Errors on the examples that the network was trained on.</param>
    /// <param name="test">Errors on examples that it has not seen.</param>
    /// <param name="codeFailure">δ₁, above 0 and below 1.</param>
    /// <param name="testFailure">δ₂, above 0 and below 1; the statement fails with probability at most δ₁ + δ₂.</param>
    /// <param name="choiceBits">log₂ of the number of codes that were to choose from; 0 where there was one.</param>
    public static OverfittingSize Of(ErrorCount training, ErrorCount test, double codeFailure = 0.025, double testFailure = 0.025, double choiceBits = 0)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(training.Examples, 1, nameof(training));
        Probability.CheckFailure(codeFailure, nameof(codeFailure));
        if (!(choiceBits >= 0 && double.IsFinite(choiceBits)))
        {
            throw new ArgumentOutOfRangeException(nameof(choiceBits), choiceBits, "The bits of a choice must be finite and at least 0.");
        }

        double testError = ClopperPearson.Lower(test, testFailure);
        if (training.Rate >= testError) return new OverfittingSize(0, testError);
        double nats = training.Examples * BinaryDivergence.Nats(training.Rate, testError) + Math.Log(codeFailure);
        return new OverfittingSize(Math.Max(0, nats / Math.Log(2) - choiceBits), testError);
    }
}

/// <summary>What a network's overfitting says about its size.</summary>
/// <param name="LeastBits">Except with the stated probability, no code that was fixed before the training examples were drawn writes the network in less; 0 says nothing.</param>
/// <param name="TestErrorAtLeast">e_L, the lower limit of the true error that it rests on.</param>
public readonly record struct OverfittingSize(double LeastBits, double TestErrorAtLeast);
