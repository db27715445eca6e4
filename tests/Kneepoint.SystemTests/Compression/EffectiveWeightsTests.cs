using System.Collections.Concurrent;
using System.Collections.Immutable;
using Kneepoint.App;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.SystemTests.Compression;

/// <summary>The baseline with a variant's effective weights put into it gives what the variant gives.</summary>
public sealed class EffectiveWeightsTests
{
    const int Samples = 16;
    const double SameDecibels = 70;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly ConcurrentDictionary<string, Lazy<(Subject Subject, StudyCalibration Calibration)>> Known = new(StringComparer.Ordinal);

    // Weights alone change: outputs are the same but for the order of sums.
    [Theory]
    [InlineData("glyphs", "weight-int3 rounding=data scale-bits=8")]
    [InlineData("glyphs", "weight-int2 zero-point=block")]
    [InlineData("glyphs", "fp16-weights")]
    [InlineData("glyphs", "shared-weights bits=3")]
    [InlineData("glyphs", "rate-constrained price=1e-6")]
    [InlineData("glyphs", "low-rank error=0.1")]
    [InlineData("glyphs", "low-rank error=0.1 form=spatial")]
    [InlineData("glyphs", "sparse-weights")]
    [InlineData("glyphs", "prune-channels ratio=0.5")]
    [InlineData("kws", "prune-channels ratio=0.3")]
    [InlineData("cifar10_bn", "prune-channels ratio=0.3")]
    [InlineData("clinc150", "shared-weights bits=4")]
    [InlineData("clinc150", "rate-constrained price=1e-6")]
    [InlineData("clinc150", "low-rank error=0.1")]
    [InlineData("char-lstm", "weight-int4")]
    public void Weights_of_a_variant_in_the_baseline_give_the_outputs_of_the_variant(string network, string recipe) =>
        Assert.InRange(DecibelsOf(network, recipe), SameDecibels, double.PositiveInfinity);

    // A kernel for products of few bits rounds what it is fed to 8 bits, block by block.
    [Theory]
    [InlineData("glyphs", "weight-int8")]
    [InlineData("glyphs", "weight-int4")]
    [InlineData("glyphs", "prune-channels ratio=0.3 + weight-int8")]
    [InlineData("glyphs", "low-rank error=0.1 + weight-int8")]
    [InlineData("kws", "weight-int4 rounding=data")]
    [InlineData("cifar10_bn", "weight-int4")]
    public void Weights_of_a_variant_with_product_kernels_give_its_outputs_but_for_what_the_kernels_round(string network, string recipe) =>
        Assert.InRange(DecibelsOf(network, recipe), 35, double.PositiveInfinity);

    // Activations are rounded as well, to 8 bits or finer: what is left is their noise. Weights of 7 bits saturate on no processor.
    [Theory]
    [InlineData("glyphs", "static-int8 range=percentile weights=7")]
    [InlineData("glyphs", "static-int8 rounding=data weights=4")]
    [InlineData("glyphs", "dynamic-int8 weights=7")]
    [InlineData("kws", "static-int8 weights=7")]
    [InlineData("clinc150", "dynamic-int8 weights=7")]
    [InlineData("clinc150", "weight-int4 block=32")]
    [InlineData("adult", "dynamic-int8 weights=4")]
    public void Weights_of_a_variant_that_rounds_activations_give_its_outputs_but_for_that_noise(string network, string recipe) =>
        Assert.InRange(DecibelsOf(network, recipe), 18, double.PositiveInfinity);

    [Fact]
    public void What_lies_between_layers_is_not_compared_one_by_one()
    {
        var (subject, calibration) = Of("glyphs");

        var weights = EffectiveWeights.Of(EffectiveWeights.ReferenceOf(subject.Baseline), subject.Baseline, Parse("equalize + weight-int8"), calibration.With(_ => { }, CancellationToken.None), Runtime);

        Assert.All(weights.Layers, layer => Assert.Contains("equalize", layer.Reason, StringComparison.Ordinal));
    }

