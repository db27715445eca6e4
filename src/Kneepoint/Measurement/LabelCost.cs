using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Measurement;

/// <summary>The length of the code that a network gives to labels: Σ −ln p(label).</summary>
/// <param name="Nats">The sum, in nats.</param>
/// <param name="Count">Labels: samples, or tokens of sequences.</param>
public sealed record LabelCost(double Nats, long Count)
{
    /// <summary>The sum in bits.</summary>
    public double Bits => Nats / Math.Log(2);

    /// <summary>Of a batch.</summary>
    /// <param name="scores">Two numbers for each sample, as <see cref="NegativeLogLikelihood"/> scores it.</param>
    internal static LabelCost Of(ReadOnlySpan<float> scores)
    {
        double nats = 0;
        long count = 0;
        for (int i = 0; i < scores.Length; i += 2) (nats, count) = (nats + scores[i], count + (long)scores[i + 1]);
        return new LabelCost(nats, count);
    }

    /// <summary>Of all, added in their order.</summary>
    internal static LabelCost Sum(IEnumerable<LabelCost> costs) => costs.Aggregate(new LabelCost(0, 0), (sum, cost) => new LabelCost(sum.Nats + cost.Nats, sum.Count + cost.Count));
}
