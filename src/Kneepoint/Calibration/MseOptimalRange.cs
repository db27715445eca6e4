namespace Kneepoint.Calibration;

/// <summary>The range with the least expected squared error of 8-bit quantization: rounding inside, cutting outside.</summary>
/// <remarks>
/// Computes argmin over scale s and zero point z of E (x - Q(x; s, z))^2 as <see cref="ActivationHistogram.ExpectedSquaredError"/>; the range is
/// [-z s, (255 - z) s]. For each scale the best of all 256 zero points is found exactly, because the two signs do not meet: the error is a sum
/// of one part that depends on the levels above zero and one on those below. Scales are tried on a logarithmic grid from that of
/// minimum-to-maximum down to 1/1024 of it, on a grid 64 times as fine within an octave of the best, and on one 16 times finer yet around the sixteen best of those. The
/// error is far from convex in the scale: where many values are alike (a constant channel, the 6 of a ReLU6), it is least where they fall on a level, and that changes 200
/// times within an octave. The result is the least to within the last grid's spacing around those sixteen: tests hold it to one part in a thousand of the least error of a
/// search over all scales.
/// Cost: O(255) per scale, about 2,000 scales.
/// Source: the criterion of [Banner2019] and [Nagel2021] section 3.1, solved on the histogram rather than on an assumed density.
/// </remarks>
public static class MseOptimalRange
{
    const int Steps = QuantizationParameters.Steps;
    const int GridPerOctave = 16;
    const int Octaves = 10;
    const int ScanPerOctave = 1024;
    const int FinePoints = 16;
    const int RefinedStarts = 16;

    /// <summary>Chooses the range.</summary>
    /// <param name="histogram">The distribution; without values the range is empty.</param>
    public static ActivationRange Of(ActivationHistogram histogram)
    {
        ArgumentNullException.ThrowIfNull(histogram);
        var widest = ActivationRange.Around(histogram.Minimum, histogram.Maximum);
        if (!float.IsNormal((float)(((double)widest.High - widest.Low) / Steps))) return widest;
        var above = HistogramSide.Positive(histogram);
        var below = HistogramSide.Negative(histogram);
        double widestStep = ((double)widest.High - widest.Low) / Steps / histogram.BinWidth;
        Candidate At(double octaves) => Best(above, below, widestStep * Math.Pow(2, -octaves));
        var coarse = Enumerable.Range(0, GridPerOctave * Octaves + 1).Select(i => (Octaves: i / (double)GridPerOctave, Found: At(i / (double)GridPerOctave))).ToArray();
        double middle = coarse.MinBy(candidate => candidate.Found.Error).Octaves;
        double first = Math.Max(0, middle - 1);
        int count = (int)((middle + 1 - first) * ScanPerOctave) + 1;
        var best = coarse[0].Found;
        foreach (var start in Enumerable.Range(0, count).Select(i => At(first + i / (double)ScanPerOctave)).OrderBy(candidate => candidate.Error).Take(RefinedStarts))
        {
            best = Better(best, Refine(start, above, below, 1d / ScanPerOctave, widestStep));
        }

        double scale = best.Step * histogram.BinWidth;
        return ActivationRange.Around(-best.ZeroPoint * scale, (Steps - best.ZeroPoint) * scale);
    }

    static Candidate Refine(Candidate center, HistogramSide above, HistogramSide below, double spacing, double widestStep)
    {
        var best = center;
        for (int i = -FinePoints + 1; i < FinePoints; i++)
        {
            double step = center.Step * Math.Pow(2, i * spacing / FinePoints);
            if (i != 0 && step <= widestStep) best = Better(best, Best(above, below, step));
        }

        return best;
    }

    static Candidate Best(HistogramSide above, HistogramSide below, double step)
    {
        Span<double> errorsAbove = stackalloc double[Steps + 1];
        Span<double> errorsBelow = stackalloc double[Steps + 1];
        above.SquaredErrors(step, errorsAbove);
        below.SquaredErrors(step, errorsBelow);

        // A side without values gets no levels, so that zero is exactly the end of the range.
        int first = above.Count == 0 ? Steps : 0;
        int last = below.Count == 0 ? 0 : Steps;
        var best = new Candidate(step, first, double.PositiveInfinity);
        for (int zeroPoint = first; zeroPoint <= last; zeroPoint++)
        {
            double error = errorsAbove[Steps - zeroPoint] + errorsBelow[zeroPoint];
            if (error < best.Error) best = new Candidate(step, zeroPoint, error);
        }

        return best;
    }

    static Candidate Better(Candidate present, Candidate other) => other.Error < present.Error ? other : present;

    readonly record struct Candidate(double Step, int ZeroPoint, double Error);
}
