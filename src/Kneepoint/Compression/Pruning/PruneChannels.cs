using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Pruning;

/// <summary>Cuts whole channels out of a network, and fits the layers that read them to what is left.</summary>
/// <remarks>
/// <see cref="ChannelGraph"/> finds what must be cut together; <see cref="RemovalOrder"/> what to cut first; <see cref="CutPlan"/> how much of each group; <see cref="LeastSquaresRefit"/> makes up
/// for it; <see cref="ChannelCut"/> cuts. The network is smaller afterwards: fewer multiply-accumulates, weights and activations, on any runtime.
/// Known weakness: what is lost is judged layer by layer, on inputs that nothing was cut from.
/// </remarks>
public sealed record PruneChannels : RestructuringMethod
{
    internal const string MethodName = "prune-channels";
    const int BytesPerWeight = sizeof(float);

    internal static ImmutableArray<int> AllPercents { get; } = [50, 5, 10, 15, 20, 25, 30, 35, 40, 45, 55, 60, 65, 70, 75, 80, 85, 90];

    /// <summary>What is cut, in per cent: of the network's multiply-accumulates, or of the channels of each group, as <see cref="Scope"/> says.</summary>
    public int RatioPercent
    {
        get; init => field = AllPercents.Contains(value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "RatioPercent must be a multiple of 5 from 5 to 90.");
    } = 50;

    /// <summary>How it is spread over the layers.</summary>
    public PruningScope Scope { get; init; }

    /// <summary>What a channel counts for.</summary>
    public ChannelImportance Importance { get; init; }

    /// <summary>What is left of a layer's channels is a multiple of this, where it is cut: 1, 4, 8 or 16; null for 16 in layers of at least 32 channels, 8 of 16, 4 of 8, else 1.</summary>
    /// <remarks>Measured: the runtime's convolutions work on 16 channels at once on processors with vectors of 512 bits, 8 on others; what is less is filled up with zeros.</remarks>
    public int? Multiple
    {
        get; init => field = value is null or 1 or 4 or 8 or 16 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Multiple must be 1, 4, 8 or 16.");
    }

    /// <summary>Whether the layers that read the channels are fitted to what is left.</summary>
    public bool IsRefitted { get; init; } = true;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "whole channels cut out, the layers behind them fitted anew";

    /// <inheritdoc/>
    public override RestructuringStage Stage => RestructuringStage.Prune;

    /// <inheritdoc/>
    public override bool NeedsMoments => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("ratio", RatioText(RatioPercent), RatioText(50)),
        ("scope", Scope == PruningScope.Group ? "group" : "network", "network"),
        ("importance", Importance.ToString().ToLowerInvariant(), "error"),
        ("multiple", Multiple?.ToString(CultureInfo.InvariantCulture) ?? "auto", "auto"),
        ("refit", IsRefitted ? "least-squares" : "none", "least-squares"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } = [.. new[] { 10, 20, 35, 50, 70 }.Select(percent => new PruneChannels { RatioPercent = percent })];

