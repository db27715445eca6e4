using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Repair;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Search.Models;
using Kneepoint.Search.Space;

namespace Kneepoint.Studies;

/// <summary>Measures what the search space of a study holds: which variation of each method suits the network, what each layer suffers from it, which forms the network can take, and what all of these cost.</summary>
/// <remarks>
/// Everything is measured on calibration samples; evaluation samples are never looked at. Of the variations of one method, such as ways to find a range, the one that moves the outputs least when applied to all layers is taken. Forms are tried from the weakest
/// on until one moves the outputs so much that nothing is left to lose.
/// </remarks>
/// <param name="subject">What is studied.</param>
/// <param name="probes">Makes variants and looks at them.</param>
/// <param name="settings">Methods and seed.</param>
/// <param name="macsOf">Multiply–accumulates of a layer for one sample.</param>
/// <param name="profiles">Profiles the network with choices from a table; null where time does not matter.</param>
public sealed class StudySpace(Subject subject, ProbePass probes, ExplorationSettings settings, Func<WeightedLayer, long> macsOf, Func<ChoiceTable, Action<ExplorationProgress>, CancellationToken, LatencyProfiles?>? profiles = null)
{
    const int ProbesPerMethod = 48;

    // Divergence, nats, beyond which a form is of no use to anyone.
    const double MostDivergence = 1;

    // Forms that lose so much are worth being given their former statistics.
    const double LeastRenormalized = 0.003;
    readonly ImmutableArray<WeightedLayer> _layers = Known(Compressor.LayersOf(subject.Baseline), settings);
    readonly GraphIndex _index = new(subject.Baseline);

    /// <summary>Methods on layers that the settings allow, in all their variations, the usual first.</summary>
    public IEnumerable<CompressionMethod> LayerMethods() => Allowed().Where(method => !method.TreatsWholeNetwork);

    /// <summary>Recipes on the whole network that are no form and no choice of layers.</summary>
    public IEnumerable<Recipe> WholeNetwork() => Allowed().Where(method => method.TreatsWholeNetwork && method.Name is not FoldBatchNormalization.MethodName).Select(method => new Recipe([method.ToStep(Step.WholeNetwork)]));

    /// <summary>Takes of each method the variation that moves the outputs least when applied to all layers.</summary>
    public ChoiceTable Choose(Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var chosen = new List<CompressionMethod>();
        var all = Table(LayerMethods());
        foreach (var family in LayerMethods().GroupBy(Family))
        {
            CompressionMethod[] variations = [.. family];
            chosen.Add(variations.Length == 1 ? variations[0] : variations.MinBy(method => UniformLoss(all, method, onProgress, cancellation))!);
        }

        return Table(chosen);
    }

    /// <summary>Measures the space.</summary>
    /// <param name="table">The choices of layers, as <see cref="Choose"/> gave them.</param>
    /// <param name="onProgress">Called often; cheap.</param>
    /// <param name="cancellation">Ends the work.</param>
    public SearchSpace Measure(ChoiceTable table, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(table);
        var measured = new Dictionary<SensitivityProbe, Sensitivity>();
        int total = table.Methods.Sum(method => Math.Min(ProbesPerMethod, table.Groups.Count(group => group.Choices.Any(choice => choice.Method.Equals(method)))));
        foreach (var method in table.Methods)
        {
            while (SensitivityProbing.Next(table, method, measured, ProbesPerMethod) is { IsEmpty: false } next)
            {
                foreach (var probe in next)
                {
                    cancellation.ThrowIfCancellationRequested();
                    measured[probe] = probes.Of(probe.ToRecipe(table), onProgress, cancellation).Divergence;
                    onProgress(new ExplorationProgress("sensitivity", measured.Count, Math.Max(total, measured.Count), method.Text));
                }
            }
        }

        table = table.With(SensitivityProbing.Table(table, measured));
        _blocks = [.. measured.Keys];
        try
        {
            Profiles = profiles?.Invoke(table, onProgress, cancellation);
        }
        catch (Exception exception) when (exception is RecipeNotApplicableException or OnnxModelException)
        {
            Pruned = [$"Times are estimated and not profiled, for the profiles failed: {exception.Message}"];
        }

        if (Profiles is not null)
        {
            var pruned = OptionPruning.Of(table, Profiles.ChoiceTimes);
            Pruned = [.. pruned.Select(option => option.Reason)];
            table = table.Without(pruned.Where(option => !table.Groups[option.Group].Choices[option.Choice].Method.IsKeep).Select(option => (option.Group, option.Choice)));
        }

        return new SearchSpace(table, Forms(table, onProgress, cancellation), FittedMethods());
    }

    /// <summary>What the profiles showed; null where there are none.</summary>
    public LatencyProfiles? Profiles { get; private set; }

    /// <summary>What cannot pay on this runtime and was taken out of the space, with the reasons.</summary>
    public ImmutableArray<string> Pruned { get; private set; } = [];

