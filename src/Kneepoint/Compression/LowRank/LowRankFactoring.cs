using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.LowRank;

/// <summary>Layers as products of two smaller ones, where that computes and stores less.</summary>
/// <remarks>
/// The rank of each layer is the least whose squared output error on the calibration samples stays below a share of the outputs' energy (<see cref="Spectrum"/>). With a bias that is free, energies are those of the
/// covariance and the bias takes up the mean. A layer becomes two where both multiply-accumulates and weights fall by at least a tenth.
/// Known weakness: convolutions that were trained without a penalty on rank have broad spectra, and the error adds up over layers.
/// </remarks>
public sealed record LowRankFactoring : RestructuringMethod
{
    internal const string MethodName = "low-rank";

    /// <summary>Outputs at most: beyond, eigenvectors take minutes.</summary>
    internal const int MostRows = 1536;

    /// <summary>The share of the mean diagonal that is added to the diagonal of what is solved.</summary>
    internal const double Damping = 1e-6;
    const double LeastGain = 0.9;
    const int Unit = 8;
    const int SmallRank = 16;
    static readonly (string Text, double Value)[] Errors = [("0.01", 0.01), ("0.001", 0.001), ("0.003", 0.003), ("0.03", 0.03), ("0.1", 0.1), ("0.2", 0.2)];

    /// <summary>The largest squared output error of a layer, as a share of its outputs' energy: 0.001, 0.003, 0.01, 0.03, 0.1 or 0.2.</summary>
    public double Error
    {
        get; init => field = Errors.Any(error => error.Value == value) ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Error must be 0.001, 0.003, 0.01, 0.03, 0.1 or 0.2.");
    } = 0.01;

    /// <summary>How layers become two.</summary>
    public LowRankForm Form { get; init; }

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "layers as products of two smaller ones";

    /// <inheritdoc/>
    public override RestructuringStage Stage => RestructuringStage.Factor;

