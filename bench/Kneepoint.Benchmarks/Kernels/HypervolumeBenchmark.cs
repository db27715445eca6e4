using BenchmarkDotNet.Attributes;
using Kneepoint.Pareto;

namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Claim: the exact volume of thousands of points takes milliseconds in 2 and 3 objectives, and less than a second for 10,000 in 4.</summary>
public class HypervolumeBenchmark
{
    double[] _points = [];
    double[] _reference = [];

    /// <summary>m.</summary>
    [Params(2, 3, 4)]
    public int Objectives { get; set; }

    /// <summary>n, all nondominated.</summary>
    [Params(1_000, 10_000)]
    public int Points { get; set; }

    /// <summary>Makes the points.</summary>
    [GlobalSetup]
    public void Setup()
    {
        _points = RandomPoints.Plane(Points, Objectives);
        _reference = [.. Enumerable.Repeat(1.1, Objectives)];
    }

    /// <summary>Measures the volume.</summary>
    [Benchmark]
    public double Volume() => Hypervolume.Of(_points, _reference);
}
