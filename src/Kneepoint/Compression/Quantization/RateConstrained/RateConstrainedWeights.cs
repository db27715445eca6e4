using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Weights become whole multiples of a step for each layer, chosen so that what the network loses and what the packed file gains balance at one price everywhere.</summary>
/// <remarks>
/// The variant computes in float and its ONNX file is as large as before; its packed file is small. The loss is the divergence of the network's outputs: what a layer's output error
/// contributes to it is measured on calibration samples, layer by layer. Biases and other vectors get steps by the same price.
/// Known weakness: each layer is judged by itself, with the others as they were; at a high price losses add up to more.
/// Source: [Conzelmann2025] for the rounding; equal slopes after [Shoham1988].
/// </remarks>
public sealed record RateConstrainedWeights : CompressionMethod
{
    internal const string MethodName = "rate-constrained";
    const int LeastVector = 8;

    /// <summary>Divergence for a bit: the loss that one bit less may cost.</summary>
    public double Price
    {
        get; init => field = value is > 0 and < 1 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "Price must be above 0 and below 1.");
    } = 1e-7;

    /// <summary>The nearest price of two digits, which say enough and read well.</summary>
    /// <param name="price">Divergence for a bit, above 0.</param>
    public static double RoundPrice(double price) => double.Parse(price.ToString("E1", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    /// <summary>Whether layers are fitted to what the rounded layers before feed them.</summary>
    public bool IsFittedInSuccession { get; init; }

    /// <summary>Whether multiples depend on those before (trellis-coded quantization).</summary>
    public bool IsTrellis { get; init; } = true;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "weights as multiples of a step per layer, at one price for a bit; pays in packed files only";

    /// <inheritdoc/>
    public override bool NeedsMoments => true;

    internal override bool IsSuccessive => IsFittedInSuccession;

    /// <inheritdoc/>
    public override bool PaysOnlyWhenPacked => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("price", Price.ToString("R", CultureInfo.InvariantCulture), "1E-07"), ("quantizer", IsTrellis ? "trellis" : "scalar", "trellis"),
        ("rounding", IsFittedInSuccession ? "successive" : "data", "data"));

    internal static CompressionMethod Read(StepOptions options)
    {
        string text = options.Text("price", "1E-07");
        bool isNumber = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double price) && price is > 0 and < 1;
        return new RateConstrainedWeights
        {
            Price = isNumber ? price : throw new RecipeNotApplicableException($"Step '{MethodName}': expected a price above 0 and below 1, as 1e-7; found '{text}'."),
            IsTrellis = options.Choose("quantizer", ("trellis", true), ("scalar", false)),
            IsFittedInSuccession = options.Choose("rounding", ("data", false), ("successive", true)),
        };
    }

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.ElementType != ElementType.Float32 ? "has weights of another type than float32" : null;
    }

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.WeightCount * sizeof(float);
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        var curvatures = layers.ToDictionary(layer => layer.Id, layer => OutputCurvature.Of(rewrite, layer), StringComparer.Ordinal);
        var vectors = VectorsOf(rewrite, layers);
        foreach (var layer in layers)
        {
            rewrite.RequireFiniteWeights(layer);
            rewrite.Treated(layer, this, FloatBits, FloatBits);
            double price = Price / curvatures[layer.Id];
            string name = rewrite.Once($"{ToText()} {layer.OutputAxis} {layer.WeightName}", () => Round(rewrite, layer, price));
            rewrite.TakeWeight(layer, name);
            RoundBias(rewrite, layer, price);
        }

        foreach (var (vector, curvature) in vectors)
        {
            if (Rounded(TensorData.ReadFloat32(vector, rewrite.Model), StepSize.Balanced(Price, curvature)) is not { } values) continue;
            TensorData.Overwrite(vector, values);
        }

        rewrite.Changed();
    }

    const int FloatBits = 32;

    string Round(NetworkRewrite rewrite, WeightedLayer layer, double price)
    {
        var rows = WeightRows.Of(rewrite, layer);
        var rounding = new PriceRounding(price, LayerBias.IsFree(rewrite, layer), IsTrellis && rows.RowsFollowAnAxis);
        if (rewrite.Rounded(layer, rows, rounding, IsFittedInSuccession, out string reason) is not SteppedWeight rounded)
        {
            rewrite.Note("errors-count-alike", $"'{layer.Id}' ({layer.OpType}) is rounded as if all errors of its weights mattered alike: it {reason}.");
            rounded = rounding.Blindly(rows, rewrite.Roundings?.Threads ?? 1);
        }

        if (rounded.MeanError.Length > 0) LayerBias.Subtract(rewrite, layer, rounded.MeanError);
        return rewrite.AddInitializer(layer.WeightName + "_q", Tensor.Of([.. layer.WeightDimensions], rows.Stored(rounded.Values())));
    }

    // A bias is a weight of an input that is always 1.
    static void RoundBias(NetworkRewrite rewrite, WeightedLayer layer, double price)
    {
        if (layer.OpType is not ("Conv" or "ConvTranspose" or "Gemm") || layer.Node.Input.Count < 3 || !rewrite.Index.TryConstant(layer.Node.Input[2], out var bias)) return;
        if (Rounded(TensorData.ReadFloat32(bias, rewrite.Model), StepSize.Balanced(price, 1)) is not { } values) return;
        layer.Node.Input[2] = rewrite.AddInitializer(bias.Name + "_q", Tensor.Of([.. bias.Dims], values));
        rewrite.Changed();
    }

    // All other vectors of the main graph: of normalizations, of additions behind products. Their curvatures are found before anything is rounded.
    static List<(TensorProto Vector, double Curvature)> VectorsOf(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        var treated = layers.SelectMany(layer => layer.Node.Input).ToHashSet(StringComparer.Ordinal);
        var vectors = new List<(TensorProto, double)>();
        foreach (var vector in rewrite.Graph.Initializer)
        {
            if (vector.DataType != (int)ElementType.Float32 || treated.Contains(vector.Name) || TensorData.Count(vector) < LeastVector) continue;
            if (rewrite.Index.Consumers(vector.Name).Count > 0 && OutputCurvature.Of(rewrite, vector) is { } curvature) vectors.Add((vector, curvature));
        }

        return vectors;
    }

    // Null where the step is finer than the numbers' own, or some number is not finite.
    static float[]? Rounded(float[] values, double wanted)
    {
        float step = StepSize.Round((float)wanted);
        if (!float.IsNormal(step) || values.Any(value => !float.IsFinite(value) || Math.Abs(value) > step * RateRounding.MostMultiple)) return null;
        return Array.ConvertAll(values, value => MathF.Round(value / step) * step + 0f);
    }
}