    ImmutableArray<SensitivityProbe> _blocks = [];

    /// <summary>What choices add to a figure of the baseline, as probes show it.</summary>
    /// <remarks>Layers of one method that together add less than each alone share something: what that is follows from the method on all layers.</remarks>
    /// <param name="space">The space that <see cref="Measure"/> gave.</param>
    /// <param name="objective">The figure's name.</param>
    /// <param name="baseline">The figure of the network with nothing treated, as variants are written.</param>
    /// <param name="onProgress">Called often; cheap.</param>
    /// <param name="cancellation">Ends the work.</param>
    public AddedCosts Added(SearchSpace space, string objective, double baseline, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(space);
        var groups = space.Table.Groups;
        var added = groups.Select(group => new double[group.Choices.Length]).ToArray();
        double[] shared = new double[space.Table.Methods.Length];
        foreach (var ofMethod in _blocks.GroupBy(block => block.Method))
        {
            foreach (var block in ofMethod.OrderByDescending(block => block.Groups.Length)) Share(block, FigureOf(space.Table.AssignmentOf(block.ToRecipe(space.Table))));
            int method = space.Table.Methods.IndexOf(ofMethod.Key);
            (int Group, int Choice)[] places = [.. Enumerable.Range(0, groups.Length).Select(group => (group, IndexOf(groups[group], ofMethod.Key))).Where(place => place.Item2 >= 0)];
            if (places.Length < 2 || FigureOf(space.Table.Uniform(ofMethod.Key)) is not { } whole) continue;
            int blocks = Smallest(ofMethod, groups).Count();
            if (blocks < 2) continue;
            shared[method] = (baseline + places.Sum(place => added[place.Group][place.Choice]) - whole) / (blocks - 1);
            foreach (var (group, choice) in places) added[group][choice] -= shared[method] * blocks / places.Length;
        }

        return new AddedCosts([.. added.Select(choices => choices.ToImmutableArray())], [.. shared]);

        double? FigureOf(ImmutableArray<int>? assignment) =>
            assignment is { } known && probes.Of(space.Table.Compose(known), onProgress, cancellation).FigureOf(objective) is var figure && double.IsFinite(figure) ? figure : null;

        // What a block saves is shared out as the estimates of its layers are: bytes by the bytes that they save, work and time by their multiply-accumulates.
        void Share(SensitivityProbe block, double? figure)
        {
            var places = block.Groups.Select(id => groups.IndexOf(groups.First(group => group.Id == id))).Select(group => (Group: group, Choice: IndexOf(groups[group], block.Method))).ToArray();
            double[] estimates = [.. places.Select(place => Math.Max(1, objective is "latency" or "macs" or "bitOps" ? groups[place.Group].Choices[place.Choice].Cost : groups[place.Group].Choices.Max(other => other.FileBytes) - groups[place.Group].Choices[place.Choice].FileBytes))];
            double sum = estimates.Sum();
            for (int i = 0; i < places.Length; i++) added[places[i].Group][places[i].Choice] = figure is { } known ? (known - baseline) * estimates[i] / sum : 0;
        }
    }

    // Blocks that were halved say nothing any more.
    static IEnumerable<SensitivityProbe> Smallest(IEnumerable<SensitivityProbe> blocks, ImmutableArray<LayerGroup> groups) =>
        groups.Select(group => blocks.Where(block => block.Groups.Contains(group.Id)).MinBy(block => block.Groups.Length)).OfType<SensitivityProbe>().Distinct();

    ImmutableArray<NetworkForm> Forms(ChoiceTable table, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var forms = ImmutableArray.CreateBuilder<NetworkForm>();
        forms.Add(NetworkForm.AsIs(table.Groups.Length));
        var renormalize = new Renormalize();
        bool canRenormalize = IsAllowed(renormalize) && _layers.Any(layer => layer.OpType == "Conv");
        foreach (var family in MethodCatalog.Restructuring.Where(method => settings.Methods.IsEmpty ? !method.PaysOnlyWhenPacked || settings.AimsAtPackedBytes : settings.Methods.Contains(method.Name))
            .Where(method => _layers.Any(layer => method.WhyNot(layer, _index) is null)).GroupBy(method => method.Name))
        {
            foreach (var method in family)
            {
                ImmutableArray<Step> steps = [method.ToStep(Step.WholeNetwork)];
                if (Form(table, steps, onProgress, cancellation) is not { } form) break;
                forms.Add(form);
                if (canRenormalize && form.Loss > LeastRenormalized && Form(table, [.. steps, renormalize.ToStep(Step.WholeNetwork)], onProgress, cancellation) is { } repaired) forms.Add(repaired);
            }
        }

        foreach (CompressionMethod repair in (CompressionMethod[])[new Equalize(), new SplitOutliers()])
        {
            if (IsAllowed(repair) && _layers.Any(layer => repair.WhyNot(layer, _index) is null) && Form(table, [repair.ToStep(Step.WholeNetwork)], onProgress, cancellation) is { } form) forms.Add(form);
        }

        return forms.ToImmutable();
    }

