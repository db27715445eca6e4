using Kneepoint.Pareto;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Search.Planning;

/// <summary>The hypervolume that a variant is expected to add to a frontier: its costs are known, its loss is not.</summary>
/// <remarks>
/// With area(t) the volume in the costs alone that the variant dominates and no variant of the frontier with a loss of at most t does, a variant with loss l adds the integral of area from l to the reference. For a loss that is
/// normal with mean μ and deviation σ the expectation is ∫ area(t)·Φ((t − μ)/σ) dt, exactly: area changes at the losses of the frontier only, and ∫Φ has a closed form, σ(zΦ(z) + φ(z)).
/// This is [Emmerich2011]'s expected hypervolume improvement, where all objectives but one are certain.
/// Cost: a volume in the costs for each loss of the frontier below μ + 8σ, at worst.
/// </remarks>
public sealed class ExpectedImprovement
{
    // Beyond so many deviations nothing is expected.
    const double FarDeviations = 8;

    readonly double[] _losses;
    readonly double[] _costs;
    readonly double[] _reference;
    readonly double _referenceLoss;
    readonly int _costCount;

    /// <summary>Takes a frontier.</summary>
    /// <param name="points">[n, m], row-major: the loss first, then the costs, all to be made small; points that are dominated or beyond the reference do no harm.</param>
    /// <param name="reference">[m], finite; m is at least 2.</param>
    /// <exception cref="ArgumentException">The lengths do not fit, or a number is NaN.</exception>
    public ExpectedImprovement(ReadOnlySpan<double> points, ReadOnlySpan<double> reference)
    {
        int m = reference.Length;
        if (m < 2 || points.Length % m != 0) throw new ArgumentException($"{points.Length} numbers are no points of {m} figures, a loss and at least one cost.", nameof(points));
        double[] all = [.. points];
        int[] front = NondominatedFilter.Indices(all, m);
        Array.Sort(front, (a, b) => all[a * m] != all[b * m] ? all[a * m].CompareTo(all[b * m]) : a.CompareTo(b));
        _costCount = m - 1;
        _losses = [.. front.Select(place => all[place * m])];
        _costs = [.. front.SelectMany(place => all[(place * m + 1)..((place + 1) * m)])];
        _referenceLoss = reference[0];
        _reference = [.. reference[1..]];
    }

    /// <summary>The expected improvement.</summary>
    /// <param name="costs">[m − 1], of the variant.</param>
    /// <param name="mean">Of its loss.</param>
    /// <param name="deviation">Standard deviation of its loss, at least 0.</param>
    /// <returns>In the product of the units; 0 where a cost is beyond the reference.</returns>
    public double Of(ReadOnlySpan<double> costs, double mean, double deviation)
    {
        if (costs.Length != _costCount) throw new ArgumentException($"Expected {_costCount} costs, found {costs.Length}.", nameof(costs));
        if (!double.IsFinite(mean) || !(deviation >= 0)) return 0;
        for (int k = 0; k < _costCount; k++)
        {
            if (!(costs[k] < _reference[k])) return 0;
        }

        double[] clipped = new double[_losses.Length * _costCount];
        double sum = 0, area = Box(costs), before = 0;
        int known = 0;
        for (int i = 0; i < _losses.Length && _losses[i] < _referenceLoss && area > 0; i++)
        {
            // The area stays as it is up to this loss.
            double until = Below(_losses[i], mean, deviation);
            sum += area * (until - before);
            before = until;
            if (Clip(costs, _costs.AsSpan(i * _costCount, _costCount), clipped.AsSpan(known * _costCount, _costCount))) known++;
            else continue;
            area = Box(costs) - Hypervolume.Of(clipped.AsSpan(0, known * _costCount), _reference);
        }

        return area > 0 ? sum + area * Math.Max(0, Below(_referenceLoss, mean, deviation) - before) : sum;
    }

    double Box(ReadOnlySpan<double> costs)
    {
        double box = 1;
        for (int k = 0; k < _costCount; k++) box *= _reference[k] - costs[k];
        return box;
    }

    // The part of what a point dominates that lies in the box of the costs; false if there is none.
    bool Clip(ReadOnlySpan<double> costs, ReadOnlySpan<double> point, Span<double> clipped)
    {
        for (int k = 0; k < _costCount; k++)
        {
            if (!(point[k] < _reference[k])) return false;
            clipped[k] = Math.Max(costs[k], point[k]);
        }

        return true;
    }

    // ∫ from −∞ to t of Φ((u − μ)/σ) du.
    static double Below(double t, double mean, double deviation)
    {
        if (deviation == 0) return Math.Max(0, t - mean);
        double z = (t - mean) / deviation;
        return z > FarDeviations ? t - mean : z < -FarDeviations ? 0 : deviation * (z * NormalDistribution.Cumulative(z) + NormalDistribution.Density(z));
    }
}
