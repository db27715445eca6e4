using System.Diagnostics;
using System.Globalization;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Benchmarks.Limits;

/// <summary>Claim: the statements on rate and distortion agree with one another on Gaussian and Laplace sources. At the distortion of the scalar quantizer of each rate, prints what the Shannon lower bound and Blahut and Arimoto say, bits for each number.</summary>
static class SourcesCommand
{
    public const string Name = "limits-sources";

    public static int Run()
    {
        Console.WriteLine($"{"source",-9}{"step",8}{"D/var",11}{"scalar",9}{"Shannon",9}{"lower",9}{"upper",9}{"to Shannon",12}{"to R(D)",9}{"seconds",9}");
        foreach (double rateBits in (ReadOnlySpan<double>)[0.3, 0.31, 0.5, 0.96, 1, 1.5, 2, 3, 4, 5, 6])
        {
            var point = GaussianQuantizer.AtRate(1, rateBits);
            Row("Gauss", point, 1, DifferentialEntropy.GaussianBits(1), () => DensityBins.Gaussian(1, point.Distortion));
        }

        foreach (double rateBits in (ReadOnlySpan<double>)[0.3, 0.5, 1, 1.5, 2, 3, 4, 5, 6])
        {
            var point = LaplaceQuantizer.AtRate(1, rateBits);
            Row("Laplace", point, 2, DifferentialEntropy.LaplaceBits(1), () => DensityBins.Laplace(1, point.Distortion));
        }

        return 0;
    }

    static void Row(string source, QuantizerPoint point, double variance, double entropyBits, Func<SourceHistogram> histogram)
    {
        double shannon = ShannonLowerBound.RateBits(entropyBits, point.Distortion);
        long start = Stopwatch.GetTimestamp();
        var bounds = BlahutArimoto.RateAt(histogram(), point.Distortion);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{source,-9}{point.Step,8:F4}{point.Distortion / variance,11:E3}{point.RateBits,9:F4}{shannon,9:F4}{bounds.LowerBits,9:F4}{bounds.UpperBits,9:F4}{point.RateBits - shannon,12:F4}{point.RateBits - bounds.RateBits,9:F4}{seconds,9:F2}"));
    }
}
