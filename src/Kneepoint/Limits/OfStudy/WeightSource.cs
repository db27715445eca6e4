using Kneepoint.Limits.Distortion;

namespace Kneepoint.Limits.OfStudy;

/// <summary>The weights of a layer as draws of a source: what an ideal code takes for an error.</summary>
/// <param name="weights">Of the baseline.</param>
sealed class WeightSource(float[] weights)
{
    // Beyond this rate the histogram's bins would be many, and the Shannon lower bound is tight.
    const double MostHistogramBits = 6;
    const double Tolerance = 1e-3;
    const int WeightsPerValue = 16;

    readonly Dictionary<int, double> _leastErrors = [];
    readonly Lazy<EntropyEstimate> _entropy = new(() => SpacingEntropy.Of(weights));

    /// <summary>Mean square.</summary>
    public double Power { get; } = weights.Sum(weight => (double)weight * weight) / Math.Max(1, weights.Length);

    /// <summary>The least sum of squared errors with so many values.</summary>
    public double LeastErrorOf(int values)
    {
        if (!_leastErrors.TryGetValue(values, out double least)) _leastErrors.Add(values, least = TensorOptima.SharedValuesError(weights, [.. Enumerable.Repeat(1.0, weights.Length)], values));
        return least;
    }

    /// <summary>Mean squared error.</summary>
    public double DistortionOf(float[] changed)
    {
        double sum = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            double error = (double)changed[i] - weights[i];
            sum += error * error;
        }

        return sum / Math.Max(1, weights.Length);
    }

    /// <summary>The least rate at an error: by Blahut and Arimoto on the histogram, or where it would be too fine, by Shannon's bound with an estimated density.</summary>
    /// <returns>Null where the weights are no source of either kind.</returns>
    public (double? BitsPerWeight, char? Statement) IdealBitsPerWeight(double distortion)
    {
        if (weights.Length < 2 || !(distortion > 0) || !(Power > 0) || weights.Any(weight => !float.IsFinite(weight))) return (null, null);
        if (distortion >= Power) return (0, 'H');
        if (0.5 * Math.Log2(Power / distortion) <= MostHistogramBits)
        {
            try
            {
                return (BlahutArimoto.RateAt(SourceHistogram.OfValues(weights, distortion), distortion, Tolerance).LowerBits, 'H');
            }
            catch (ArgumentOutOfRangeException)
            {
                // A single weight far outside: more bins than there may be.
            }
        }

        return _entropy.Value.IsMeaningful ? (ShannonLowerBound.RateBits(_entropy.Value.Bits, distortion), 'G') : (null, null);
    }

    /// <summary>Order-0 entropy of the values as they are, with the price of learning their shares; null where there are many of them, as with a scale for each row: then values are no indices.</summary>
    public static double? EntropyBitsPerWeight(float[] values)
    {
        if (values.Length == 0) return null;
        var counts = new Dictionary<float, long>();
        foreach (float value in values) counts[value] = counts.GetValueOrDefault(value) + 1;
        if (counts.Count > values.Length / WeightsPerValue) return null;
        return IndexCodeLength.TwoPartBits([.. counts.Values]) / values.Length;
    }
}
