using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Gradients;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Studies;
using Kneepoint.Tensors;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Predicts what variants lose from gradients of the network as it is: of each calibration sample, the change of its outputs to first order, and that of its loss to second order.</summary>
/// <remarks>
/// A variant changes the weights by d and rounds activations; along the gradient g of −ln p(y), y drawn from the network's own probabilities, E(gᵀd)² = dᵀFd with the Fisher information F, of all layers together, and
/// ½·dᵀFd is the divergence of the outputs to second order. Along a gradient of random signs u of the outputs, E(uᵀJd)² = |Jd|², the power of the noise at the output. What rounding does to an activation is
/// taken as it is for that very sample, clipping included. With S samples of like weight the relative error of either is about √(2/S).
/// Source: statement O; [Martens2020] for the Fisher information as a second-order term, [Hutchinson1989] for the signs.
/// </remarks>
sealed class GradientPredictions
{
    const int MostSamples = 256;
    const int LeastSamples = 48;

    // Forward and two or three backward passes of all samples: some half a minute of one core.
    const double MostMacs = 2e11;
    const int MacsOfPasses = 7;
    const long MostBytes = 1L << 30;

    readonly Subject _subject;
    readonly ExplorationSettings _settings;
    readonly Action<ExplorationProgress> _onProgress;
    readonly NetworkRewrite _reference;
    readonly string _output;
    readonly bool _isProbability;
    readonly IReadOnlyList<SampleBatch> _samples;
    readonly List<VariantChange> _waiting = [];

    GradientPredictions(Subject subject, NetworkRewrite reference, ExplorationSettings settings, OutputProbe probe, long macs, Action<ExplorationProgress> onProgress)
    {
        (_subject, _reference, _settings, _onProgress) = (subject, reference, settings, onProgress);
        int count = Math.Clamp((int)Math.Min(int.MaxValue, MostMacs / MacsOfPasses / Math.Max(1, macs)), LeastSamples, MostSamples);
        (_output, _samples) = (probe.Output, [.. probe.Samples.Take(count)]);
        _isProbability = OutputKind.IsProbability(subject.Baseline, _output);
    }

    /// <summary>Samples that predictions are made from.</summary>
    public int Samples => _samples.Count;

    /// <summary>Results so far, by the variant's id.</summary>
    public Dictionary<string, GradientPrediction> Found { get; } = new(StringComparer.Ordinal);

    /// <summary>Prepares, where the network has a gradient.</summary>
    /// <param name="subject">Network, data, metric, runtime.</param>
    /// <param name="reference">The network with its normalizations folded.</param>
    /// <param name="settings">Threads and seed.</param>
    /// <param name="probe">The samples, and the output that is compared.</param>
    /// <param name="macs">Multiply-accumulates of a sample, by which samples are bounded.</param>
    /// <param name="onProgress">Called often.</param>
    /// <param name="reason">Why there is none, as a sentence; null where there is.</param>
    public static GradientPredictions? Of(Subject subject, NetworkRewrite reference, ExplorationSettings settings, OutputProbe probe, long macs, Action<ExplorationProgress> onProgress, out string? reason)
    {
        if (subject.FixedBatchSize is > 1)
        {
            reason = "The network fixes batches of several samples, so that gradients of single samples cannot be had.";
            return null;
        }

        var missing = GradientGraph.Missing(reference.Model, new GradientRequest { Outputs = [probe.Output], Weights = WeightsOf(reference) });
        if (!missing.IsEmpty)
        {
            reason = $"{new GradientNotAvailableException(missing).Message}";
            return null;
        }

        reason = null;
        return new GradientPredictions(subject, reference, settings, probe, macs, onProgress);
    }

    /// <summary>Adds a variant; results come when enough are together, the rest with <see cref="Finish"/>.</summary>
    public void Add(VariantChange change, CancellationToken cancellation)
    {
        if (_waiting.Count > 0 && _waiting.Sum(waiting => waiting.Bytes) + change.Bytes > MostBytes) Finish(cancellation);
        _waiting.Add(change);
    }

