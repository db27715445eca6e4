using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Search.Models;
using Kneepoint.Tensors;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Studies;

/// <summary>Profiles the networks that a model of latency begins with: the baseline, each method on all layers, and a few mixtures that show what boundaries between unlike kernels cost.</summary>
/// <remarks>A profile takes some tens of runs and no accuracy, a small part of what a trial takes.</remarks>
public sealed class LatencyProfiles
{
    const double NormalQuantile = 1.96;

    // A measured ratio is hardly ever known better: where memory happens to lie moves it by that much.
    const double LeastRelativeDeviation = 0.003;
    const int Drafts = 40;

    readonly ChoiceTable _table;
    readonly ProfilingSubject _subject;

    LatencyProfiles(ChoiceTable table, ProfilingSubject subject, LatencyLayout layout, ImmutableArray<LatencyObservation> observations, double[][] times)
    {
        (_table, _subject) = (table, subject);
        (Layout, Observations, ChoiceTimes) = (layout, observations, times);
    }

    /// <summary>The groups' kernels, as the profiles show them, and their neighbors.</summary>
    public LatencyLayout Layout { get; }

    /// <summary>The baseline first.</summary>
    public ImmutableArray<LatencyObservation> Observations { get; }

    /// <summary>For each group and each of its choices the time where all layers are treated alike, in ratios to the baseline's: what <see cref="OptionPruning"/> compares.</summary>
    public IReadOnlyList<IReadOnlyList<double>> ChoiceTimes { get; }

    /// <summary>Profiles.</summary>
    /// <param name="table">The choices; all groups can be kept.</param>
    /// <param name="subject">What is profiled, and how.</param>
    /// <param name="make">Makes the variant of a recipe and its file, which may be gone once the next one is asked for.</param>
    /// <param name="mixtures">How many mixtures, at least 0.</param>
    /// <param name="seed">Of the mixtures.</param>
    /// <param name="onProgress">Called before each profile.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="RecipeNotApplicableException">A recipe of the table does not apply.</exception>
    /// <exception cref="OnnxModelException">The runtime refuses a network.</exception>
    public static LatencyProfiles Of(ChoiceTable table, ProfilingSubject subject, Func<Recipe, (string File, CompressedNetwork Network)> make, int mixtures, long seed,
        Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(subject);
        ArgumentNullException.ThrowIfNull(make);
        ArgumentNullException.ThrowIfNull(onProgress);
        ArgumentOutOfRangeException.ThrowIfNegative(mixtures);
        string[][] kernels = [.. table.Groups.Select(group => group.Choices.Select(choice => choice.Method.Text).ToArray())];
        double[][] choiceTimes = [.. table.Groups.Select(group => group.Choices.Select(_ => double.NaN).ToArray())];
        var observations = ImmutableArray.CreateBuilder<LatencyObservation>();
        var uniform = table.Methods.Prepend(LayerMethod.Keep).Select(method => table.Uniform(method)).OfType<ImmutableArray<int>>().ToList();
        int total = uniform.Count + mixtures;
        foreach (var assignment in uniform) Observe(assignment, isUniform: true);
        var layout = new LatencyLayout([.. kernels.Select(choices => choices.ToImmutableArray())],
            LayerNeighbors.Of(table, new GraphIndex(subject.Baseline), Compressor.LayersOf(subject.Baseline)));
        foreach (var assignment in Mixtures(layout, mixtures, new Xoshiro256(seed))) Observe(assignment, isUniform: false);
        return new LatencyProfiles(table, subject, layout, observations.ToImmutable(), choiceTimes);

        void Observe(ImmutableArray<int> assignment, bool isUniform)
        {
            cancellation.ThrowIfCancellationRequested();
            onProgress(new ExplorationProgress("profiles", observations.Count, total));
            var (file, network) = make(table.Compose(assignment));
            var profiles = subject.Profiler.Profile([subject.BaselineFile, file], subject.Inputs, cancellation);
            var times = TimesOf(table, network, profiles[1]);
            var parts = PartsOf(table, times);
            double ratio = profiles[1].RunMicroseconds / profiles[0].RunMicroseconds;
            observations.Add(new LatencyObservation(assignment, ratio, parts));
            if (!isUniform) return;
            for (int group = 0; group < kernels.Length; group++)
            {
                string kernel = times.Layers[table.Layers.IndexOf(table.Groups[group].Id)].Operator;
                if (kernel.Length > 0) kernels[group][assignment[group]] = kernel;
                if (double.IsNaN(choiceTimes[group][assignment[group]])) choiceTimes[group][assignment[group]] = parts[group] / parts.Sum() * ratio;
            }
        }
    }

