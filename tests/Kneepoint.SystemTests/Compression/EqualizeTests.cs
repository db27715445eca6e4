using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Compression.Repair;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Compression;

/// <summary>However layers are joined, equalized networks compute what they computed.</summary>
public sealed class EqualizeTests
{
    const double LeastDecibels = 90;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    public static TheoryData<string, EqualizedSide> Motifs()
    {
        var data = new TheoryData<string, EqualizedSide>();
        foreach (var row in ChannelCutTests.Motifs())
        {
            if (row.Data.Item1 == "grouped") continue;
            data.Add(row.Data.Item1, EqualizedSide.Weights);
            data.Add(row.Data.Item1, EqualizedSide.Activations);
        }

        foreach (string motif in new[] { "normalized product", "scale and shift", "clip at 6", "clip at 0", "number added" })
        {
            data.Add(motif, EqualizedSide.Weights);
            data.Add(motif, EqualizedSide.Activations);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Motifs))]
    public void Network_computes_what_it_computed(string motif, EqualizedSide side)
    {
        var (model, inputs) = JoinedLayers.Network(motif);
        MakeUneven(model);
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);

        var variant = Equalized(model, inputs, side);

        Assert.Contains(variant.Findings, finding => finding.Code == "channels-scaled");
        using var session = Runtime.Open(variant.Model, new SessionSettings());
        double decibels = OutputComparison.Of(session.Run(inputs), expected, (int)expected["y"].Dimensions[0]).SqnrDecibels;
        Assert.True(decibels > LeastDecibels, $"{decibels} dB");
    }

    [Theory]
    [InlineData("chain", "a b")]
    [InlineData("depthwise", "a b c")]
    [InlineData("clip at 6", "b")]
    [InlineData("clip at 0", "a b")]
    [InlineData("number added", "b")]
    [InlineData("squeeze and excitation", "d c")]
    [InlineData("scale and shift", "b")]
    public void Only_what_lies_before_homogeneous_operators_is_scaled(string motif, string scaled)
    {
        var (model, inputs) = JoinedLayers.Network(motif);
        MakeUneven(model);

        var rewrite = new NetworkRewrite(model);
        new Equalize().Restructure(rewrite, [], CalibrationEvidence.OfBaseline(new GivenFacts(null, null)));

        string[] layers = [.. "abcde".Select(letter => letter.ToString()).Where(layer => model.Graph.Node.Any(node => node.Output[0] == layer && node.OpType is "Conv" or "MatMul"))];
        using var before = Runtime.Open(WithOutputs(model, layers), new SessionSettings());
        using var after = Runtime.Open(WithOutputs(rewrite.Model, layers), new SessionSettings());
        var (first, second) = (before.Run(inputs), after.Run(inputs));
        string[] changed = [.. layers.Where(layer => OutputComparison.Of(Only(second, layer), Only(first, layer), 2).SqnrDecibels < LeastDecibels)];
        Assert.Equal(scaled.Split(' ').Order(), changed);
    }

    [Fact]
    public void Quantization_with_one_scale_for_each_tensor_loses_less()
    {
        var (model, inputs) = JoinedLayers.Network("chain");

        // The same function, its first channels small where they are made and large where they are read.
        Multiply(model, "w_a", 0, c => MathF.Pow(10, -0.4f * c));
        Multiply(model, "b_a", 0, c => MathF.Pow(10, -0.4f * c));
        Multiply(model, "w_b", 1, c => MathF.Pow(10, 0.4f * c));
        using var baseline = Runtime.Open(model, new SessionSettings());
        var expected = baseline.Run(inputs);
        var integer = MethodCatalog.Parse(new Step("static-int8", ["*"], System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("scales", "tensor"))).ToStep("*");

        double plain = Decibels(new Recipe([integer])), repaired = Decibels(new Recipe([new Equalize().ToStep("*"), integer]));

        Assert.True(repaired > plain + 6, $"{plain} dB, then {repaired} dB");

        double Decibels(Recipe recipe)
        {
            var restructured = recipe.Steps.Length > 1 ? Equalized(model, inputs, EqualizedSide.Weights).Model : model;
            var last = new Recipe([recipe.Steps[^1]]);
            var statistics = Kneepoint.Calibration.ActivationCollector.Collect(Runtime, restructured, [new SampleBatch(inputs, null, 2)], Compressor.RequiredActivations(restructured, last));
            using var session = Runtime.Open(Compressor.Apply(restructured, last, statistics).Model, new SessionSettings());
            return OutputComparison.Of(session.Run(inputs), expected, 2).SqnrDecibels;
        }
    }

    static CompressedNetwork Equalized(OnnxModel model, Dictionary<string, Tensor> inputs, EqualizedSide side)
    {
        var moments = new Dictionary<string, SplitMoments>(StringComparer.Ordinal);
        var forms = Compressor.LayersOf(model).Select(layer => InputForm.Of(layer, out _)).OfType<InputForm>().DistinctBy(form => form.Key);
        MomentCollector.Collect(Runtime, model, [new SampleBatch(inputs, null, (int)inputs["x"].Dimensions[0])], forms, (form, known) => moments.Add(form.Key, known));
        return Compressor.Apply(model, new Recipe([new Equalize { Side = side }.ToStep("*")]), null, new DataRoundings(form => moments.GetValueOrDefault(form.Key)));
    }

    // Output channels of very unlike size: the first ones a hundred times smaller.
    static void MakeUneven(OnnxModel model)
    {
        for (int t = 0; t < model.Graph.Initializer.Count; t++)
        {
            var tensor = model.Graph.Initializer[t];
            if (!tensor.Name.StartsWith("w_", StringComparison.Ordinal)) continue;
            int axis = tensor.Dims.Count == 4 ? 0 : tensor.Dims.Count - 1;
            Multiply(model, tensor.Name, axis, c => MathF.Pow(10, -2f * (1 - c / (float)tensor.Dims[axis])));
        }
    }

    static void Multiply(OnnxModel model, string name, int axis, Func<int, float> factor)
    {
        int place = model.Graph.Initializer.ToList().FindIndex(initializer => initializer.Name == name);
        var tensor = model.Graph.Initializer[place];
        float[] values = TensorData.ReadFloat32(tensor, model);
        int inner = (int)tensor.Dims.Skip(axis + 1).Aggregate(1L, (a, b) => a * b), size = (int)tensor.Dims[axis];
        for (int i = 0; i < values.Length; i++) values[i] *= factor(i / inner % size);
        model.Graph.Initializer[place] = TensorData.Write(name, Tensor.Of([.. tensor.Dims], values));
    }

    static OnnxModel WithOutputs(OnnxModel model, string[] names)
    {
        var copy = model.Clone();
        copy.Graph.Output.Clear();
        copy.Graph.Output.AddRange(names.Select(name => new Kneepoint.Onnx.Protocol.ValueInfoProto { Name = name }));
        return copy;
    }

    static Dictionary<string, Tensor> Only(IReadOnlyDictionary<string, Tensor> outputs, string name) => new Dictionary<string, Tensor> { [name] = outputs[name] };
}