    /// <inheritdoc/>
    public override bool NeedsMoments => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("error", Errors.First(error => error.Value == Error).Text, "0.01"), ("form", Form.ToString().ToLowerInvariant(), "auto"));

    internal static ImmutableArray<CompressionMethod> Grid { get; } = [.. new[] { 0.001, 0.003, 0.01, 0.03, 0.1 }.Select(error => new LowRankFactoring { Error = error })];

    internal static CompressionMethod Read(StepOptions options) => new LowRankFactoring
    {
        Error = options.Choose("error", Errors),
        Form = options.Choose("form", ("auto", LowRankForm.Auto), ("product", LowRankForm.Product), ("spatial", LowRankForm.Spatial)),
    };

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
            "MatMul" when layer.WeightDimensions.Count != 2 => "multiplies with a batch of matrices",
            _ when layer.OutputChannels > MostRows => string.Create(CultureInfo.InvariantCulture, $"has {layer.OutputChannels} outputs, more than the {MostRows} that are decomposed"),
            _ when layer.ReductionLength < 2 || layer.OutputChannels < 2 => "has rank 1",
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
        var shapes = ShapeInference.Infer(rewrite.Model, new InputShapes());
        int factored = 0;
        double before = 0, after = 0;
        foreach (var layer in layers)
        {
            var rows = LayerRows.Of(rewrite, layer, evidence);
            var window = Window.Of(layer, shapes);
            if (Best(rows, window) is not { } factors)
            {
                rewrite.KeptInFloat(layer.Id, layer.OpType, Name, string.Create(CultureInfo.InvariantCulture, $"has no two factors that compute and store a tenth less at an error of {Error}"));
                continue;
            }

            if (rows.Moments is null) rewrite.Note("factored-without-samples", $"'{layer.Id}' ({layer.OpType}) is factored without the calibration samples: of its input nothing is known.");
            (before, after) = (before + window.Positions * (double)layer.WeightCount, after + window.MacsOf(factors));
            Replace(rewrite, rows, factors, window);
            rewrite.Restructured(layer, this);
            factored++;
        }

        if (factored == 0) throw new RecipeNotApplicableException(string.Create(CultureInfo.InvariantCulture, $"'{Name}': no layer has two factors that compute and store a tenth less at an error of {Error}. Allow a larger 'error'."));
        rewrite.Note("layers-factored", string.Create(CultureInfo.InvariantCulture,
            $"{factored} layers became two each: {before:0} multiply-accumulates of a sample become {after:0}."));
    }

    LayerFactors? Best(LayerRows rows, Window window)
    {
        double[] moment = rows.SecondMomentOf(rows.Moments?.All());
        var candidates = new List<LayerFactors?>();
        bool isSpatial = window.Height > 1 && window.Width > 1;
        int unit = Math.Min(rows.Rows, rows.Order) > 2 * SmallRank ? Unit : 1;
        if (Form != LowRankForm.Spatial || !isSpatial) candidates.Add(LayerFactors.Product(rows, moment, Error, unit));
        if (Form != LowRankForm.Product && isSpatial) candidates.Add(LayerFactors.Spatial(rows, moment, window.Height, window.Width, Error, unit));
        double macs = window.Positions * (double)rows.Weight.Length;
        return candidates.OfType<LayerFactors>().Where(factors => window.MacsOf(factors) <= LeastGain * macs && factors.WeightCount <= LeastGain * rows.Weight.Length)
            .OrderBy(factors => window.MacsOf(factors)).FirstOrDefault();
    }

    // The layer's node becomes the second factor, so that its output keeps its name; the first one goes before it.
    static void Replace(NetworkRewrite rewrite, LayerRows rows, LayerFactors factors, Window window)
    {
        var layer = rows.Layer;
        var node = layer.Node;
        string between = rewrite.Fresh(layer.Id + "_r");
        NodeProto first;
        if (rows.IsCentered && rows.Moments is not null) rows.AddToBias(rewrite, rows.ShiftOf(factors.Whole));
        switch (layer.OpType)
        {
            case "Conv":
                first = NodeBuilder.Node("Conv", [node.Input[0], Weight(factors.First, window.FirstDimensions(factors, layer))], [between]);
                first.Attribute.AddRange(node.Attribute.Select(attribute => attribute.Clone()));
                window.Split(first, node, factors);
                node.Input[0] = between;
                node.Input[1] = Weight(factors.Second, window.SecondDimensions(factors, layer));
                break;
            case "Gemm":
                first = rewrite.Product(node.Input[0], Weight(factors.First, [factors.Rank, rows.Order]), between).With("transB", 1L);
                if (node.GetInt("transA", 0) != 0) first.With("transA", 1L);
                node.Without("transA").With("transB", 1L);
                node.Input[0] = between;
                node.Input[1] = Weight(factors.Second, [rows.Rows, factors.Rank]);
                break;
            case "MatMul" when layer.WeightInput == 0:
                first = NodeBuilder.Node("MatMul", [Weight(factors.First, [factors.Rank, rows.Order]), node.Input[1]], [between]);
                node.Input[0] = Weight(factors.Second, [rows.Rows, factors.Rank]);
                node.Input[1] = between;
                break;
            default:
                first = NodeBuilder.Node("MatMul", [node.Input[0], Weight(Turned(factors.First, rows.Order), [rows.Order, factors.Rank])], [between]);
                node.Input[0] = between;
                node.Input[1] = Weight(Turned(factors.Second, factors.Rank), [factors.Rank, rows.Rows]);
                break;
        }

        rewrite.AddPart(layer, first);
        rewrite.Add(first);
        rewrite.Graph.ValueInfo.Clear();
        GraphOrder.Sort(rewrite.Graph);
        rewrite.Changed();

        string Weight(double[] values, long[] dimensions) => rewrite.AddInitializer(layer.WeightName, Tensor.Of(dimensions, Array.ConvertAll(values, value => (float)value)));
    }

    static double[] Turned(double[] matrix, int columns)
    {
        int rows = matrix.Length / columns;
        double[] turned = new double[matrix.Length];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < columns; j++) turned[j * rows + i] = matrix[i * columns + j];
        }

        return turned;
    }
}