    [Fact]
    public void The_network_is_the_one_that_the_recipe_makes()
    {
        var (subject, calibration) = Of("glyphs");
        var calibrator = calibration.With(_ => { }, CancellationToken.None);
        var recipe = Parse("static-int8 rounding=data");

        var weights = EffectiveWeights.Of(EffectiveWeights.ReferenceOf(subject.Baseline), subject.Baseline, recipe, calibrator, Runtime);

        Assert.Equal(Compressor.Apply(subject.Baseline, recipe, calibrator).Model.ToBytes(), weights.Model.ToBytes());
        Assert.All(weights.Layers, layer => Assert.All(layer.Tensors, name => Assert.Contains(weights.Model.Graph.Initializer, tensor => tensor.Name == name)));
        Assert.All(weights.Layers, layer => Assert.NotEmpty(layer.Tensors));
    }

    static double DecibelsOf(string network, string text)
    {
        var (subject, calibration) = Of(network);
        var reference = EffectiveWeights.ReferenceOf(subject.Baseline);
        var weights = EffectiveWeights.Of(reference, subject.Baseline, Parse(text), calibration.With(_ => { }, CancellationToken.None), Runtime);
        Assert.All(weights.Layers, layer => Assert.True(layer.Weight is not null, $"{layer.Layer.Id}: {layer.Reason}"));
        var changed = reference.Model.Clone();
        var change = VariantChange.Of("", reference, weights);
        Assert.NotEmpty(change.Tensors);
        foreach (var tensor in changed.Graph.Initializer)
        {
            if (!change.Tensors.TryGetValue(tensor.Name, out float[]? difference)) continue;
            TensorData.Overwrite(tensor, [.. TensorData.ReadFloat32(tensor, changed).Zip(difference, (a, b) => a + b)]);
        }

        int size = subject.BatchSize(Samples);
        var batch = subject.Data.Read(DataPart.Evaluate, size, size).First();
        using var first = Runtime.Open(weights.Model, new SessionSettings());
        using var second = Runtime.Open(changed, new SessionSettings());
        return OutputComparison.Of(second.Run(batch.Inputs), first.Run(batch.Inputs), batch.Count).SqnrDecibels;
    }

    static (Subject Subject, StudyCalibration Calibration) Of(string network)
    {
        string cases = Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Cases");
        var (model, data) = network switch
        {
            "glyphs" => (Path.Combine(Repository.Root, "samples", "glyphs", "glyphs.onnx"), Path.Combine(Repository.Root, "samples", "glyphs", "data.yaml")),
            "kws" => (Path.Combine(Repository.Case("kws"), "dscnn_kws_ref.onnx"), Path.Combine(cases, "kws.yaml")),
            "cifar10_bn" => (Path.Combine(Repository.Case("cifar10"), "resnet20_ft_bn.onnx"), Path.Combine(cases, "cifar10.yaml")),
            "clinc150" => (Path.Combine(Repository.Case("clinc150"), "clinc_transformer.onnx"), Path.Combine(cases, "clinc150.yaml")),
            "char-lstm" => (Path.Combine(Repository.Case("char-lstm"), "char_lstm_shakespeare_t100.onnx"), Path.Combine(cases, "char-lstm.yaml")),
            _ => (Path.Combine(Repository.Case("adult"), "adult_mlp.onnx"), Path.Combine(cases, "adult.yaml")),
        };
        return Known.GetOrAdd(network, _ => new(() =>
        {
            var settings = new ExplorationSettings { MomentSamples = 64, RangeSamples = 32, SensitivitySamples = 16, EvaluationThreads = 2 };
            var subject = SubjectFile.Open(model, data, Runtime, settings, CancellationToken.None);
            return (subject, new StudyCalibration(subject, settings));
        })).Value;
    }

    static Recipe Parse(string text) => new([.. text.Split('+', StringSplitOptions.TrimEntries).Select(step =>
    {
        string[] words = step.Split(' ');
        return new Step(words[0], [Step.WholeNetwork], words.Skip(1).Select(word => word.Split('=')).ToImmutableSortedDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal));
    })]);
}
