using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Sparsity;

/// <summary>Single weights become 0, the others make up for it.</summary>
/// <remarks>
/// The runtime multiplies by zeros as by anything else, and stores them as such: the variant is neither smaller nor faster until it is packed, and says so.
/// <see cref="SparseFit"/> is fitted to one half of the calibration samples and kept only where it leaves less output error on the other half than cutting the least weights; then it is fitted to all.
/// Zeros stay zeros through every later step. Known weakness: as <see cref="PruneChannels"/>, each layer is judged by itself.
/// </remarks>
public sealed record SparseWeights : RestructuringMethod
{
    internal const string MethodName = "sparse-weights";
    const double Damping = 0.01;
    const double MostOfALayer = 0.98;
    static readonly (string Text, int Value)[] Percents = [("0.5", 50), ("0.1", 10), ("0.2", 20), ("0.3", 30), ("0.4", 40), ("0.6", 60), ("0.7", 70), ("0.8", 80), ("0.9", 90), ("0.95", 95)];

    /// <summary>The share of weights that become 0, in per cent: 10 to 90 by tens, or 95. A pattern has its own.</summary>
    public int SparsityPercent
    {
        get; init => field = Percents.Any(percent => percent.Value == value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "SparsityPercent must be 10 to 90 by tens, or 95.");
    } = 50;

