using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Repair;

/// <summary>Channels that are fed far more than the others get a product of their own, which stays in float when the rest is quantized.</summary>
/// <remarks>
/// y = W·x becomes y = W·(m∘x) + W_S·x_S with S the outliers and m 0 on S, 1 elsewhere. The range of m∘x, which decides how finely an integer layer sees its input, is that of the other channels;
/// steps behind treat W, whose columns S are 0, and leave W_S. S holds the channels whose root mean square on the calibration samples exceeds a multiple of the median of all channels.
/// Source: [Dettmers2022] section 3.2, which takes the largest magnitude as the network runs; by the mean square, before it runs: [Lee2024].
/// </remarks>
public sealed record SplitOutliers : RestructuringMethod
{
    internal const string MethodName = "split-outliers";

    // Where more channels stand out, the others are the exception.
    const int FewestChannelsPerOutlier = 8;

    /// <summary>Times the median that an outlier is fed at least: 3, 6, 10 or 20.</summary>
    public int Threshold
    {
        get; init => field = value is 3 or 6 or 10 or 20 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Threshold must be 3, 6, 10 or 20.");
    } = 6;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "channels fed far more than others multiplied apart, in float";

    /// <inheritdoc/>
    public override RestructuringStage Stage => RestructuringStage.Split;

    /// <inheritdoc/>
    public override bool NeedsMoments => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(("threshold", Threshold.ToString(CultureInfo.InvariantCulture), "6"));

    internal static CompressionMethod Read(StepOptions options) => new SplitOutliers { Threshold = options.Choose("threshold", ("6", 6), ("3", 3), ("10", 10), ("20", 20)) };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.OtherArithmetic ?? layer.Recurrent ?? layer.OpType switch
        {
            "Gather" => "picks rows and multiplies nothing",
            "ConvTranspose" => "is a transposed convolution",
            _ when !layer.SharedWith.IsEmpty => "shares its weight",
            _ when layer.Group > 1 => "is a convolution of several groups",
            "Gemm" when layer.Node.GetInt("transA", 0) != 0 => "transposes its activation",
            "MatMul" when layer.WeightInput == 0 => "has its weight as the first factor",
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
        if (Opsets.Version(rewrite.Model.Proto) < OpsetUpgrade.Oldest) throw new RecipeNotApplicableException($"'{Name}': the network uses operator set {Opsets.Version(rewrite.Model.Proto)}; it needs {OpsetUpgrade.Oldest} or later.");
        int split = 0, channels = 0;
        foreach (var layer in layers)
        {
            if (Outliers(layer, evidence) is not { Length: > 0 } outliers)
            {
                rewrite.KeptInFloat(layer.Id, layer.OpType, Name, string.Create(CultureInfo.InvariantCulture, $"has no few channels that are fed {Threshold} times what the median is"));
                continue;
            }

            Split(rewrite, layer, outliers);
            rewrite.Restructured(layer, this);
            (split, channels) = (split + 1, channels + outliers.Length);
        }

        if (split == 0) throw new RecipeNotApplicableException(string.Create(CultureInfo.InvariantCulture, $"'{Name}': no layer has a few channels that are fed {Threshold} times what the median is on the calibration samples."));
        rewrite.Graph.ValueInfo.Clear();
        GraphOrder.Sort(rewrite.Graph);
        rewrite.Changed();
        rewrite.Note("outliers-split", string.Create(CultureInfo.InvariantCulture, $"{channels} input channels of {split} layers are multiplied apart from the others, in float."));
    }

