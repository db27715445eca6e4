using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Repair;

/// <summary>What <see cref="Equalize"/> makes alike.</summary>
public enum EqualizedSide
{
    /// <summary>The largest weights that make a channel and those that read it.</summary>
    Weights,

    /// <summary>How strongly a channel is fed, and the largest weights that read it.</summary>
    Activations,
}

/// <summary>Moves factors between layers so that the channels which share a scale become alike; what the network computes stays.</summary>
/// <remarks>
/// Channel i is divided by s_i where it is made and multiplied where it is read. Between weights, s_i = √(r_i / c_i) with r_i and c_i the largest magnitudes that make and read it, turn by turn until nothing moves: [Nagel2019] equation 11.
/// Between activations and weights, s_i = a_i^α / c_i^(1−α) with a_i the root mean square of the channel on the calibration samples: [Xiao2023] equation 4, which takes the largest value; [Lin2024] for weights in blocks.
/// Factors are powers of two rounded to sixteenths of an octave, so that few digits are lost. <see cref="ScaleGraph"/> says which channels can be scaled.
/// </remarks>
public sealed record Equalize : RestructuringMethod
{
    internal const string MethodName = "equalize";
    const int MostTurns = 20;
    const double Settled = 0.01;
    const double MostOctaves = 12;

    /// <summary>What is made alike.</summary>
    public EqualizedSide Side { get; init; }

