using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Limits.Distortion;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Statistics;
using Kneepoint.Onnx;
using Kneepoint.Studies;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Measures the network with the noise that ideal codes of falling rates would leave on its weights: the noise-limited frontier.</summary>
/// <remarks>
/// At each rate the water level of statement F is found over all weights together, the weights are given back as the ideal code would (shrunk, with noise of the known covariance), and the network is run on the
/// evaluation samples; several draws for each rate. First a coarse ladder, then rates between those where the figures move. Biases and other vectors stay as they are: they are a small part of the bits.
/// </remarks>
/// <param name="subject">Network, data, metric, runtime.</param>
/// <param name="reference">The network with its normalizations folded, and what the calibration samples show of it.</param>
/// <param name="settings">Batch, threads and seed.</param>
/// <param name="probe">Measures divergences.</param>
/// <param name="macs">Multiply-accumulates of a sample, by which the samples are bounded.</param>
/// <param name="onProgress">Called often.</param>
sealed class NoiseLadder(Subject subject, NetworkRewrite reference, ExplorationSettings settings, OutputProbe probe, long macs, Action<ExplorationProgress> onProgress)
{
    /// <summary>Networks that are measured in all.</summary>
    const int Rates = 11;
    const int Draws = 2;

    // What all of them may compute together: some three minutes of two cores.
    const double MostMacs = 3e12;
    const int LeastSamples = 200;

    // Divergence, in nats or as a share of the output's power, from which on nobody asks how far.
    const double Broken = 0.3;

    static readonly double[] Coarse = [0.25, 0.5, 1, 1.5, 2, 3, 5];

    /// <summary>Samples of each measurement.</summary>
    public long Samples { get; } = Math.Min(subject.Data.Count(DataPart.Evaluate), subject.WholeBatches(Math.Max(LeastSamples, (long)(MostMacs / (Rates * Draws + 1) / Math.Max(1, macs)))));

    /// <summary>Measures.</summary>
    /// <param name="sources">The layers; those that share a weight are there once.</param>
    /// <param name="cancellation">Ends it.</param>
    public NoiseFrontier Run(IReadOnlyList<LayerSource> sources, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(sources);
        var components = new List<ComponentGroup>();
        foreach (var source in sources) source.AddComponents(components);
        var water = new ReverseWaterFilling(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(components));
        long weights = sources.Sum(source => (long)source.Count);
        using var baselineSession = subject.Runtime.Open(subject.BaselineFile, new SessionSettings());
        int done = 0;
        var clean = Evaluate(baselineSession, baselineSession, done, cancellation);
        var points = new SortedDictionary<double, NoiseDraws>();
        void Measure(double bitsPerWeight)
        {
            double level = water.AtRate(bitsPerWeight * weights).WaterLevel;
            var draws = new SampleScores[Draws];
            var distances = new OutputDistance[Draws];
            for (int draw = 0; draw < Draws; draw++)
            {
                var noisy = Noisy(sources, level, new Xoshiro256(Seed(bitsPerWeight, draw)));
                using var session = subject.Runtime.Open(noisy, new SessionSettings());
                draws[draw] = Evaluate(session, baselineSession, ++done, cancellation);
                distances[draw] = probe.Of(subject.Runtime, noisy, cancellation) ?? throw new OnnxModelException("The runtime refuses the network with other weights than it took before.");
            }

            points[bitsPerWeight] = NoiseDraws.Of(bitsPerWeight, subject.Metric, draws, clean, distances, settings.Seed);
        }

        foreach (double rate in Coarse) Measure(rate);
        while (points.Count < Rates && WidestStep([.. points.Values]) is var rate && !points.ContainsKey(rate) && rate > 0) Measure(rate);

        double deviation = Math.Sqrt(points.Values.Average(point => point.RelativeVariance));
        double quantile = StudentDistribution.TwoSided(0.95, points.Count * (Draws - 1));
        return new NoiseFrontier(Samples, Draws, weights, [.. points.Values.Select(point => NoisePoint.Of(point, deviation, quantile))]);
    }

    // Half way between the two neighbors whose figures differ most, as far as their rates are not close already.
    static double WidestStep(IReadOnlyList<NoiseDraws> points)
    {
        double best = -1, middle = 0;
        for (int i = 0; i + 1 < points.Count; i++)
        {
            double low = points[i].BitsPerWeight, high = points[i + 1].BitsPerWeight;

            // Small losses are what people look for: steps count by their roots, and how far a broken network is from the others does not count.
            double Root(NoiseDraws point) => Math.Sqrt(Math.Min(point.MeanDivergence, Broken));
            double step = Math.Abs(Root(points[i]) - Root(points[i + 1])) * Math.Sqrt(high - low);
            if (step > best) (best, middle) = (step, Math.Round((low + high) / 2, 3));
        }

        return middle;
    }

    OnnxModel Noisy(IReadOnlyList<LayerSource> sources, double level, Xoshiro256 random)
    {
        var model = reference.Model.Clone();
        var initializers = model.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var source in sources)
        {
            float[] weights = source.Noisy(level, random);
            if (initializers.TryGetValue(source.Layer.WeightName, out var tensor)) TensorData.Overwrite(tensor, weights);
        }

        return model;
    }

    SampleScores Evaluate(INetworkSession session, INetworkSession baseline, int number, CancellationToken cancellation)
    {
        var evaluation = new AccuracyEvaluation
        {
            Metric = subject.Metric,
            Likelihood = subject.Likelihood,
            BatchSize = settings.EvaluationBatch,
            Parallelism = settings.EvaluationThreads,
            Limit = Samples,
        }.AsDeployed(subject.Baseline, settings.Batch);
        const int All = Rates * Draws + 1;
        return evaluation.Run(session, subject.Data, subject.Metric.NeedsBaseline ? baseline : null,
            samples => onProgress(new ExplorationProgress("noise", number * Samples + samples, All * Samples)), cancellation);
    }

    long Seed(double bitsPerWeight, int draw) => HashCodes.Of(settings.Seed, BitConverter.DoubleToInt64Bits(bitsPerWeight), draw);
}
