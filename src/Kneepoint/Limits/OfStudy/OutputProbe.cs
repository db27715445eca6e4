using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tensors;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Measures how far a network's scored output is from the baseline's on a few calibration samples.</summary>
/// <remarks>Finer than accuracy, and than the cost of labels, which a little noise may even lower where a network is too sure of itself: the divergence is 0 for the same outputs and grows with every change.</remarks>
sealed class OutputProbe
{
    const int MostSamples = 1024;
    const int LeastSamples = 48;

    // Of one network: sixty of them, variants and draws of noise, take two minutes of a core.
    const double MostMacs = 2e10;

    readonly DivergenceKind _kind;
    readonly List<Tensor> _expected;
    readonly int _threads;

    /// <summary>Runs the baseline.</summary>
    /// <param name="subject">Network, data, metric, runtime.</param>
    /// <param name="baseline">The network as it is compared with.</param>
    /// <param name="settings">Threads.</param>
    /// <param name="macs">Multiply-accumulates of a sample, by which samples are bounded.</param>
    /// <param name="cancellation">Ends it.</param>
    public OutputProbe(Subject subject, OnnxModel baseline, ExplorationSettings settings, long macs, CancellationToken cancellation)
    {
        using var session = subject.Runtime.Open(baseline, new SessionSettings());
        Output = MetricChoice.Scored(session.Outputs, subject.Data.Output).Name;
        HasClasses = subject.Likelihood is not null;
        _kind = subject.Metric.Name is "mse" or "psnr" || subject.Metric.Unit == "dB" ? DivergenceKind.Values : DivergenceKind.Classes;
        _threads = Math.Max(1, settings.EvaluationThreads);
        int count = Math.Clamp((int)Math.Min(int.MaxValue, MostMacs / Math.Max(1, macs)), LeastSamples, MostSamples);
        int batch = subject.BatchSize(1);
        Samples = [.. subject.Data.Read(DataPart.Calibrate, batch, subject.WholeBatches(count), cancellation).Where(sample => sample.Count == batch)];
        _expected = [.. Samples.Select(sample => session.Run(sample.Inputs)[Output])];
    }

    /// <summary>The output that is compared.</summary>
    public string Output { get; }

    /// <summary>Whether labels are of classes.</summary>
    public bool HasClasses { get; }

    /// <summary>The samples, one by one where the network takes them so.</summary>
    public IReadOnlyList<SampleBatch> Samples { get; }

    /// <summary>Measures a network.</summary>
    /// <returns>Null where the runtime refuses it.</returns>
    public OutputDistance? Of(INetworkRuntime runtime, OnnxModel network, CancellationToken cancellation)
    {
        try
        {
            using var session = runtime.Open(network, new SessionSettings());
            var found = new Tensor[Samples.Count];
            Parallel.For(0, found.Length, new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellation }, i => found[i] = session.Run(Samples[i].Inputs)[Output]);
            return Compare(found);
        }
        catch (Exception exception) when (exception is OnnxModelException or AggregateException { InnerException: OnnxModelException } or KeyNotFoundException)
        {
            return null;
        }
    }

    OutputDistance Compare(Tensor[] found)
    {
        var divergence = new OutputDivergence(_kind);
        double signal = 0, noise = 0;
        for (int s = 0; s < found.Length; s++)
        {
            divergence.Add(new Dictionary<string, Tensor> { [Output] = _expected[s] }, new Dictionary<string, Tensor> { [Output] = found[s] }, Samples[s].Count);
            if (_expected[s].ElementType != ElementType.Float32 || found[s].ElementType != ElementType.Float32) continue;
            var left = _expected[s].Values<float>();
            var right = found[s].Values<float>();
            for (int i = 0; i < left.Length; i++)
            {
                signal += (double)left[i] * left[i];
                noise += ((double)right[i] - left[i]) * ((double)right[i] - left[i]);
            }
        }

        var result = divergence.Result();
        return new OutputDistance(result.Loss, NormalDistribution.TwoSided95 * result.StandardError, DecibelsOf(signal, noise));
    }

    /// <summary>10·log₁₀ of signal over noise; null where one of them is nothing.</summary>
    public static double? DecibelsOf(double signal, double noise) => signal > 0 && noise > 0 && double.IsFinite(noise) ? 10 * Math.Log10(signal / noise) : null;
}

/// <summary>How far outputs are from the baseline's.</summary>
/// <param name="Divergence">Nats for each label of classes; else power of the difference over that of the output.</param>
/// <param name="HalfWidth">Half the width of its 95 % interval, by the samples.</param>
/// <param name="Decibels">Signal to noise; null where there is none of either.</param>
sealed record OutputDistance(double Divergence, double HalfWidth, double? Decibels);
