namespace Kneepoint.Calibration;

/// <summary>The range whose 8-bit quantized distribution diverges least from the true one.</summary>
/// <remarks>
/// For each threshold t on a grid, the window is [max(-t, minimum), min(t, maximum)], 255 steps wide with a level on zero. P is the histogram in the
/// window, with everything outside added to the bins at its ends. Q gives each level the values that truly fall into its cell and spreads them evenly over
/// the cell's occupied bins. Computes argmin over t of KL(P‖Q) = sum P ln(P / Q).
/// Pitfalls of common implementations, and what is done here: values that are exactly zero (half of a ReLU's output) would drown all others, and they quantize without
/// error, so they take no part; values outside belong into P but not into Q, else cutting costs nothing; where an end bin is
/// occupied only by what was cut, Q is 0 and the sum infinite, so Q is mixed with 1/10000 of the even distribution; a spike (a channel that is constant, the 6
/// of a ReLU6) falls on one level whatever the window is, yet spread over its cell it would cost the more the wider the window, so <see cref="HistogramSpikes"/>
/// keep their own bin in Q; at the window's end a spike would take up any number of cut values without a cost, so for these Q is without spikes and at most the
/// window's mean; with few values the empirical
/// distribution says more about the sample than about the tensor and cuts far too much, so below 2048 values other than zero the range is minimum-to-maximum.
/// Known weakness: as a divergence of distributions it does not see how far a cut value is moved. Prefer the squared error for regression.
/// Cost: O(255) and the number of spikes per threshold, at most 1024 thresholds.
/// Source: [Migacz2017]; differs in levels on zero, unequal ends, and the five points above.
/// </remarks>
public static class EntropyRange
{
    const int Steps = QuantizationParameters.Steps;
    const long LeastValues = 2048;
    const int Thresholds = 1024;
    const double Mixture = 1e-4;

    /// <summary>Chooses the range.</summary>
    /// <param name="histogram">The distribution; without values the range is empty.</param>
    public static ActivationRange Of(ActivationHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        var widest = ActivationRange.Around(histogram.Minimum, histogram.Maximum);
        if (histogram.Count - histogram.ZeroCount < LeastValues) return widest;
        var above = new Side(histogram.Positive);
        var below = new Side(histogram.Negative);
        int greatest = Math.Max(above.Bins, below.Bins);

        // A window with less than a bin per step is not resolved: it would seem to be free of error.
        int least = Math.Min(greatest, Math.Min(above.Bins, below.Bins) >= (Steps + 1) / 2 ? (Steps + 1) / 2 : Steps + 1 - Math.Min(above.Bins, below.Bins));
        int stride = Math.Max(1, (greatest - least) / Thresholds);
        int best = greatest;
        double bestDivergence = Divergence(above, below, greatest);
        for (int threshold = greatest - stride; threshold >= least; threshold -= stride)
        {
            double divergence = Divergence(above, below, threshold);
            if (divergence < bestDivergence) (best, bestDivergence) = (threshold, divergence);
        }

        double limit = best * histogram.BinWidth;
        return ActivationRange.Around(Math.Max(-limit, widest.Low), Math.Min(limit, widest.High));
    }

    static double Divergence(Side above, Side below, int threshold)
    {
        int high = Math.Min(threshold, above.Bins);
        int low = Math.Min(threshold, below.Bins);
        double step = (high + low) / (double)Steps;
        double all = above.Total + below.Total;
        double inside = above.CountBelow(high) + below.CountBelow(low);
        double even = Mixture / (high + low);
        return (above.CrossTerm(high, step, all, inside, even) + below.CrossTerm(low, step, all, inside, even)) / all;
    }

    /// <summary>The bins of one sign, with sums up to each bin.</summary>
    sealed class Side
    {
        readonly long[] _counts;
        readonly double[] _sums;
        readonly double[] _bodies;
        readonly double[] _selfTerms;
        readonly int[] _occupied;
        readonly HistogramSpikes _spikes;

        public Side(ReadOnlySpan<long> counts)
        {
            Bins = counts.LastIndexOfAnyExcept(0L) + 1;
            _counts = counts[..Bins].ToArray();
            _sums = new double[Bins + 1];
            _selfTerms = new double[Bins + 1];
            _occupied = new int[Bins + 1];
            _bodies = new double[Bins + 1];
            _spikes = HistogramSpikes.Of(_counts);
            for (int i = 0; i < Bins; i++)
            {
                _sums[i + 1] = _sums[i] + _counts[i];
                _selfTerms[i + 1] = _selfTerms[i] + TimesLog(_counts[i]);
                long body = _counts[i] - _spikes.Excess(i);
                _bodies[i + 1] = _bodies[i] + body;
                _occupied[i + 1] = _occupied[i] + (body > 0 ? 1 : 0);
            }
        }

        public int Bins { get; }

        public double Total => _sums[Bins];

        public double CountBelow(int bin) => _sums[bin];

        /// <summary>The sum over the side's bins of p (ln(p / all) − ln q) with p in counts.</summary>
        /// <param name="end">Bins in the window.</param>
        /// <param name="step">Distance of levels, in bins.</param>
        /// <param name="all">All values of both signs.</param>
        /// <param name="inside">The values in the window, both signs.</param>
        /// <param name="even">What the even distribution adds to each bin of Q.</param>
        public double CrossTerm(int end, double step, double all, double inside, double even)
        {
            if (end == 0) return 0;
            double cut = Total - _sums[end];
            double sum = _selfTerms[end] - TimesLog(_counts[end - 1]) + TimesLog(_counts[end - 1] + cut) - Total * Math.Log(all);
            int begin = 0;
            int spike = 0;
            for (int level = 0; begin < end; level++)
            {
                int next = Math.Min(end, (int)Math.Round((level + 0.5) * step, MidpointRounding.AwayFromZero));
                if (next <= begin) continue;
                double count = _sums[next] - _sums[begin];
                int occupied = _occupied[next] - _occupied[begin];
                double atEnd = next == end ? cut : 0;
                if (count + atEnd > 0)
                {
                    double share = occupied > 0 ? (_bodies[next] - _bodies[begin]) / occupied / inside : 0;
                    double q = (1 - Mixture) * share + even;
                    for (; spike < _spikes.Bins.Length && _spikes.Bins[spike] < next; spike++)
                    {
                        int bin = _spikes.Bins[spike];
                        count -= _counts[bin];
                        sum -= _counts[bin] * Math.Log(q + (1 - Mixture) * _spikes.Excess(bin) / inside);
                    }

                    // Cut values sit in the last bin; if that bin was empty, only the even distribution knows of it.
                    double qEnd = atEnd > 0 && _counts[end - 1] == 0 ? even : Math.Min(q, even / Mixture);
                    sum -= count * Math.Log(q) + atEnd * Math.Log(qEnd);
                }

                begin = next;
            }

            return sum;
        }

        static double TimesLog(double value) => value > 0 ? value * Math.Log(value) : 0;
    }
}
