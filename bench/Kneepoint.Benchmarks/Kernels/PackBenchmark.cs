using BenchmarkDotNet.Attributes;
using Kneepoint.Compression.Quantization;

namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Claim: 4-bit codes are packed at memory speed, a small part of a nanosecond each.</summary>
public class PackBenchmark
{
    const int Count = 1 << 20;
    readonly sbyte[] _codes = new sbyte[Count];
    readonly byte[] _packed = new byte[Int4Packing.ByteCount(Count)];

    /// <summary>Makes the codes.</summary>
    [GlobalSetup]
    public void Setup()
    {
        for (int i = 0; i < Count; i++) _codes[i] = (sbyte)(i % 16 - 8);
    }

    /// <summary>Packs 2^20 codes.</summary>
    [Benchmark(OperationsPerInvoke = Count)]
    public void Pack() => Int4Packing.Pack(_codes, _packed);
}