    /// <summary>α in per cent: 25, 50 or 75; how much of the unlikeness goes into the weights, where activations are one side.</summary>
    public int StrengthPercent
    {
        get; init => field = value is 25 or 50 or 75 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "StrengthPercent must be 25, 50 or 75.");
    } = 50;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "channels scaled alike, for the quantization behind; nothing that is computed changes";

    /// <inheritdoc/>
    public override bool TreatsWholeNetwork => true;

    /// <inheritdoc/>
    public override RestructuringStage Stage => RestructuringStage.Equalize;

    /// <inheritdoc/>
    public override bool NeedsMoments => Side == EqualizedSide.Activations;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => StepOptions.Of(
        ("by", Side == EqualizedSide.Activations ? "activations" : "weights", "weights"), ("strength", (StrengthPercent / 100.0).ToString("0.##", CultureInfo.InvariantCulture), "0.5"));

    internal static CompressionMethod Read(StepOptions options) => new Equalize
    {
        Side = options.Choose("by", ("weights", EqualizedSide.Weights), ("activations", EqualizedSide.Activations)),
        StrengthPercent = options.Choose("strength", ("0.5", 50), ("0.25", 25), ("0.75", 75)),
    };

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return TensorData.StoredBytes(layer.Weight);
    }

    internal override void Restructure(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers, CalibrationEvidence evidence)
    {
        var graph = ScaleGraph.Of(rewrite);
        var axes = graph.Axes.Where(axis => graph.Tracker.Index.TryConstant(axis.Tensor, out var tensor) && TensorData.TypeOf(tensor) == ElementType.Float32).ToArray();
        foreach (var axis in graph.Axes.Except(axes)) graph.Tracker.Keep(axis.Places, "are computed in another type");

        // Only channels that one layer makes and another one reads have somewhere to move factors to.
        var weights = axes.Where(axis => Tensor(graph, axis.Tensor).Dims.Count >= 2).ToArray();
        var made = weights.Where(axis => axis.IsMade).SelectMany(axis => axis.Places).Select(graph.Tracker.Classes.Of).ToHashSet();
        if (Side == EqualizedSide.Activations) made.UnionWith(axes.Where(axis => axis.IsMade).SelectMany(axis => axis.Places).Select(graph.Tracker.Classes.Of));
        var classes = weights.Where(axis => !axis.IsMade).SelectMany(axis => axis.Places).Select(graph.Tracker.Classes.Of).Distinct()
            .Where(place => made.Contains(place) && graph.Tracker.Classes.WhyKept(place) is null).ToHashSet();
        if (classes.Count == 0) throw new RecipeNotApplicableException($"'{Name}': no channel can be scaled: between the layers lies nothing but operators that change with the scale.");
        var tensors = axes.Select(axis => axis.Tensor).Distinct().ToDictionary(name => name, name => TensorData.ReadFloat32(Tensor(graph, name), rewrite.Model), StringComparer.Ordinal);
        if (tensors.Values.Any(values => !values.All(float.IsFinite))) throw new RecipeNotApplicableException($"'{Name}': the network has weights that are no finite numbers.");

        var octaves = classes.ToDictionary(place => place, _ => 0.0);
        for (int turn = 0; turn < (Side == EqualizedSide.Weights ? MostTurns : 1); turn++)
        {
            var moved = Side == EqualizedSide.Weights ? BetweenWeights(graph, weights, tensors, classes) : FromActivations(rewrite, graph, weights, tensors, classes, evidence);
            Scale(graph, axes, tensors, moved);
            foreach (var (place, octave) in moved) octaves[place] += octave;
            if (moved.Values.All(octave => Math.Abs(octave) < Settled)) break;
        }

        foreach (var (name, values) in tensors) Replace(rewrite, name, Tensor(graph, name), values);
        rewrite.Changed();
        int scaled = octaves.Values.Count(octave => octave != 0);
        if (scaled == 0) throw new RecipeNotApplicableException($"'{Name}': the channels are alike already.");
        rewrite.Note("channels-scaled", string.Create(CultureInfo.InvariantCulture, $"{scaled} channels were scaled, by up to {Math.Pow(2, octaves.Values.Max(Math.Abs)):0.#}; what the network computes stays."));
    }

    static Dictionary<int, double> BetweenWeights(ScaleGraph graph, ScaledAxis[] weights, Dictionary<string, float[]> tensors, HashSet<int> classes)
    {
        var (made, read) = (Largest(graph, weights.Where(axis => axis.IsMade), tensors), Largest(graph, weights.Where(axis => !axis.IsMade), tensors));
        return classes.ToDictionary(place => place, place => made.GetValueOrDefault(place) is var r and > 0 && read.GetValueOrDefault(place) is var c and > 0 ? Rounded(0.5 * Math.Log2(r / c)) : 0);
    }

    Dictionary<int, double> FromActivations(NetworkRewrite rewrite, ScaleGraph graph, ScaledAxis[] weights, Dictionary<string, float[]> tensors, HashSet<int> classes, CalibrationEvidence evidence)
    {
        var read = Largest(graph, weights.Where(axis => !axis.IsMade), tensors);
        var fed = new Dictionary<int, double>();
        foreach (var layer in rewrite.Layers)
        {
            if (InputForm.Of(layer, out _) is not { Groups: 1 } form || evidence.Moments(form) is not { } moments) continue;
            var axis = weights.FirstOrDefault(axis => axis.Tensor == layer.WeightName && !axis.IsMade);
            if (axis is null) continue;
            var all = moments.All();
            int each = all.Columns / axis.Places.Length;
            for (int k = 0; k < all.Columns && each > 0; k++)
            {
                int place = graph.Tracker.Classes.Of(axis.Places[k / each]);
                double square = all.Products(0)[k * (all.Columns + 1)] / Math.Max(1, all.Rows);
                fed[place] = Math.Max(fed.GetValueOrDefault(place), Math.Sqrt(square));
            }
        }

        double alpha = StrengthPercent / 100.0;
        return classes.ToDictionary(place => place, place => fed.GetValueOrDefault(place) is var a and > 0 && read.GetValueOrDefault(place) is var c and > 0
            ? Rounded(alpha * Math.Log2(a) - (1 - alpha) * Math.Log2(c)) : 0);
    }

    static Dictionary<int, double> Largest(ScaleGraph graph, IEnumerable<ScaledAxis> axes, Dictionary<string, float[]> tensors)
    {
        var largest = new Dictionary<int, double>();
        foreach (var axis in axes)
        {
            float[] values = tensors[axis.Tensor];
            int inner = Inner(graph, axis);
            for (int i = 0; i < values.Length; i++)
            {
                int place = graph.Tracker.Classes.Of(axis.Places[i / inner % axis.Places.Length]);
                double magnitude = Math.Abs((double)values[i]);
                if (magnitude > largest.GetValueOrDefault(place)) largest[place] = magnitude;
            }
        }

        return largest;
    }

    static void Scale(ScaleGraph graph, ScaledAxis[] axes, Dictionary<string, float[]> tensors, Dictionary<int, double> octaves)
    {
        foreach (var axis in axes)
        {
            float[] values = tensors[axis.Tensor];
            int inner = Inner(graph, axis);
            for (int i = 0; i < values.Length; i++)
            {
                if (octaves.GetValueOrDefault(graph.Tracker.Classes.Of(axis.Places[i / inner % axis.Places.Length])) is var octave and not 0) values[i] = (float)(values[i] * Math.Pow(2, axis.IsMade ? -octave : octave));
            }
        }
    }

    static int Inner(ScaleGraph graph, ScaledAxis axis) => (int)Tensor(graph, axis.Tensor).Dims.Skip(axis.Axis + 1).Aggregate(1L, (a, b) => a * b);

    static TensorProto Tensor(ScaleGraph graph, string name) => graph.Tracker.Index.TryConstant(name, out var tensor) ? tensor : throw new InvalidOperationException($"'{name}' is no fixed tensor.");

    static double Rounded(double octave) => Math.Round(Math.Clamp(octave, -MostOctaves, MostOctaves) * 16) / 16;

    static void Replace(NetworkRewrite rewrite, string name, TensorProto old, float[] values)
    {
        string made = rewrite.AddInitializer(name, Kneepoint.Tensors.Tensor.Of([.. old.Dims], values));
        foreach (var node in rewrite.Graph.Node)
        {
            for (int i = 0; i < node.Input.Count; i++)
            {
                if (node.Input[i] == name) node.Input[i] = made;
            }
        }
    }
}