    // Empty where there are none, or too many to be called so; null where nothing is known.
    int[]? Outliers(WeightedLayer layer, CalibrationEvidence evidence)
    {
        if (InputForm.Of(layer, out _) is not { } form || evidence.Moments(form)?.All() is not { Rows: > 0 } moments) return null;
        int channels = (int)InputChannels(layer), window = form.RowColumns / channels;
        double[] squares = new double[channels];
        for (int k = 0; k < form.RowColumns; k++) squares[k / window] += moments.Products(k / moments.Columns)[k % moments.Columns * (moments.Columns + 1)];
        if (!squares.All(double.IsFinite)) return null;
        double[] fed = [.. squares.Where(square => square > 0).Order()];
        if (fed.Length == 0) return [];
        double least = Threshold * (double)Threshold * fed[fed.Length / 2];
        int[] outliers = [.. Enumerable.Range(0, channels).Where(channel => squares[channel] >= least)];
        return outliers.Length * FewestChannelsPerOutlier <= channels ? outliers : [];
    }

    static long InputChannels(WeightedLayer layer) => layer.WeightDimensions[InputAxis(layer)];

    static int InputAxis(WeightedLayer layer) => layer.OpType == "Conv" ? 1 : 1 - layer.OutputAxis;

    static void Split(NetworkRewrite rewrite, WeightedLayer layer, int[] outliers)
    {
        var node = layer.Node;
        string input = node.Input[0], output = node.Output[0];
        int channels = (int)InputChannels(layer);
        float[] mask = new float[channels];
        Array.Fill(mask, 1);
        foreach (int channel in outliers) mask[channel] = 0;
        long[] maskShape = layer.OpType == "Conv" ? [1, channels, .. layer.WeightDimensions.Skip(2).Select(_ => 1L)] : [channels];
        long axis = layer.OpType == "Conv" ? 1 : -1;

        // Layers that are fed the same share both parts of it.
        string which = $"{axis} {input} {string.Join(' ', outliers)}";
        string rest = rewrite.Once($"rest {which}", () => rewrite.Add(
            NodeBuilder.Node("Mul", [input, rewrite.AddInitializer(input + "_mask", Tensor.Of(maskShape, mask))], [rewrite.Fresh(input + "_rest")])));
        string few = rewrite.Once($"outliers {which}", () => rewrite.Add(
            NodeBuilder.Node("Gather", [input, rewrite.AddInitializer(input + "_which", Tensor.Of([outliers.Length], Array.ConvertAll(outliers, channel => (long)channel)))], [rewrite.Fresh(input + "_outliers")])
                .With("axis", axis)));

        var (whole, apart) = Divided(rewrite.WeightOf(layer), layer, outliers);
        string columns = rewrite.AddInitializer(layer.WeightName + "_outliers", apart), product = rewrite.Fresh(layer.Id + "_outliers");
        var second = layer.OpType == "Gemm" ? rewrite.Product(few, columns, product) : NodeBuilder.Node(layer.OpType, [few, columns], [product]);
        second.Attribute.AddRange(node.Attribute.Select(attribute => attribute.Clone()));
        node.Input[0] = rest;
        node.Input[layer.WeightInput] = rewrite.AddInitializer(layer.WeightName, whole);
        node.Output[0] = rewrite.Fresh(layer.Id + "_rest");
        rewrite.Add(second);
        rewrite.Add(NodeBuilder.Node("Add", [node.Output[0], product], [output]));
    }

    // The weight without the outliers' columns, 0 in their place, and those columns.
    static (Tensor Whole, Tensor Apart) Divided(float[] weight, WeightedLayer layer, int[] outliers)
    {
        int axis = InputAxis(layer);
        long[] dimensions = [.. layer.WeightDimensions];
        int channels = (int)dimensions[axis], inner = (int)dimensions.Skip(axis + 1).Aggregate(1L, (a, b) => a * b);
        float[] whole = [.. weight];
        float[] apart = new float[weight.Length / channels * outliers.Length];
        for (int outer = 0; outer < weight.Length / (channels * inner); outer++)
        {
            for (int i = 0; i < outliers.Length; i++)
            {
                var column = whole.AsSpan((outer * channels + outliers[i]) * inner, inner);
                column.CopyTo(apart.AsSpan((outer * outliers.Length + i) * inner));
                column.Clear();
            }
        }

        long[] few = [.. dimensions];
        few[axis] = outliers.Length;
        return (Tensor.Of(dimensions, whole), Tensor.Of(few, apart));
    }
}
