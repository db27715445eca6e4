using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Gradients;
using Kneepoint.Limits.Noise;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Studies;
using Kneepoint.Tensors;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Rounds all weights of a classifier to few bits, bounds what that can change (statements M and N), and measures it.</summary>
/// <param name="subject">Network, data, metric, runtime.</param>
/// <param name="reference">The network with its normalizations folded.</param>
/// <param name="settings">Threads and seed.</param>
/// <param name="macs">Multiply-accumulates of a sample.</param>
/// <param name="onProgress">Called often.</param>
sealed class PrecisionProbe(Subject subject, NetworkRewrite reference, ExplorationSettings settings, long macs, Action<ExplorationProgress> onProgress)
{
    const int LeastSamples = 16;
    const int MostMismatchSamples = 256;
    const int MostSamples = 500;

    // Some twenty seconds of one core each.
    const double MostGradientMacs = 6e10;
    const double MostProducts = 5e8;
    const double MostIntervalMacs = 2e10;
    const double MostMeasuredMacs = 1e11;

    /// <summary>Bits of a weight.</summary>
    static readonly int[] Precisions = [4, 5, 6, 8, 10, 12];

    /// <summary>Computes the table.</summary>
    /// <returns>Null where the outputs are no scores of classes.</returns>
    public PrecisionTable? Run(CancellationToken cancellation)
    {
        using var session = subject.Runtime.Open(reference.Model, new SessionSettings());
        var scored = MetricChoice.Scored(session.Outputs, subject.Data.Output);
        if (subject.Likelihood is null || scored.Dimensions is not [_, >= 2 and <= int.MaxValue and var classes] || subject.FixedBatchSize is > 1) return null;
        var layers = reference.Layers.Where(layer => layer.ElementType == ElementType.Float32).DistinctBy(layer => layer.WeightName, StringComparer.Ordinal).ToList();
        double[] peaks = [.. layers.Select(layer => (double)reference.WeightOf(layer).Max(Math.Abs))];
        int wanted = (int)Math.Clamp(MostMeasuredMacs / (Precisions.Length + 1) / Math.Max(1, macs), LeastSamples, MostSamples);
        SampleBatch[] samples = [.. subject.Data.Read(DataPart.Evaluate, 1, wanted, cancellation)];
        long[] decided = Decisions(session, scored.Name, samples, cancellation);
        var (theorem, tails, mismatchSamples, noMismatch) = Mismatches(session, scored.Name, (int)classes, layers, peaks, samples, cancellation);
        var (certified, certifiedSamples, noCertificate) = Certificates(samples, decided, cancellation);

        // A bound is the mean over its samples: what is measured beside it is of the same ones.
        int measured = mismatchSamples > 0 ? mismatchSamples : samples.Length;
        var rows = ImmutableArray.CreateBuilder<PrecisionRow>();
        for (int i = 0; i < Precisions.Length; i++)
        {
            onProgress(new ExplorationProgress("precision", i, Precisions.Length));
            using var rounded = subject.Runtime.Open(Rounded(layers, Precisions[i]), new SessionSettings());
            long[] found = Decisions(rounded, scored.Name, samples, cancellation);
            double mismatch = found.Take(measured).Zip(decided).Count(pair => pair.First != pair.Second) / (double)measured;
            var labels = Labels(samples[..Math.Max(1, certifiedSamples)]);
            double? accuracy = labels is null || certifiedSamples == 0 ? null : found.Zip(labels).Count(pair => pair.First == pair.Second) / (double)labels.Length;
            rows.Add(new PrecisionRow(Precisions[i], theorem?[i], tails?[i], mismatch, accuracy, certified?[i]));
        }

        return new PrecisionTable(rows.ToImmutable(), mismatchSamples, measured, certifiedSamples, noMismatch, noCertificate);
    }

    static double StepOf(double peak, int bits) => peak / ((1 << (bits - 1)) - 1);

