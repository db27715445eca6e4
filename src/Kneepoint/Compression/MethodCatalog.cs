using System.Collections.Immutable;
using Kneepoint.Compression.LowRank;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Compression.Repair;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Compression.Sparsity;
using Kneepoint.Compression.WeightSharing;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>All methods: their names, how to read their options, and the options that are worth trying.</summary>
public static class MethodCatalog
{
    static readonly ImmutableSortedDictionary<string, Func<StepOptions, CompressionMethod>> Parsers =
        new Dictionary<string, Func<StepOptions, CompressionMethod>>
        {
            [StaticInt8.MethodName] = StaticInt8.Read,
            [DynamicInt8.MethodName] = DynamicInt8.Read,
            [WeightInt8.MethodName] = WeightInt8.Read,
            [SharedWeights.MethodName] = SharedWeights.Read,
            [RateConstrainedWeights.MethodName] = RateConstrainedWeights.Read,
            [Equalize.MethodName] = Equalize.Read,
            [PruneChannels.MethodName] = PruneChannels.Read,
            [LowRankFactoring.MethodName] = LowRankFactoring.Read,
            [SplitOutliers.MethodName] = SplitOutliers.Read,
            [SparseWeights.MethodName] = SparseWeights.Read,
            [Renormalize.MethodName] = _ => new Renormalize(),
            [Fp16Weights.MethodName] = _ => new Fp16Weights(),
            [Fp16Network.MethodName] = _ => new Fp16Network(),
            [FoldBatchNormalization.MethodName] = _ => new FoldBatchNormalization(),
            [CompactGraph.MethodName] = _ => new CompactGraph(),
        }.Concat(BlockWeights.AllBits.Select(bits => KeyValuePair.Create(BlockWeights.NameOf(bits), BlockWeights.Reader(bits))))
        .ToImmutableSortedDictionary(StringComparer.Ordinal);

    /// <summary>The names of all methods, sorted.</summary>
    public static IEnumerable<string> Names => Parsers.Keys;

    /// <summary>Every method that quantizes or compacts with every combination of options that is worth a trial, in a fixed order, the usual one first.</summary>
    public static ImmutableArray<CompressionMethod> Grid { get; } =
    [
        .. StaticInt8.Grid,
        .. DynamicInt8.Grid,
        .. WeightInt8.Grid,
        .. BlockWeights.Grid,
        .. SharedWeights.Grid,
        new Fp16Weights(),
        new Fp16Network(),
        new FoldBatchNormalization(),
        new CompactGraph(),
    ];

    /// <summary>Every method that restructures, with the options that are worth a trial: alone, and before the others. Those of one method stand together, the weakest first.</summary>
    public static ImmutableArray<CompressionMethod> Restructuring { get; } = [.. PruneChannels.Grid, .. LowRankFactoring.Grid, .. SparseWeights.Grid];

    /// <summary>Every method once, with its usual options: those that restructure in the order in which they may stand in a recipe, those for layers, those for the whole network.</summary>
    public static ImmutableArray<CompressionMethod> Usual { get; } =
    [
        .. Names.Select(name => Parse(new Step(name, [Step.WholeNetwork], ImmutableSortedDictionary<string, string>.Empty)))
            .OrderBy(method => method is RestructuringMethod ? 0 : method.TreatsWholeNetwork ? 2 : 1).ThenBy(method => (method as RestructuringMethod)?.Stage).ThenBy(method => method.Name, StringComparer.Ordinal),
    ];

    /// <summary>The options of a method.</summary>
    /// <exception cref="RecipeNotApplicableException">There is no such method.</exception>
    public static IReadOnlyList<MethodOption> OptionsOf(string name)
    {
        var options = new StepOptions(new Step(name, [Step.WholeNetwork], ImmutableSortedDictionary<string, string>.Empty));
        Reader(name)(options);
        return options.Read;
    }

    /// <summary>Reads a step's method and options.</summary>
    /// <exception cref="RecipeNotApplicableException">There is no such method or option.</exception>
    public static CompressionMethod Parse(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        var options = new StepOptions(step);
        var method = Reader(step.Method)(options);
        options.RefuseOthers();
        return method;
    }

    static Func<StepOptions, CompressionMethod> Reader(string name) => Parsers.TryGetValue(name, out var read)
        ? read
        : throw new RecipeNotApplicableException($"There is no method '{name}'; there are {string.Join(", ", Names)}.");
}