    /// <summary>Predicts for all that were added.</summary>
    public void Finish(CancellationToken cancellation)
    {
        if (_waiting.Count == 0 || _samples.Count == 0) return;
        VariantChange[] variants = [.. _waiting];
        _waiting.Clear();
        string[] activations = [.. variants.SelectMany(variant => variant.Activations.Keys).Distinct(StringComparer.Ordinal).Where(IsMade)];
        var exposed = _reference.Model.Clone();
        foreach (string value in activations.Where(value => exposed.Graph.Output.All(output => output.Name != value))) exposed.Graph.Output.Add(new ValueInfoProto { Name = value });
        string[] weights = [.. variants.SelectMany(variant => variant.Tensors.Keys).Distinct(StringComparer.Ordinal)];
        var graph = GradientGraph.Of(exposed, new GradientRequest { Outputs = [_output], Weights = weights, Values = activations });
        using var forward = _subject.Runtime.Open(_reference.Model, new SessionSettings());
        using var backward = _subject.Runtime.Open(graph.Model, new SessionSettings());
        var perSample = new SampleSums[_samples.Count];
        int done = 0;
        Parallel.For(0, perSample.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, _settings.EvaluationThreads), CancellationToken = cancellation }, i =>
        {
            perSample[i] = Of(_samples[i], i, forward, backward, graph, variants);
            _onProgress(new ExplorationProgress("gradients", Interlocked.Increment(ref done), perSample.Length));
        });
        for (int v = 0; v < variants.Length; v++)
        {
            double fisher = 0, slope = 0, noise = 0, signal = 0;
            long rows = 0;
            foreach (var sample in perSample)
            {
                fisher += sample.Drawn[v] * sample.Drawn[v];
                slope += sample.Labels[v];
                noise += sample.Signs[v] * sample.Signs[v];
                signal += sample.Signal;
                rows += sample.Rows;
            }

            bool hasClasses = _subject.Likelihood is not null;
            Found[variants[v].Id] = new GradientPrediction(hasClasses ? fisher / 2 / rows : null, hasClasses ? slope / rows : null, OutputProbe.DecibelsOf(signal, noise));
        }
    }

    SampleSums Of(SampleBatch sample, int number, INetworkSession forward, INetworkSession backward, GradientGraph graph, VariantChange[] variants)
    {
        var random = new Xoshiro256(HashCodes.Of(_settings.Seed, number));
        var output = forward.Run(sample.Inputs)[_output];
        int rows = Cotangents.RowsOf(output);
        double signal = 0;
        foreach (float value in output.Values<float>()) signal += (double)value * value;
        double[] Along(Tensor cotangent)
        {
            var found = backward.Run(new Dictionary<string, Tensor>(sample.Inputs, StringComparer.Ordinal) { [graph.Cotangents[_output]] = cotangent });
            var gradients = graph.Gradients.ToDictionary(pair => pair.Key, pair => found[pair.Value], StringComparer.Ordinal);

            // An activation that is fed to the network is no output of it.
            var values = new Dictionary<string, Tensor>(found, StringComparer.Ordinal);
            foreach (var (name, input) in sample.Inputs) values.TryAdd(name, input);
            return [.. variants.Select(variant => variant.Along(gradients, values))];
        }

        double[] none = new double[variants.Length];
        bool hasClasses = _subject.Likelihood is not null;
        double[] drawn = hasClasses ? Along(Cotangents.OfDrawnClass(output, _isProbability, random)) : none;
        double[] signs = Along(Cotangents.OfSigns(output, random));
        double[] labels = hasClasses && sample.Targets is { ElementType: ElementType.Int64 } targets ? Along(Cotangents.OfLabels(output, targets.Values<long>(), _isProbability)) : none;
        return new SampleSums(drawn, signs, labels, signal, rows);
    }

    bool IsMade(string value) => _reference.Index.Producer(value) is not null || _reference.Index.IsGraphInput(value);

    static string[] WeightsOf(NetworkRewrite reference) =>
        [.. reference.Layers.Where(layer => layer.ElementType == ElementType.Float32).Select(layer => layer.WeightName).Distinct(StringComparer.Ordinal)];

    /// <summary>What one sample says of each variant.</summary>
    /// <param name="Drawn">gᵀd along a drawn class.</param>
    /// <param name="Signs">uᵀJd.</param>
    /// <param name="Labels">gᵀd along the label.</param>
    /// <param name="Signal">Power of the output.</param>
    /// <param name="Rows">Labels in the sample.</param>
    sealed record SampleSums(double[] Drawn, double[] Signs, double[] Labels, double Signal, int Rows);
}

/// <summary>What gradients say of one variant.</summary>
/// <param name="FisherNats">½·dᵀFd for each label; null where outputs are no classes.</param>
/// <param name="SlopeNats">gᵀd for each label; null where there are no labels of classes.</param>
/// <param name="Decibels">Signal to noise at the output to first order.</param>
sealed record GradientPrediction(double? FisherNats, double? SlopeNats, double? Decibels);