    (double[]? Theorem, double[]? Tails, int Samples, string? Reason) Mismatches(
        INetworkSession session, string output, int classes, List<WeightedLayer> layers, double[] peaks, SampleBatch[] samples, CancellationToken cancellation)
    {
        if (OutputKind.IsProbability(subject.Baseline, output)) return (null, null, 0, "The network gives probabilities, not the scores before them.");
        long weights = layers.Sum(layer => layer.WeightCount);
        double affordable = Math.Min(MostGradientMacs / 3 / Math.Max(1, macs) / (classes - 1), MostProducts / Precisions.Length / weights / (classes - 1));
        int count = (int)Math.Min(Math.Min(affordable, MostMismatchSamples), samples.Length);
        if (count < LeastSamples) return (null, null, 0, $"With {classes} classes and {Reports(weights)} weights a gradient for each class of each sample takes too long.");
        var request = new GradientRequest { Outputs = [output], Weights = [.. layers.Select(layer => layer.WeightName)], KeepOutputs = false };
        var missing = GradientGraph.Missing(reference.Model, request);
        if (!missing.IsEmpty) return (null, null, 0, new GradientNotAvailableException(missing).Message);
        var graph = GradientGraph.Of(reference.Model, request);
        using var backward = subject.Runtime.Open(graph.Model, new SessionSettings());
        var gains = new MismatchProbability(layers.Count);
        var tails = Precisions.Select(bits => new ChernoffMismatch([.. peaks.Select(peak => StepOf(peak, bits))])).ToArray();
        for (int s = 0; s < count; s++)
        {
            onProgress(new ExplorationProgress("margins", s, count));
            float[] scores = [.. session.Run(samples[s].Inputs)[output].Values<float>()];
            int top = Array.IndexOf(scores, scores.Max());
            var margins = new double[classes - 1];
            var squares = new double[(classes - 1) * layers.Count];
            for (int other = 0, place = 0; other < classes; other++)
            {
                if (other == top) continue;
                cancellation.ThrowIfCancellationRequested();
                float[] cotangent = new float[classes];
                (cotangent[other], cotangent[top]) = (1, -1);
                var feeds = new Dictionary<string, Tensor>(samples[s].Inputs, StringComparer.Ordinal) { [graph.Cotangents[output]] = Tensor.Of([1, classes], cotangent) };
                var found = backward.Run(feeds);
                float[][] gradients = [.. layers.Select(layer => found[graph.Gradients[layer.WeightName]].Values<float>().ToArray())];
                margins[place] = (double)scores[top] - scores[other];
                for (int l = 0; l < layers.Count; l++) squares[place * layers.Count + l] = MismatchProbability.SquaredNorm(gradients[l]);
                ReadOnlyMemory<float>[] parts = [.. gradients.Select(gradient => (ReadOnlyMemory<float>)gradient)];
                double margin = margins[place++];
                Parallel.ForEach(tails, tail => tail.AddClass(margin, parts));
            }

            gains.AddSample(margins, squares);
            foreach (var tail in tails) tail.EndSample();
        }

        // A smaller step has a smaller bound, so what holds for fewer bits holds for more.
        double[] bounds = [.. tails.Select(tail => tail.Bound)];
        for (int i = 1; i < bounds.Length; i++) bounds[i] = Math.Min(bounds[i], bounds[i - 1]);
        return ([.. Precisions.Select(bits => gains.Theorem([.. peaks.Select(peak => StepOf(peak, bits))]))], bounds, count, null);
    }

    (double[]? Shares, int Samples, string? Reason) Certificates(SampleBatch[] samples, long[] decided, CancellationToken cancellation)
    {
        int count = (int)Math.Min(MostIntervalMacs / 4 / Precisions.Length / Math.Max(1, macs), samples.Length);
        if (count < LeastSamples) return (null, 0, "Interval arithmetic forgets too much in networks of this size to certify anything.");
        var first = samples[0].Inputs.ToImmutableDictionary(input => input.Key, input => input.Value.Dimensions.ToImmutableArray(), StringComparer.Ordinal);
        if (!IntervalNetwork.TryCompile(reference.Model, new InputShapes { Inputs = first }, out var network, out var reason)) return (null, 0, reason.ToString());
        long[] labels = Labels(samples[..count]) ?? decided[..count];
        double[] shares = new double[Precisions.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            onProgress(new ExplorationProgress("certificates", i, shares.Length));
            var box = WeightBox.SymmetricAbsMax(reference.Model, Precisions[i]);
            var results = new CertifiedSample[count];
            Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, settings.EvaluationThreads), CancellationToken = cancellation },
                s => results[s] = CertifiedMargin.Of(network.Run(samples[s].Inputs, 0, box)));
            shares[i] = CertifiedMargin.AccuracyFloor(results, labels);
        }

        return (shares, count, null);
    }

    OnnxModel Rounded(List<WeightedLayer> layers, int bits)
    {
        var model = reference.Model.Clone();
        var initializers = model.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        foreach (var layer in layers)
        {
            if (!initializers.TryGetValue(layer.WeightName, out var tensor)) continue;
            float[] weights = reference.WeightOf(layer);
            float step = (float)StepOf(weights.Max(Math.Abs), bits);
            if (step > 0) TensorData.Overwrite(tensor, Array.ConvertAll(weights, weight => MathF.Round(weight / step) * step));
        }

        return model;
    }

    static long[] Decisions(INetworkSession session, string output, SampleBatch[] samples, CancellationToken cancellation)
    {
        long[] decided = new long[samples.Length];
        Parallel.For(0, samples.Length, new ParallelOptions { CancellationToken = cancellation }, s =>
        {
            var scores = session.Run(samples[s].Inputs)[output].Values<float>();
            decided[s] = System.Numerics.Tensors.TensorPrimitives.IndexOfMax<float>(scores);
        });
        return decided;
    }

    static long[]? Labels(SampleBatch[] samples) =>
        samples.All(sample => sample.Targets is { ElementType: ElementType.Int64, ElementCount: 1 }) ? [.. samples.Select(sample => sample.Targets!.Values<long>()[0])] : null;

    static string Reports(long number) => number.ToString("N0", System.Globalization.CultureInfo.InvariantCulture);
}
