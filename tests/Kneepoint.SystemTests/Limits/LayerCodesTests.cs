using System.Collections.Immutable;
using Kneepoint.Coding;
using Kneepoint.Compression;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Limits;

/// <summary>Independent weights in a network of one layer: what quantizers and the packer make of them is never below the ideal code of the same error.</summary>
public sealed class LayerCodesTests : IDisposable
{
    const int Inputs = 256, Outputs = 128;

    // The bound is of the source; the packed numbers are one draw of it. Of 32,768 numbers the difference is below this.
    const double Chance = 0.02;

    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    readonly TemporaryFolder _folder = new();

    public static TheoryData<string, string> Codes
    {
        get
        {
            var codes = new TheoryData<string, string>();
            foreach (string density in new[] { "Gauss", "Laplace", "uniform" })
            {
                foreach (string recipe in new[] { "weight-int8", "weight-int4", "weight-int3 block=32", "weight-int2", "shared-weights bits=2", "shared-weights bits=4", "rate-constrained price=1e-4", "rate-constrained price=1e-6" }) codes.Add(density, recipe);
            }

            return codes;
        }
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Codes))]
    public void No_code_of_independent_weights_beats_the_ideal_one(string density, string recipe)
    {
        var code = CodeOf(density, recipe);

        Assert.True(code.IdealBitsPerWeight is not null, code.Reason);
        Assert.True(code.BitsPerWeight >= code.IdealBitsPerWeight - Chance, $"{code.BitsPerWeight} bits a weight are achieved, {code.IdealBitsPerWeight} are stated to be the least ({code.IdealStatement}).");
        Assert.Equal(code.BitsPerWeight - code.IdealBitsPerWeight, code.GapBitsPerWeight);
        Assert.Equal(code.WastedBits!.Value, code.GapBitsPerWeight!.Value * Inputs * Outputs, 1e-6);
    }

    // Of a Gaussian of unit variance R(D) = ½·log₂(1/D): the histogram's rate is near that, whatever the statement.
    [Theory]
    [InlineData("weight-int8")]
    [InlineData("weight-int4")]
    [InlineData("weight-int2")]
    [InlineData("shared-weights bits=3")]
    public void The_ideal_code_of_Gaussian_weights_is_that_of_the_closed_form(string recipe)
    {
        var code = CodeOf("Gauss", recipe);

        Assert.Equal(code.SignalToNoiseDecibels!.Value * Math.Log2(10) / 20, code.IdealBitsPerWeight!.Value, 0.06);
        Assert.Equal(code.SignalToNoiseDecibels > 36 ? 'G' : 'H', code.IdealStatement);
    }

    [Fact]
    public void Few_values_have_an_entropy_and_an_optimum_and_many_have_none()
    {
        var few = CodeOf("Gauss", "shared-weights bits=2");
        var many = CodeOf("Gauss", "weight-int8");

        Assert.InRange(few.EntropyBitsPerWeight!.Value, 1, 2.01);
        Assert.InRange(few.ErrorOverOptimum!.Value, 1 - 1e-6, 1.1);
        Assert.Null(many.EntropyBitsPerWeight);
        Assert.Null(many.ErrorOverOptimum);
    }

    [Fact]
    public void What_loses_nothing_has_no_rate()
    {
        var code = CodeOf("Gauss", "");

        Assert.Equal((null, null, "nothing was lost"), (code.IdealBitsPerWeight, code.SignalToNoiseDecibels, code.Reason));
        Assert.InRange(code.BitsPerWeight, 20, 33);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_source_without_power_or_numbers_has_no_rate(float value)
    {
        var source = new WeightSource([.. Enumerable.Repeat(value, 100)]);

        Assert.Equal((null, null), source.IdealBitsPerWeight(0));
        Assert.Equal(value == 0 ? null : 0, source.IdealBitsPerWeight(2).BitsPerWeight);
        Assert.Equal((null, null), new WeightSource([float.NaN, 1, 2]).IdealBitsPerWeight(0.1));
        Assert.Equal((null, null), new WeightSource([]).IdealBitsPerWeight(0.1));
        Assert.Null(WeightSource.EntropyBitsPerWeight([]));
    }

    // One weight far outside: the histogram would have more bins than there may be.
    [Fact]
    public void A_weight_far_outside_ends_in_no_exception()
    {
        float[] weights = [.. Enumerable.Range(0, 5000).Select(i => MathF.Sin(i))];
        weights[17] = 1e8f;

        var (bits, statement) = new WeightSource(weights).IdealBitsPerWeight(1e-3);

        Assert.True(bits is null or >= 0, $"{bits} {statement}");
    }

    LayerCode CodeOf(string density, string text)
    {
        var random = new Random(11);
        double Next() => density switch
        {
            "Gauss" => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()),
            "Laplace" => -Math.Log(1 - random.NextDouble()) * (random.Next(2) * 2 - 1),
            _ => 2 * random.NextDouble() - 1,
        };
        float[] weights = [.. Enumerable.Range(0, Inputs * Outputs).Select(_ => (float)Next())];
        var graph = new GraphProto { Name = "one" };
        graph.Input.Add(NodeBuilder.Value("x", ElementType.Float32, [-1, Inputs]));
        graph.Output.Add(NodeBuilder.Value("y", ElementType.Float32, [-1, Outputs]));
        graph.Initializer.Add(TensorData.Write("w", Tensor.Of([Inputs, Outputs], weights)));
        graph.Node.Add(NodeBuilder.Node("MatMul", ["x", "w"], ["y"]));
        var proto = new ModelProto { IrVersion = 10, Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 21 });
        var model = new OnnxModel(proto);
        var recipe = Parse(text);
        var reference = EffectiveWeights.ReferenceOf(model);
        var calibrator = new Nothing();
        var effective = EffectiveWeights.Of(reference, model, recipe, calibrator, Runtime);
        string file = _folder.File("packed.knp");
        File.WriteAllBytes(file, PackedModel.Pack(effective.Model.ToBytes(), cancellation: TestContext.Current.CancellationToken));
        return Assert.Single(new LayerCodes(reference, new Dictionary<string, LayerSource>()).Of(file, effective, TestContext.Current.CancellationToken));
    }

    static Recipe Parse(string text) => text.Length == 0 ? Recipe.Baseline : new([new Step(text.Split(' ')[0], [Step.WholeNetwork],
        text.Split(' ').Skip(1).Select(word => word.Split('=')).ToImmutableSortedDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal))]);

    /// <summary>No samples.</summary>
    sealed class Nothing : ICalibrator, ICalibrationFacts
    {
        public ICalibrationFacts Baseline => this;

        public Kneepoint.Compression.Quantization.Rounding.DataRoundings? Roundings => null;

        public ICalibrationFacts Of(OnnxModel network, string key) => this;

        public void Collect(OnnxModel network, IReadOnlyList<Kneepoint.Calibration.Moments.InputForm> forms, int rowsPerColumn, Action<Kneepoint.Calibration.Moments.InputForm, Kneepoint.Calibration.Moments.SplitMoments> onCollected)
        {
        }

        public void Report(string what, long done, long total)
        {
        }

        public Kneepoint.Calibration.ActivationStatistics? Activations(IReadOnlyCollection<string> values) => null;

        public Kneepoint.Calibration.Moments.SplitMoments? Moments(Kneepoint.Calibration.Moments.InputForm form) => null;

        public double? Curvature(string what, Func<(OnnxModel Network, double Error)> change) => null;
    }
}
