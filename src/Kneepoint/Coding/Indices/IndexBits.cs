namespace Kneepoint.Coding.Indices;

/// <summary>Which yes-or-no questions tell a number from all others.</summary>
/// <remarks>
/// Is it zero; is it negative; then its magnitude less one: the part above <c>shift</c> bits by counting up (is it more than 0, more than 1, …), beyond the last count by its
/// length and its bits (Exp-Golomb), and the lower <c>shift</c> bits, highest first. With a shift near the logarithm of the mean magnitude a number takes 4 to 6 questions, and
/// what is close to zero, where most numbers are, has a question of its own.
/// </remarks>
static class IndexBits
{
    /// <summary>The question whether a number is zero.</summary>
    public const int Zero = 0;

    /// <summary>The question whether it is negative.</summary>
    public const int Sign = 1;

    /// <summary>The first of the questions that count up.</summary>
    public const int Count = 2;

    /// <summary>How many questions count up.</summary>
    public const int Counts = 14;

    /// <summary>The first of the questions about the length of what is beyond.</summary>
    public const int Length = Count + Counts;

    /// <summary>The first of the questions about the bits of what is beyond.</summary>
    public const int Beyond = Length + 32;

    /// <summary>The first of the questions about lower bits; 3 for each count below 4.</summary>
    public const int Lower = Beyond + 32;

    /// <summary>The first of those that are asked apart in the odd states of a trellis, where small numbers are others: about zero, sign, and whether a magnitude is more than 1, 2, 3.</summary>
    public const int Odd = Lower + 4 * 3 + 32;

    /// <summary>How many of them count up.</summary>
    public const int OddCounts = 3;

    /// <summary>All questions.</summary>
    public const int All = Odd + Count + OddCounts;

    /// <summary>The lower bits that fit numbers of a mean magnitude.</summary>
    /// <param name="meanMagnitude">The mean of |v|.</param>
    public static int ShiftFor(double meanMagnitude)
    {
        int shift = 0;
        while (shift < 30 && meanMagnitude > 5.0 * (1 << shift)) shift++;
        return shift;
    }

    /// <summary>The mean magnitude of numbers.</summary>
    public static double MeanMagnitude(ReadOnlySpan<int> values)
    {
        double sum = 0;
        foreach (int value in values) sum += Math.Abs((double)value);
        return values.Length == 0 ? 0 : sum / values.Length;
    }
}