    /// <summary>Zeros in each run of weights that are multiplied after each other: 2 of 4, 4 of 8; 0 for any weights.</summary>
    public int PatternZeros
    {
        get; init => field = value is 0 or 2 or 4 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "PatternZeros must be 0, 2 or 4.");
    }

    /// <summary>Whether layers lose by what their weights matter, or all the same share.</summary>
    public PruningScope Scope { get; init; }

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "single weights set to 0, the others fitted; pays in packed files only";

    /// <inheritdoc/>
    public override RestructuringStage Stage => RestructuringStage.Sparsify;

    /// <inheritdoc/>
    public override bool NeedsMoments => true;

    /// <inheritdoc/>
    public override bool PaysOnlyWhenPacked => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("sparsity", Percents.First(percent => percent.Value == SparsityPercent).Text, "0.5"),
        ("pattern", PatternZeros switch { 2 => "2:4", 4 => "4:8", _ => "any" }, "any"),
        ("scope", Scope == PruningScope.Group ? "layer" : "network", "network"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } = [.. new[] { 30, 50, 60, 70, 80 }.Select(percent => new SparseWeights { SparsityPercent = percent })];

    internal static CompressionMethod Read(StepOptions options) => new SparseWeights
    {
        SparsityPercent = options.Choose("sparsity", Percents),
        PatternZeros = options.Choose("pattern", ("any", 0), ("2:4", 2), ("4:8", 4)),
        Scope = options.Choose("scope", ("network", PruningScope.Network), ("layer", PruningScope.Group)),
    };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.OtherArithmetic ?? layer.Recurrent ?? layer.OpType switch
        {
            "Gather" => "picks rows and multiplies nothing",
            _ when !layer.SharedWith.IsEmpty => "shares its weight",
            _ when layer.Group > 1 => "is a convolution of several groups",
            "MatMul" when layer.WeightDimensions.Count != 2 => "multiplies with a batch of matrices",
            _ => null,
        };
    }

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.WeightCount * sizeof(float);
    }

    internal override void Restructure(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers, CalibrationEvidence evidence)
    {
        var rows = layers.Select(layer => LayerRows.Of(rewrite, layer, evidence)).ToArray();
        double[] shares = PatternZeros > 0 || Scope == PruningScope.Group ? [.. rows.Select(_ => SparsityPercent / 100.0)] : SharesOf(rows);
        long zeros = 0, weights = 0;
        for (int i = 0; i < rows.Length; i++)
        {
            var (layer, sparse) = (layers[i], Sparse(rows[i], shares[i]));
            if (!sparse.All(value => float.IsFinite((float)value))) throw new RecipeNotApplicableException($"Layer '{layer.Id}' has weights or inputs that are no finite numbers; nothing can be fitted to them.");
            if (rows[i].Moments is null) rewrite.Note("sparse-without-samples", $"'{layer.Id}' ({layer.OpType}) loses its least weights: of its input nothing is known.");
            else if (rows[i].IsCentered) rows[i].AddToBias(rewrite, rows[i].ShiftOf(sparse));
            float[] stored = LayerRows.Stored(layer, Array.ConvertAll(sparse, value => (float)value), rows[i].Order);
            layer.Node.Input[layer.WeightInput] = rewrite.AddInitializer(layer.WeightName, Tensor.Of([.. layer.WeightDimensions], stored));
            (zeros, weights) = (zeros + stored.Count(value => value == 0), weights + stored.Length);
            rewrite.Restructured(layer, this);
        }

        rewrite.Changed();
        rewrite.Note("weights-pruned", string.Create(CultureInfo.InvariantCulture,
            $"{zeros} of {weights} weights are 0. The runtime neither skips nor shortens them: file and time stay as they are, packed files get smaller."));
    }

    // Zeros go where they cost least of a layer's energy, in the whole network: one threshold on D_k·w² by that energy.
    double[] SharesOf(LayerRows[] rows)
    {
        double[][] importances = [.. rows.Select(Importances)];
        double[] all = [.. importances.SelectMany(values => values).Order()];
        double threshold = all[Math.Clamp((int)(all.LongLength * SparsityPercent / 100), 0, all.Length - 1)];
        return [.. importances.Select(values => Math.Min(MostOfALayer, values.Count(value => value < threshold) / (double)values.Length))];
    }

    static double[] Importances(LayerRows layer)
    {
        double[] moment = layer.SecondMomentOf(layer.Moments?.All());
        double energy = Math.Max(double.Epsilon, ColumnElimination.Energy(layer.Weight, moment, layer.Order));
        double[] factors = Factors(layer, moment) ?? moment;
        return [.. layer.Weight.Select((value, i) => value * value * factors[i % layer.Order * (layer.Order + 1)] / energy)];
    }

    double[] Sparse(LayerRows layer, double share)
    {
        var pattern = PatternZeros == 0 ? SparsityPattern.Any : new SparsityPattern(PatternZeros, 2 * PatternZeros);
        double[] all = layer.SecondMomentOf(layer.Moments?.All());
        double[] cut = SparseFit.Cut(layer.Weight, layer.Order, Diagonal(all, layer.Order), share, pattern);
        if (layer.Moments is null) return cut;
        double[] held = layer.SecondMomentOf(layer.Moments.Second);
        if (Factors(layer, layer.SecondMomentOf(layer.Moments.First)) is not { } half || Factors(layer, all) is not { } factors) return cut;
        double[] fitted = SparseFit.Fit(layer.Weight, layer.Order, half, share, pattern);
        if (!(Error(layer, fitted, held) < Error(layer, cut, held))) return cut;
        double[] best = SparseFit.Fit(layer.Weight, layer.Order, factors, share, pattern);
        return Error(layer, best, all) < Error(layer, cut, all) ? best : cut;
    }

    static double Error(LayerRows layer, double[] weight, double[] moment) =>
        ColumnElimination.Energy([.. layer.Weight.Select((value, i) => value - weight[i])], moment, layer.Order);

    static double[]? Factors(LayerRows layer, double[] moment)
    {
        double[] damped = [.. moment];
        double mean = Diagonal(moment, layer.Order).Average();
        for (int k = 0; k < layer.Order; k++) damped[k * layer.Order + k] += Damping * mean;
        return mean > 0 && FeedbackFactor.TryFactor(damped, layer.Order, Environment.ProcessorCount) ? damped : null;
    }

    static double[] Diagonal(double[] moment, int order) => [.. Enumerable.Range(0, order).Select(k => moment[k * order + k])];
}
