using System.Collections.Immutable;
using Kneepoint.Compression.LowRank;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Quantization;
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
            [PruneChannels.MethodName] = PruneChannels.Read,
            [LowRankFactoring.MethodName] = LowRankFactoring.Read,
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
    public static ImmutableArray<CompressionMethod> Restructuring { get; } = [.. PruneChannels.Grid, .. LowRankFactoring.Grid];

    /// <summary>Reads a step's method and options.</summary>
    /// <exception cref="RecipeNotApplicableException">There is no such method or option.</exception>
    public static CompressionMethod Parse(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        if (!Parsers.TryGetValue(step.Method, out var read))
        {
            throw new RecipeNotApplicableException($"There is no method '{step.Method}'; there are {string.Join(", ", Names)}.");
        }

        var options = new StepOptions(step);
        var method = read(options);
        options.RefuseOthers();
        return method;
    }
}