    internal static CompressionMethod Read(StepOptions options) => new PruneChannels
    {
        RatioPercent = options.Choose("ratio", [.. AllPercents.Select(percent => (RatioText(percent), percent))]),
        Scope = options.Choose("scope", ("network", PruningScope.Network), ("group", PruningScope.Group)),
        Importance = options.Choose("importance", ("error", ChannelImportance.Error), ("activation", ChannelImportance.Activation), ("magnitude", ChannelImportance.Magnitude)),
        Multiple = options.Choose("multiple", ("auto", default(int?)), ("1", 1), ("4", 4), ("8", 8), ("16", 16)),
        IsRefitted = options.Choose("refit", ("least-squares", true), ("none", false)),
    };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.Recurrent ?? (layer.OpType == "Gather" ? "picks rows: its columns are cut with the layers that they meet" : null);
    }

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.WeightCount * BytesPerWeight * (100 - RatioPercent) / 100;
    }

    internal override void Restructure(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers, CalibrationEvidence evidence)
    {
        var graph = ChannelGraph.Of(rewrite);
        var named = layers.Select(layer => layer.Id).ToHashSet(StringComparer.Ordinal);
        var groups = graph.Groups.Where(group => group.Layers.Any(layer => named.Contains(layer.Id))).ToArray();
        if (groups.Length == 0)
        {
            throw new RecipeNotApplicableException($"'{layers[0].Id}' ({layers[0].OpType}) {graph.WhyKept(layers[0])}; none of the layers of '{Name}' has channels that can be cut.");
        }

        var readers = graph.Layers.Select(layer => ReadingLayer.Of(rewrite, graph, layer, evidence)).OfType<ReadingLayer>().ToArray();
        var orders = groups.Select(group => RemovalOrder.Of(graph, group, readers, Importance)).ToArray();
        var plan = new CutPlan(graph, Multiple);
        double before = plan.Macs;
        double ratio = RatioPercent / 100.0;
        if (Scope == PruningScope.Group) plan.CutGroups(orders, ratio);
        else if (!plan.CutNetwork(orders, ratio)) throw TooMuch(before, plan.Macs);
        if (plan.Removed.Count == 0) throw new RecipeNotApplicableException("No group of layers has channels enough to cut; take a smaller 'multiple' or a larger 'ratio'.");
        var removed = plan.Removed.ToHashSet();
        double after = plan.Macs;
        var channels = Removed(graph, removed);
        foreach (var layer in graph.Layers) rewrite.RemovedChannels(layer, channels.Where(channel => channel.Layer == layer.Id).Select(channel => channel.Channel).ToHashSet());
        foreach (var reader in readers) LeastSquaresRefit.Apply(rewrite, reader, removed, IsRefitted);
        rewrite.FindLayersAgain();
        var fitted = ChannelGraph.Of(rewrite);
        ChannelCut.Apply(rewrite, fitted.Tracker, Classes(fitted, channels));
        Report(rewrite, graph, layers, channels, before, after);
    }

    // Fitting adds tensors, so classes have other numbers afterwards; channels of layers are what they were.
    static List<(string Layer, int Channel)> Removed(ChannelGraph graph, HashSet<int> removed) =>
        [.. graph.Layers.SelectMany(layer => (graph.OutputsOf(layer) ?? []).Select((place, channel) => (place, channel)).Where(entry => removed.Contains(entry.place)).Select(entry => (layer.Id, entry.channel)))];

    static List<int> Classes(ChannelGraph graph, List<(string Layer, int Channel)> channels)
    {
        var byId = graph.Layers.ToDictionary(layer => layer.Id, StringComparer.Ordinal);
        return [.. channels.GroupBy(channel => channel.Layer).SelectMany(layer => layer.Select(channel => graph.OutputsOf(byId[layer.Key])![channel.Channel])).Distinct()];
    }

    void Report(NetworkRewrite rewrite, ChannelGraph graph, IReadOnlyList<WeightedLayer> layers, List<(string Layer, int Channel)> channels, double before, double after)
    {
        var cut = channels.Select(channel => channel.Layer).ToHashSet(StringComparer.Ordinal);
        foreach (var layer in graph.Layers.Where(layer => cut.Contains(layer.Id))) rewrite.Restructured(layer, this);
        foreach (var layer in layers.Where(layer => !cut.Contains(layer.Id))) rewrite.KeptInFloat(layer.Id, layer.OpType, Name, graph.WhyKept(layer));
        rewrite.Note("channels-cut", string.Create(CultureInfo.InvariantCulture,
            $"{channels.Count} channels of {cut.Count} layers were cut: {before:0} multiply-accumulates of a sample become {after:0}."));
    }

    RecipeNotApplicableException TooMuch(double before, double least) => new(string.Create(CultureInfo.InvariantCulture,
        $"'{Name}' cannot cut {RatioPercent} % of the multiply-accumulates: at most {100 * (1 - least / before):0} % lie in channels that can be cut. Take a smaller 'ratio'."));

    static string RatioText(int percent) => (percent / 100.0).ToString("0.##", CultureInfo.InvariantCulture);
}