    /// <summary>What a trial tells: profiles its variant, whose ratio is measured already.</summary>
    /// <param name="assignment">What the recipe of the trial picks.</param>
    /// <param name="file">The variant's file.</param>
    /// <param name="network">The variant.</param>
    /// <param name="ratio">The measured ratio with its 95 % interval.</param>
    /// <param name="cancellation">Ends the profile.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the network.</exception>
    public LatencyObservation Observe(ImmutableArray<int> assignment, string file, CompressedNetwork network, Interval ratio, CancellationToken cancellation)
    {
        var profile = _subject.Profiler.Profile([file], _subject.Inputs, cancellation)[0];
        return Measured(assignment, ratio, PartsOf(_table, TimesOf(_table, network, profile)));
    }

    /// <summary>What a trial tells whose variant is not to be profiled.</summary>
    /// <inheritdoc cref="Observe"/>
    public static LatencyObservation Measured(ImmutableArray<int> assignment, Interval ratio, ImmutableArray<double>? parts = null) => new(assignment, ratio.Value, parts)
    {
        Deviation = Math.Max((ratio.High - ratio.Low) / (2 * NormalQuantile), LeastRelativeDeviation * ratio.Value),
    };

    static LayerTimes TimesOf(ChoiceTable table, CompressedNetwork network, NodeProfile profile) =>
        LayerTimes.Of(profile, [.. table.Layers.Select(layer => (layer, network.Values.GetValueOrDefault(layer, "")))]);

    // What the runtime does between nodes belongs to no group.
    static ImmutableArray<double> PartsOf(ChoiceTable table, LayerTimes times)
    {
        var byLayer = times.Layers.ToDictionary(layer => layer.Layer, layer => layer.Microseconds, StringComparer.Ordinal);
        return [.. table.Groups.Select(group => group.Layers.Sum(layer => byLayer[layer])), times.RemainderMicroseconds];
    }

    // Of some random drafts each time the one that shows the most boundaries which none has shown yet.
    static IEnumerable<ImmutableArray<int>> Mixtures(LatencyLayout layout, int count, Xoshiro256 random)
    {
        var shown = new HashSet<(int, string, string)>();
        for (int i = 0; i < count; i++)
        {
            var best = Enumerable.Range(0, Drafts).Select(_ => layout.Kernels.Select(choices => random.Below(choices.Length)).ToImmutableArray()).ToList()
                .MaxBy(draft => Boundaries(draft).Count(boundary => !shown.Contains(boundary)));
            shown.UnionWith(Boundaries(best));
            yield return best;
        }

        IEnumerable<(int, string, string)> Boundaries(ImmutableArray<int> assignment) => layout.Neighbors
            .Select((pair, place) => (place, layout.Kernels[pair.First][assignment[pair.First]], layout.Kernels[pair.Second][assignment[pair.Second]]))
            .Where(boundary => boundary.Item2 != boundary.Item3);
    }
}

/// <summary>A network whose variants are profiled.</summary>
/// <param name="Baseline">The network.</param>
/// <param name="BaselineFile">Its path.</param>
/// <param name="Inputs">What to feed.</param>
/// <param name="Profiler">Times nodes.</param>
public sealed record ProfilingSubject(OnnxModel Baseline, string BaselineFile, IReadOnlyDictionary<string, Tensor> Inputs, INodeProfiler Profiler);
