namespace Kneepoint.Calibration;

/// <summary>The distribution of a tensor's values over any number of samples, in fixed memory and one pass.</summary>
/// <remarks>
/// Computes counts of magnitudes in bins of width w = 2^(k - 12), apart for the two signs: bin i counts the values with i w &lt;= |x| &lt; (i + 1) w.
/// 2^k is the smallest power of two above every magnitude seen so far (at least 2^-100). When a larger magnitude comes, k grows and neighboring
/// bins are added, which is exact because bin i of the wider grid is made of whole bins of the finer one.
/// Hence the result depends on the values alone: neither their order nor the batches they come in, nor the vector width, change a single count.
/// NaN, infinity: counted, and not part of anything else. Zeros of both signs are counted apart from the bins. Minimum and maximum are exact.
/// Cost: O(1) per value; memory 32 KiB, 64 KiB where negative values occur. Not safe for calls from several threads.
/// </remarks>
public sealed class ActivationHistogram
{
    /// <summary>Bins for each sign.</summary>
    public const int BinsPerSign = 1 << BinBits;

    internal const int BinBits = 12;
    internal const int LeastExponent = -100;
    internal const int GreatestExponent = 128;
    readonly long[] _positive = new long[BinsPerSign];
    long[]? _negative;

    /// <summary>Finite values seen, zeros included.</summary>
    public long Count { get; private set; }

    /// <summary>Values that are zero, of either sign.</summary>
    public long ZeroCount { get; private set; }

    /// <summary>Values that are no numbers.</summary>
    public long NanCount { get; private set; }

    /// <summary>Values that are infinite, of either sign.</summary>
    public long InfinityCount { get; private set; }

    /// <summary>The least finite value; 0 if there is none.</summary>
    public float Minimum { get; private set; }

    /// <summary>The greatest finite value; 0 if there is none.</summary>
    public float Maximum { get; private set; }

    /// <summary>The width of every bin, a power of two.</summary>
    public double BinWidth => double.ScaleB(1, Exponent - BinBits);

    /// <summary>Counts of positive values; bin i covers [i, i + 1) times <see cref="BinWidth"/>, without zero.</summary>
    public ReadOnlySpan<long> Positive => _positive;

    /// <summary>Counts of negative values by magnitude, as <see cref="Positive"/>; empty if there are none.</summary>
    public ReadOnlySpan<long> Negative => _negative;

    /// <summary>All magnitudes are below 2 to this power.</summary>
    internal int Exponent { get; private set; } = LeastExponent;

    /// <summary>Counts values.</summary>
    /// <param name="values">Any values, in any order.</param>
    public void Add(ReadOnlySpan<float> values)
    {
        using var tables = HistogramBinning.Tables.For(values.Length);
        Span<float> finite = stackalloc float[HistogramBinning.BlockLength];
        while (!values.IsEmpty)
        {
            scoped var block = values[..Math.Min(values.Length, HistogramBinning.BlockLength)];
            values = values[block.Length..];
            var summary = HistogramBinning.Summarize(block);
            if (!summary.IsFinite)
            {
                block = KeepFinite(block, finite);
                summary = HistogramBinning.Summarize(block);
            }

            if (!block.IsEmpty) AddBlock(block, summary, tables);
        }

        Flush(tables);
    }

    /// <summary>Counts the values of another histogram, as if they had been added here.</summary>
    /// <remarks>Exact, commutative and associative.</remarks>
    public void Merge(ActivationHistogram other)
    {
        ArgumentNullException.ThrowIfNull(other);
        NanCount += other.NanCount;
        InfinityCount += other.InfinityCount;
        if (other.Count == 0) return;
        GrowTo(other.Exponent, null);
        int shift = Exponent - other.Exponent;
        for (int i = 0; i < BinsPerSign; i++) _positive[i >> Math.Min(shift, BinBits)] += other._positive[i];
        if (other._negative is { } negative)
        {
            _negative ??= new long[BinsPerSign];
            for (int i = 0; i < BinsPerSign; i++) _negative[i >> Math.Min(shift, BinBits)] += negative[i];
        }

        Extend(other.Minimum, other.Maximum);
        ZeroCount += other.ZeroCount;
        Count += other.Count;
    }

    /// <summary>The smallest value that at least a fraction of the finite values do not exceed; values are taken as spread evenly within their bin.</summary>
    /// <remarks>Computes the ceil(q n)-th smallest value, at least the first, to within one bin; exact at zero, minimum and maximum. 0 if there are no values.</remarks>
    /// <param name="fraction">q, 0 to 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The fraction is not in [0, 1].</exception>
    public double Quantile(double fraction)
    {
        if (!(fraction is >= 0 and <= 1)) throw new ArgumentOutOfRangeException(nameof(fraction), fraction, "A fraction must be in [0, 1].");
        if (Count == 0) return 0;
        long rank = Math.Clamp((long)Math.Ceiling(fraction * Count), 1, Count);
        if (rank == 1) return Minimum;
        if (rank == Count) return Maximum;
        long negatives = 0;
        foreach (long count in Negative) negatives += count;

        // From the most negative inward, or from zero outward: the same walk on one side.
        if (rank <= negatives) return -ValueAtRank(Negative, negatives - rank + 1, -(double)Minimum);
        return rank <= negatives + ZeroCount ? 0 : ValueAtRank(Positive, rank - negatives - ZeroCount, Maximum);
    }

