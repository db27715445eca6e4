using Kneepoint.Data.Description;
using Kneepoint.Data.Formats;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>An input without data: a constant, or random numbers that depend on seed, part, input and sample only.</summary>
/// <remarks>
/// Standard normal is the sum of twelve uniform numbers less 6 (mean 0, variance 1, within ±6): exact arithmetic, so equal on every machine.
/// Source of the generator: SplitMix64, Steele, Lea and Flood 2014.
/// </remarks>
sealed class GeneratedInput : InputPlan
{
    const double Step = 1.0 / (1L << 53);

    /// <summary>The value everywhere; null for random numbers.</summary>
    public double? Constant { get; init; }

    /// <summary>The distribution; null for a constant.</summary>
    public RandomDescription? Random { get; init; }

    /// <summary>From seed and input.</summary>
    public ulong Seed { get; init; }

    /// <summary>Applied to the random numbers.</summary>
    public required Scaling Scaling { get; init; }

    /// <inheritdoc/>
    public override int StagedBytes => 0;

    /// <inheritdoc/>
    public override string? Stage(SampleBlock block, int sample, Span<byte> staged) => null;

    /// <inheritdoc/>
    public override void Finish(ReadOnlySpan<byte> staged, DataPart part, ReadOnlySpan<long> indices, Span<byte> finished)
    {
        int sampleBytes = FinishedBytes;
        int elements = sampleBytes / (Tensor.Bits(ElementType) / 8);
        byte[] values = new byte[elements * sizeof(double)];
        var numbers = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, double>(values.AsSpan());
        for (int i = 0; i < (BatchAxis < 0 ? 1 : indices.Length); i++)
        {
            if (Constant is { } constant) numbers.Fill(constant);
            else Draw(new SplitMix64(Seed, (ulong)part + 1, (ulong)(BatchAxis < 0 ? 0 : indices[i])), numbers);
            Scaling.Apply(values, finished.Slice(i * sampleBytes, sampleBytes));
        }
    }

    void Draw(SplitMix64 random, Span<double> numbers)
    {
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = Random!.Distribution switch
            {
                "uniform" => Uniform(ref random),
                "integers" => Random.Low + random.Below(Random.High - Random.Low),
                _ => Normal(ref random),
            };
        }
    }

    static double Uniform(ref SplitMix64 random) => (random.Next() >> 11) * Step;

    static double Normal(ref SplitMix64 random)
    {
        double sum = -6;
        for (int i = 0; i < 12; i++) sum += Uniform(ref random);
        return sum;
    }
}
