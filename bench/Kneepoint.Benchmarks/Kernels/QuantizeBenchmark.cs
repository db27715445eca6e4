using BenchmarkDotNet.Attributes;
using Kneepoint.Compression.Quantization;

namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Claim: weights are quantized at memory speed, well below a nanosecond each.</summary>
public class QuantizeBenchmark
{
    const int Count = 1 << 20;
    readonly sbyte[] _codes = new sbyte[Count];
    float[] _values = [];

    /// <summary>Makes the weights.</summary>
    [GlobalSetup]
    public void Setup() => _values = RandomValues.Normal(Count);

    /// <summary>Rounds 2^20 weights to 8 bits.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Quantize() => UniformCodes.Quantize(_values, 0.03f, -128, 127, _codes);
}
