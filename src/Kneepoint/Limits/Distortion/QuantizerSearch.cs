namespace Kneepoint.Limits.Distortion;

/// <summary>Finds the step of a rate.</summary>
static class QuantizerSearch
{
    /// <summary>The point of a rate: the entropy falls as the step grows.</summary>
    /// <param name="at">The point of a step.</param>
    /// <param name="low">A step of a larger rate.</param>
    /// <param name="high">A step of a smaller rate.</param>
    /// <param name="rateBits">The rate.</param>
    public static QuantizerPoint AtRate(Func<double, QuantizerPoint> at, double low, double high, double rateBits)
    {
        const int Steps = 60;
        for (int i = 0; i < Steps; i++)
        {
            double middle = Math.Sqrt(low * high);
            if (at(middle).RateBits > rateBits) low = middle;
            else high = middle;
        }

        return at(high);
    }
}