    /// <summary>The mean of the squared error that quantization with the given parameters makes on these values.</summary>
    /// <remarks>
    /// Computes E (x - Q(x))^2 with Q(x) = s (clamp(round(x / s) + z, 0, 255) - z), values taken as spread evenly within their bin, zeros as exact. 0 if there are no values.
    /// </remarks>
    public double ExpectedSquaredError(QuantizationParameters parameters)
    {
        if (Count == 0) return 0;
        double width = BinWidth;
        double step = parameters.Scale / width;
        int levelsBelow = parameters.ZeroPoint;
        double error = HistogramSide.Positive(this).SquaredError(step, QuantizationParameters.Steps - levelsBelow)
            + HistogramSide.Negative(this).SquaredError(step, levelsBelow);
        return error * width * width / Count;
    }

    /// <summary>Restores a histogram from its parts, which the caller has checked.</summary>
    internal static ActivationHistogram Restore(HistogramTotals totals, int exponent, ReadOnlySpan<long> positive, ReadOnlySpan<long> negative)
    {
        var histogram = new ActivationHistogram
        {
            Count = totals.Count,
            ZeroCount = totals.Zeros,
            NanCount = totals.Nans,
            InfinityCount = totals.Infinities,
            Minimum = totals.Minimum,
            Maximum = totals.Maximum,
            Exponent = exponent,
        };
        positive.CopyTo(histogram._positive);
        if (!negative.IsEmpty) negative.CopyTo(histogram._negative = new long[BinsPerSign]);
        return histogram;
    }

    /// <summary>The least k, not below <see cref="LeastExponent"/>, with magnitude &lt; 2^k.</summary>
    internal static int ExponentOf(float magnitude) => Math.Max(LeastExponent, magnitude == 0 ? LeastExponent : Math.ILogB(magnitude) + 1);

    void AddBlock(ReadOnlySpan<float> block, HistogramBinning.Summary summary, HistogramBinning.Tables tables)
    {
        GrowTo(ExponentOf(Math.Max(-summary.Minimum, summary.Maximum)), tables);
        Extend(summary.Minimum, summary.Maximum);
        if (summary.Minimum < 0) _negative ??= new long[BinsPerSign];
        float inverseWidth = (float)double.ScaleB(1, BinBits - Exponent);
        if (tables.IsEmpty) HistogramBinning.CountInto(block, inverseWidth, _positive, _negative);
        else tables.Count(block, inverseWidth);

        // Zeros fell into the first positive bin with the others.
        _positive[0] -= summary.Zeros;
        ZeroCount += summary.Zeros;
        Count += block.Length;
    }

    void Extend(float minimum, float maximum)
    {
        Minimum = Count == 0 ? minimum : Math.Min(Minimum, minimum);
        Maximum = Count == 0 ? maximum : Math.Max(Maximum, maximum);
    }

    void GrowTo(int exponent, HistogramBinning.Tables? tables)
    {
        if (exponent <= Exponent) return;
        if (tables is { } open) Flush(open);
        int shift = Math.Min(exponent - Exponent, BinBits);
        Coarsen(_positive, shift);
        if (_negative is not null) Coarsen(_negative, shift);
        Exponent = exponent;
    }

    static void Coarsen(long[] bins, int shift)
    {
        for (int i = 1; i < bins.Length; i++)
        {
            long count = bins[i];
            bins[i] = 0;
            bins[i >> shift] += count;
        }
    }

    void Flush(HistogramBinning.Tables tables)
    {
        if (!tables.IsEmpty) tables.MoveTo(_positive, _negative);
    }

    ReadOnlySpan<float> KeepFinite(ReadOnlySpan<float> block, Span<float> destination)
    {
        int kept = 0;
        foreach (float value in block)
        {
            if (float.IsFinite(value)) destination[kept++] = value;
            else if (float.IsNaN(value)) NanCount++;
            else InfinityCount++;
        }

        return destination[..kept];
    }

    double ValueAtRank(ReadOnlySpan<long> bins, long rank, double greatest)
    {
        long below = 0;
        double width = BinWidth;
        for (int i = 0; i < bins.Length; i++)
        {
            if (below + bins[i] >= rank)
            {
                double end = Math.Min((i + 1) * width, greatest);
                return i * width + (end - i * width) * ((rank - below) / (double)bins[i]);
            }

            below += bins[i];
        }

        return greatest;
    }
}

/// <summary>What a histogram knows apart from its bins.</summary>
readonly record struct HistogramTotals(long Count, long Zeros, long Nans, long Infinities, float Minimum, float Maximum);
