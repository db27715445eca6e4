using System.Diagnostics;
using System.Globalization;
using Kneepoint.Compression;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Benchmarks.WeightSharing;

/// <summary>Claim: on every tensor the codebook of <see cref="OptimalKMeans"/> has at most the distortion of the best of twenty starts of Lloyd's algorithm.</summary>
static class KMeansCommand
{
    public const string Name = "kmeans";
    const int Starts = 20;
    const int MostTurns = 1000;
    const int MostValues = 1 << 18;

    // Codebooks are stored as binary32, so that both sums differ by the rounding of their entries.
    const double Rounding = 1e-6;

    /// <summary>Arguments: MODEL…, ONNX files.</summary>
    public static int Run(string[] args)
    {
        if (args.Length == 0)
        {
            Console.Error.WriteLine($"{Name}: expected MODEL…");
            return 2;
        }

        Console.WriteLine($"{"network",-32}{"entries",8}{"tensors",8}{"no worse",9}{"better",7}{"Lloyd / optimal: median",24}{"largest",9}{"s optimal",10}{"s Lloyd",8}");
        foreach (string file in args)
        {
            foreach (int entries in new[] { 4, 8, 16, 64 }) Compare(file, entries);
        }

        return 0;
    }

    static void Compare(string file, int entries)
    {
        var model = OnnxModel.Load(file);
        var ratios = new List<double>();
        int noWorse = 0;
        var optimal = new Stopwatch();
        var lloyd = new Stopwatch();
        foreach (var layer in Compressor.LayersOf(model))
        {
            foreach (float[] part in TensorData.ReadFloat32(layer.Weight, model).Chunk(MostValues))
            {
                double[] alike = new double[part.Length];
                Array.Fill(alike, 1);
                optimal.Start();
                float[] best = OptimalKMeans.Of(part, alike, entries);
                optimal.Stop();
                double least = OptimalKMeans.Distortion(part, alike, best);
                lloyd.Start();
                double other = Lloyd(part, alike, entries);
                lloyd.Stop();
                if (least <= other * (1 + Rounding) + double.Epsilon) noWorse++;
                ratios.Add(least > 0 ? other / least : 1);
            }
        }

        ratios.Sort();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{Path.GetFileName(file),-32}{entries,8}{ratios.Count,8}{noWorse,9}{ratios.Count(ratio => ratio > 1 + Rounding),7}{ratios[ratios.Count / 2],24:F4}{ratios[^1],9:F3}{optimal.Elapsed.TotalSeconds,10:F2}{lloyd.Elapsed.TotalSeconds,8:F2}"));
    }

    // The best of twenty starts at values drawn from the tensor; on sorted values clusters are runs, so that a turn takes k searches.
    static double Lloyd(float[] values, double[] importance, int entries)
    {
        float[] sorted = [.. values.Order()];
        double[] sums = new double[sorted.Length + 1];
        for (int i = 0; i < sorted.Length; i++) sums[i + 1] = sums[i] + sorted[i];
        double least = double.PositiveInfinity;
        for (int seed = 0; seed < Starts; seed++)
        {
            var random = new Random(seed);
            double[] centers = [.. Enumerable.Range(0, entries).Select(_ => (double)sorted[random.Next(sorted.Length)]).Distinct().Order()];
            int[] bounds = [];
            for (int turn = 0; turn < MostTurns; turn++)
            {
                int[] next = [0, .. Enumerable.Range(1, centers.Length - 1).Select(c => LowerBound(sorted, (centers[c - 1] + centers[c]) / 2)), sorted.Length];
                if (next.AsSpan().SequenceEqual(bounds)) break;
                bounds = next;
                for (int c = 0; c < centers.Length; c++)
                {
                    if (next[c + 1] > next[c]) centers[c] = (sums[next[c + 1]] - sums[next[c]]) / (next[c + 1] - next[c]);
                }
            }

            least = Math.Min(least, OptimalKMeans.Distortion(values, importance, [.. centers.Select(center => (float)center)]));
        }

        return least;
    }

    static int LowerBound(float[] sorted, double value)
    {
        int low = 0, high = sorted.Length;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (sorted[middle] < value) low = middle + 1;
            else high = middle;
        }

        return low;
    }
}
