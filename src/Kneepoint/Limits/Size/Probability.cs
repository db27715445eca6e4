namespace Kneepoint.Limits.Size;

/// <summary>Refuses what is no probability.</summary>
static class Probability
{
    /// <summary>A failure that may be stated: above 0, below 1.</summary>
    public static void CheckFailure(double value, string parameter)
    {
        if (!(value > 0 && value < 1)) throw new ArgumentOutOfRangeException(parameter, value, "The probability of failure must be above 0 and below 1.");
    }

    /// <summary>A share: 0 to 1.</summary>
    public static void CheckShare(double value, string parameter)
    {
        if (!(value >= 0 && value <= 1)) throw new ArgumentOutOfRangeException(parameter, value, "A share must be in [0, 1].");
    }
}