    NetworkForm? Form(ChoiceTable table, ImmutableArray<Step> steps, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        onProgress(new ExplorationProgress("forms of the network", 0, 0, steps[0].Method));
        var (probe, counts) = probes.FormOf(new Recipe(steps), _layers, onProgress, cancellation);
        if (!(probe.Divergence.Loss < MostDivergence)) return null;
        var byLayer = _layers.Select((layer, i) => (layer, Count: counts[i])).ToDictionary(entry => entry.layer.Id, entry => (entry.layer.WeightCount, entry.Count), StringComparer.Ordinal);
        var whole = byLayer.Values.Where(entry => entry.Count >= 0).ToArray();
        double usual = whole.Length == 0 ? 1 : whole.Sum(entry => (double)entry.Count) / Math.Max(1, whole.Sum(entry => (double)entry.WeightCount));
        ImmutableArray<double> shares = [.. table.Groups.Select(group => group.Layers.Sum(layer => byLayer[layer] is { Count: >= 0 } entry ? entry.Count : usual * byLayer[layer].WeightCount) / Math.Max(1, group.Layers.Sum(layer => (double)byLayer[layer].WeightCount)))];
        var figures = Objective.Names.Select(name => (name, Figure: probe.FigureOf(name))).Where(entry => double.IsFinite(entry.Figure)).ToImmutableSortedDictionary(entry => entry.name, entry => entry.Figure, StringComparer.Ordinal);
        return new NetworkForm(steps, probe.Divergence.Loss, shares) { Figures = figures };
    }

    IEnumerable<string> FittedMethods() => settings.FitsInSuccession && SuccessiveWork.Of(subject.Baseline, macsOf, settings.MomentSamples) <= SuccessiveWork.Usual
        ? [StaticInt8.MethodName, WeightInt8.MethodName, .. BlockWeights.AllBits.Select(BlockWeights.NameOf)] : [];

    double UniformLoss(ChoiceTable table, CompressionMethod method, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        onProgress(new ExplorationProgress("divergence", 0, 0, method.ToText()));
        return table.Uniform(new LayerMethod(method.Name, method.Options)) is { } assignment ? probes.Of(table.Compose(assignment), onProgress, cancellation).Divergence.Loss : double.PositiveInfinity;
    }

    // Variations of one method compete with each other; what stores other numbers of bits is a method of its own.
    static string Family(CompressionMethod method) => method.Options.TryGetValue("weights", out string? bits) ? $"{method.Name} {bits}"
        : method.Options.TryGetValue("bits", out string? shared) ? $"{method.Name} {shared}" : method.Name;

    // Weights of 7 bits only lose where sums have room for 8.
    IEnumerable<CompressionMethod> Allowed() => MethodCatalog.Grid.Where(IsAllowed)
        .Where(method => settings.IntegerSumsSaturate || method is not (StaticInt8 { WeightBits: StaticInt8.SaturationFree } or DynamicInt8 { WeightBits: StaticInt8.SaturationFree }));

    bool IsAllowed(CompressionMethod method) => settings.Methods.IsEmpty || settings.Methods.Contains(method.Name);

    ChoiceTable Table(IEnumerable<CompressionMethod> methods)
    {
        var choices = new List<LayerChoice>();
        foreach (var layer in _layers)
        {
            choices.Add(new LayerChoice(layer.Id, LayerMethod.Keep, layer.WeightCount * sizeof(float), macsOf(layer), 0));
            foreach (var method in methods)
            {
                if ((settings.Layers.IsEmpty || settings.Layers.Contains(layer.Id)) && method.WhyNot(layer, _index) is null) choices.Add(new LayerChoice(layer.Id, new LayerMethod(method.Name, method.Options), method.EstimateBytes(layer), macsOf(layer), 0));
            }
        }

        return ChoiceTable.Of([.. _layers.Select(layer => layer.Id)], choices, _layers.Where(layer => layer.SharedWith.Length > 0)
            .Select(layer => (IReadOnlyCollection<string>)[layer.Id, .. layer.SharedWith]), settings.Layers.IsEmpty);
    }

    static ImmutableArray<WeightedLayer> Known(ImmutableArray<WeightedLayer> layers, ExplorationSettings settings) =>
        settings.Layers.FirstOrDefault(name => layers.All(layer => layer.Id != name)) is { } unknown ? throw new ArgumentException($"The network has no layer '{unknown}'.", nameof(settings)) : layers;

    static int IndexOf(LayerGroup group, LayerMethod method) => group.Choices.ToList().FindIndex(choice => choice.Method.Equals(method));
}
