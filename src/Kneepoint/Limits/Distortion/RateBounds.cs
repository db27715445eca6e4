namespace Kneepoint.Limits.Distortion;

/// <summary>A rate–distortion function between certified bounds.</summary>
/// <param name="Distortion">D, the mean squared error of each number.</param>
/// <param name="LowerBits">No code for independent draws of the source takes fewer bits for each number.</param>
/// <param name="UpperBits">Codes exist that take no more.</param>
public readonly record struct RateBounds(double Distortion, double LowerBits, double UpperBits)
{
    /// <summary>The middle of both.</summary>
    public double RateBits => (LowerBits + UpperBits) / 2;

    /// <summary>How far both are apart.</summary>
    public double GapBits => UpperBits - LowerBits;
}
