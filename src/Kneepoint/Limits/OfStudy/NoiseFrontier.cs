using System.Collections.Immutable;
using Kneepoint.Measurement;

namespace Kneepoint.Limits.OfStudy;

/// <summary>The frontier of an ideal vector quantizer under the source model of statement F.</summary>
/// <param name="Samples">Evaluation samples of each measurement.</param>
/// <param name="Draws">Draws of noise for each rate.</param>
/// <param name="Weights">Weights that rates are divided by.</param>
/// <param name="Points">By rising rate.</param>
public sealed record NoiseFrontier(long Samples, int Draws, long Weights, ImmutableArray<NoisePoint> Points)
{
    /// <summary>The rate at which noise costs as much of the metric: value, and an interval from that of the cost and that of the frontier.</summary>
    /// <param name="cost">Loss of the metric, at least 0 where it is a loss, with its interval.</param>
    /// <param name="isMaximized">Whether more of the metric is better.</param>
    /// <returns>Ends are infinite or 0 where the frontier does not reach so far; null where it tells nothing.</returns>
    public Interval? RateOfChange(Interval cost, bool isMaximized)
    {
        double sign = isMaximized ? -1 : 1;
        return RateOf(sign < 0 ? new Interval(-cost.Value, -cost.High, -cost.Low) : cost,
            [.. Points.Select(point => sign < 0 ? new Interval(-point.Change.Value, -point.Change.High, -point.Change.Low) : point.Change)]);
    }

    /// <summary>The rate at which outputs diverge as far.</summary>
    /// <remarks>Sharper than the metric: every output moves, long before a decision flips.</remarks>
    public Interval? RateOfDivergence(Interval divergence) => RateOf(divergence, [.. Points.Select(point => point.Divergence)], isLogarithmic: true);

    // Losses fall with the rate: after pooling neighbors that do not, the curve is read between its points along straight lines; of what falls by powers, along lines of its logarithm.
    Interval? RateOf(Interval cost, Interval[] losses, bool isLogarithmic = false)
    {
        if (losses.Length < 2) return null;
        double[] rates = [.. Points.Select(point => point.BitsPerWeight)];
        double Read(double[] at, double[] falling, double loss) => NoiseFrontier.Read(at, falling, loss, isLogarithmic);
        double value = Read(rates, Falling([.. losses.Select(loss => loss.Value)]), cost.Value);
        double low = Read(rates, Falling([.. losses.Select(loss => loss.Low)]), double.IsNaN(cost.High) ? cost.Value : cost.High);
        double high = Read(rates, Falling([.. losses.Select(loss => loss.High)]), double.IsNaN(cost.Low) ? cost.Value : cost.Low);
        return new Interval(value, Math.Min(low, value), Math.Max(high, value));
    }

    static double Read(double[] rates, double[] falling, double loss, bool isLogarithmic)
    {
        if (loss >= falling[0]) return loss > falling[0] ? 0 : rates[0];
        for (int i = 1; i < rates.Length; i++)
        {
            if (loss < falling[i]) continue;
            double share = isLogarithmic && falling[i] > 0 ? Math.Log(falling[i - 1] / loss) / Math.Log(falling[i - 1] / falling[i]) : (falling[i - 1] - loss) / (falling[i - 1] - falling[i]);
            return rates[i - 1] + share * (rates[i] - rates[i - 1]);
        }

        return double.PositiveInfinity;
    }

    // Pool adjacent violators, all of one weight.
    internal static double[] Falling(double[] values)
    {
        var blocks = new List<(double Sum, int Count)>();
        foreach (double value in values)
        {
            blocks.Add((value, 1));
            while (blocks.Count > 1 && blocks[^1].Sum / blocks[^1].Count > blocks[^2].Sum / blocks[^2].Count)
            {
                blocks[^2] = (blocks[^2].Sum + blocks[^1].Sum, blocks[^2].Count + blocks[^1].Count);
                blocks.RemoveAt(blocks.Count - 1);
            }
        }

        return [.. blocks.SelectMany(block => Enumerable.Repeat(block.Sum / block.Count, block.Count))];
    }
}
