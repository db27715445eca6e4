using BenchmarkDotNet.Attributes;
using Kneepoint.Pareto;

namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Claim: the filter is linear where the front is small, and O(n log n) in 2 and 3 objectives where every point is on it.</summary>
public class FilterBenchmark
{
    double[] _cube = [];
    double[] _plane = [];

    /// <summary>m.</summary>
    [Params(2, 3, 4)]
    public int Objectives { get; set; }

    /// <summary>Makes the points.</summary>
    [GlobalSetup]
    public void Setup()
    {
        const int Count = 100_000;
        _cube = RandomPoints.Cube(Count, Objectives);
        _plane = RandomPoints.Plane(Count, Objectives);
    }

    /// <summary>Few points are nondominated.</summary>
    [Benchmark]
    public int[] Cube() => NondominatedFilter.Indices(_cube, Objectives);

    /// <summary>All points are nondominated.</summary>
    [Benchmark]
    public int[] Plane() => NondominatedFilter.Indices(_plane, Objectives);
}
