using BenchmarkDotNet.Attributes;
using Kneepoint.Calibration;

namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Claim: a streaming histogram of activations takes about a nanosecond for each value, so calibration costs inference and little else.</summary>
public class HistogramBenchmark
{
    float[] _values = [];

    /// <summary>Makes a layer's activations.</summary>
    [GlobalSetup]
    public void Setup() => _values = RandomValues.Normal(1 << 20);

    /// <summary>Adds 2^20 values.</summary>
    [Benchmark(OperationsPerInvoke = 1 << 20)]
    public long Add()
    {
        var histogram = new ActivationHistogram();
        histogram.Add(_values);
        return histogram.Count;
    }
}
