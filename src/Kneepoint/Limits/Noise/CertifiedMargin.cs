using Kneepoint.Tensors;

namespace Kneepoint.Limits.Noise;

/// <summary>Samples whose class no network of a box can change.</summary>
/// <remarks>
/// A sample is certified where the score of a class is above every other one for all weights in [w − Δ/2, w + Δ/2]. The share of samples that are certified with the
/// right class is a lower bound, on these samples, of the accuracy of every network whose weights lie in the box: however they were rounded.
/// Weakness: intervals forget that the same weight and the same input act in many places. Measured with one step for each layer: three dense layers on a table, 0.87 right, certified 0.05 at
/// 5 bits, 0.82 at 8 and 0.86 at 10; a small convolutional network, 0.91 right, nothing at 14 bits and 0.20 at 16. Networks of twenty layers are beyond it.
/// See <see cref="IntervalNetwork"/> for the formula and its source.
/// </remarks>
public static class CertifiedMargin
{
    /// <summary>Its place in the theory.</summary>
    public static Statement Statement { get; } = new('N', "Certified margin", LimitStatus.True,
        "Weights of layers within half a step, all else exact, real arithmetic: a runtime's own rounding is left out. Holds for these samples.");

    /// <summary>Judges one sample.</summary>
    public static CertifiedSample Of(IntervalOutput output)
    {
        ArgumentNullException.ThrowIfNull(output);
        int candidate = output.Candidate;
        return new CertifiedSample(candidate, output.LeastLead(candidate));
    }

    /// <summary>Judges the first samples of a batch.</summary>
    /// <param name="network">The network.</param>
    /// <param name="box">How far weights may be off.</param>
    /// <param name="inputs">By the name of the graph's inputs: Float32 [n, …].</param>
    /// <param name="count">Samples, at most n.</param>
    /// <param name="threads">Samples at once, at least 1; each takes memory of its own. No result depends on it.</param>
    /// <param name="cancellation">Looked at before each sample.</param>
    public static CertifiedSample[] Of(IntervalNetwork network, WeightBox box, IReadOnlyDictionary<string, Tensor> inputs, int count, int threads = 1,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var samples = new CertifiedSample[count];

        // The first by itself: what the caller got wrong comes out as it is thrown.
        if (count > 0) samples[0] = Of(network.Run(inputs, 0, box));
        Parallel.For(1, Math.Max(count, 1), new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellation },
            i => samples[i] = Of(network.Run(inputs, i, box)));
        return samples;
    }

    /// <summary>The share of samples that are certified with the right class, 0 to 1.</summary>
    /// <param name="samples">[n], at least one.</param>
    /// <param name="labels">[n], the right classes.</param>
    public static double AccuracyFloor(ReadOnlySpan<CertifiedSample> samples, ReadOnlySpan<long> labels)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(samples.Length, 1, nameof(samples));
        ArgumentOutOfRangeException.ThrowIfNotEqual(labels.Length, samples.Length, nameof(labels));
        long correct = 0;
        for (int i = 0; i < samples.Length; i++)
        {
            if (samples[i].IsCertified && samples[i].Class == labels[i]) correct++;
        }

        return (double)correct / samples.Length;
    }
}
