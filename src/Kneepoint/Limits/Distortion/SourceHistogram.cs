using System.Collections.Immutable;
using Kneepoint.Pareto;

namespace Kneepoint.Limits.Distortion;

/// <summary>The values of a tensor and how often each occurs: the source of <see cref="BlahutArimoto"/>.</summary>
/// <remarks>
/// Many values are gathered in bins of one width, each of which stands for its numbers by their mean. The width is a sixteenth of the root of the distortion that is asked for; what a bin hides then moves the rate by less than 0.001 bit, and
/// <see cref="BlahutArimoto.RateAt"/> holds even that in its bounds, which are of the values themselves. A histogram serves distortions from the one it was made for on upwards; at larger ones it is finer than it need be.
/// </remarks>
public sealed class SourceHistogram
{
    /// <summary>Bins to the root of the distortion.</summary>
    internal const int BinsPerError = 16;

    const int MostBins = 1 << 16;

    SourceHistogram(ImmutableArray<double> values, ImmutableArray<double> shares, double width, double withinVariance)
    {
        (Values, Shares, BinWidth, WithinVariance) = (values, shares, width, withinVariance);
        CompensatedSum mean = default, variance = default;
        for (int i = 0; i < values.Length; i++) mean.Add(shares[i] * values[i]);
        Mean = mean.Value;
        for (int i = 0; i < values.Length; i++) variance.Add(shares[i] * (values[i] - Mean) * (values[i] - Mean));
        Variance = variance.Value + withinVariance;
    }

    /// <summary>The values, rising.</summary>
    public ImmutableArray<double> Values { get; }

    /// <summary>The share of each; they add up to 1.</summary>
    public ImmutableArray<double> Shares { get; }

    /// <summary>The width of a bin; 0 where every value stands for itself.</summary>
    public double BinWidth { get; }

    /// <summary>The mean squared distance between a number and its bin's value.</summary>
    public double WithinVariance { get; }

    /// <summary>The mean of the numbers.</summary>
    public double Mean { get; }

    /// <summary>The variance of the numbers: from this distortion on no bits are needed.</summary>
    public double Variance { get; }

    /// <summary>−Σ p log₂ p of the values here: what a code without errors takes, if every value stands for itself.</summary>
    public double EntropyBits
    {
        get
        {
            CompensatedSum bits = default;
            foreach (double share in Shares) bits.Add(-share * Math.Log2(share));
            return bits.Value;
        }
    }

    /// <summary>A source of given values.</summary>
    /// <param name="atoms">At least one, in any order; of equal values the weights are added.</param>
    /// <exception cref="ArgumentOutOfRangeException">No atom, a value that is not finite, or a weight that is not above 0.</exception>
    public static SourceHistogram OfAtoms(ReadOnlySpan<SourceAtom> atoms)
    {
        if (atoms.IsEmpty) throw new ArgumentOutOfRangeException(nameof(atoms), "Expected at least one value.");
        var sorted = new SortedDictionary<double, double>();
        CompensatedSum total = default;
        foreach (var atom in atoms)
        {
            if (!double.IsFinite(atom.Value) || !(atom.Weight > 0 && double.IsFinite(atom.Weight)))
            {
                throw new ArgumentOutOfRangeException(nameof(atoms), atom, "Expected a finite value and a finite weight above 0.");
            }

            sorted[atom.Value] = sorted.GetValueOrDefault(atom.Value) + atom.Weight;
            total.Add(atom.Weight);
        }

        return new SourceHistogram([.. sorted.Keys], [.. sorted.Values.Select(weight => weight / total.Value)], 0, 0);
    }

    /// <summary>A density in bins.</summary>
    /// <param name="bins">The mean of the density within each bin, rising, and its share.</param>
    /// <param name="binWidth">The width of the widest bin.</param>
    /// <param name="withinVariance">The mean squared distance between a number and its bin's mean.</param>
    /// <exception cref="ArgumentOutOfRangeException">No bin, a value that is not finite, or a weight that is not above 0.</exception>
    public static SourceHistogram OfBins(ReadOnlySpan<SourceAtom> bins, double binWidth, double withinVariance)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(binWidth);
        ArgumentOutOfRangeException.ThrowIfNegative(withinVariance);
        var atoms = OfAtoms(bins);
        return new SourceHistogram(atoms.Values, atoms.Shares, binWidth, withinVariance);
    }

    /// <summary>The source of a tensor, for distortions from a given one on.</summary>
    /// <param name="values">At least one finite number.</param>
    /// <param name="distortion">The least mean squared error of each number that will be asked for, above 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">No number, one that is not finite, or a distortion so small that more than 2^16 bins were needed: at such rates ask <see cref="ShannonLowerBound"/>.</exception>
    public static SourceHistogram OfValues(ReadOnlySpan<float> values, double distortion)
    {
        if (values.IsEmpty) throw new ArgumentOutOfRangeException(nameof(values), "Expected at least one number.");
        if (!(distortion > 0)) throw new ArgumentOutOfRangeException(nameof(distortion), distortion, "A distortion must be above 0.");
        double low = double.PositiveInfinity, high = double.NegativeInfinity;
        foreach (float value in values)
        {
            if (!float.IsFinite(value)) throw new ArgumentOutOfRangeException(nameof(values), value, "Expected finite numbers.");
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        double width = Math.Sqrt(distortion) / BinsPerError;
        if (!((high - low) / width < MostBins))
        {
            throw new ArgumentOutOfRangeException(nameof(distortion), distortion, $"Numbers from {low} to {high} take more than {MostBins} bins at this distortion.");
        }

        return Binned(values, low, width, (int)((high - low) / width) + 1);
    }

    static SourceHistogram Binned(ReadOnlySpan<float> values, double low, double width, int bins)
    {
        long[] counts = new long[bins];
        double[] sums = new double[bins], squares = new double[bins], least = new double[bins], most = new double[bins];
        foreach (float value in values)
        {
            double offset = value - low;
            int bin = Math.Min(bins - 1, (int)(offset / width));
            offset -= (bin + 0.5) * width;
            if (counts[bin]++ == 0) (least[bin], most[bin]) = (offset, offset);
            else (least[bin], most[bin]) = (Math.Min(least[bin], offset), Math.Max(most[bin], offset));
            sums[bin] += offset;
            squares[bin] += offset * offset;
        }

        var kept = ImmutableArray.CreateBuilder<double>();
        var shares = ImmutableArray.CreateBuilder<double>();
        double within = 0, widest = 0, total = values.Length;
        for (int bin = 0; bin < bins; bin++)
        {
            if (counts[bin] == 0) continue;
            bool isOneValue = least[bin] == most[bin];
            double mean = isOneValue ? least[bin] : sums[bin] / counts[bin];
            kept.Add(low + (bin + 0.5) * width + mean);
            shares.Add(counts[bin] / total);
            if (isOneValue) continue;
            within += Math.Max(0, squares[bin] - counts[bin] * mean * mean) / total;
            widest = width;
        }

        return new SourceHistogram(kept.ToImmutable(), shares.ToImmutable(), widest, within);
    }
}
