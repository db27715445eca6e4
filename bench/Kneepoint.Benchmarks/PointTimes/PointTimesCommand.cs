using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Kneepoint.Pareto;

namespace Kneepoint.Benchmarks.PointTimes;

/// <summary>Times filter and volume on points of a file, so that another program can be timed on the same points.</summary>
static class PointTimesCommand
{
    /// <summary>What the command line calls it.</summary>
    public const string Name = "point-times";

    /// <summary>Runs: POINTS.bin (doubles, little-endian, row-major) OBJECTIVES REPEATS hv|filter [REFERENCE].</summary>
    public static int Run(string[] args)
    {
        if (args.Length < 4)
        {
            Console.Error.WriteLine("point-times POINTS.bin OBJECTIVES REPEATS hv|filter [REFERENCE of every objective]");
            return 2;
        }

        double[] points = MemoryMarshal.Cast<byte, double>(File.ReadAllBytes(args[0])).ToArray();
        int objectives = int.Parse(args[1], CultureInfo.InvariantCulture), repeats = int.Parse(args[2], CultureInfo.InvariantCulture);
        double[] reference = [.. Enumerable.Repeat(args.Length > 4 ? double.Parse(args[4], CultureInfo.InvariantCulture) : 1.1, objectives)];
        var times = new List<double>();
        double result = 0;
        for (int i = 0; i < repeats; i++)
        {
            long started = Stopwatch.GetTimestamp();
            result = args[3] == "hv" ? Hypervolume.Of(points, reference) : NondominatedFilter.Mask(points, objectives).AsSpan().Count(true);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{result:R} {string.Join(' ', times.Select(time => time.ToString("0.###", CultureInfo.InvariantCulture)))}"));
        return 0;
    }
}
