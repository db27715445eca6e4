using System.Text.Json;
using Kneepoint.Onnx;
using Kneepoint.SystemTests.Runtime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.CommandLine;

public sealed class MeasureCommandTests
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    static readonly string Model = Path.Combine(Samples, "glyphs.onnx");
    static readonly string Data = Path.Combine(Samples, "data.yaml");

    static JsonElement Measure(params string[] arguments)
    {
        var result = Cli.Run(["measure", .. arguments, "--data", Data, "--latency-time", "500ms", "--json"]);
        Assert.True(result.ExitCode == 0, result.Error);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    static string Refusal(params string[] arguments)
    {
        var result = Cli.Run(["measure", .. arguments]);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        return Assert.Single(result.Error.Trim().Split('\n'));
    }

    static double Number(JsonElement element, params string[] path)
    {
        foreach (string name in path) element = element.GetProperty(name);
        return element.GetDouble();
    }

    static string[] Codes(JsonElement model) => [.. model.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()!)];

    [Fact]
    public void A_model_alone_has_figures_and_no_comparison()
    {
        var model = Assert.Single(Measure(Model).GetProperty("models").EnumerateArray());

        Assert.False(model.GetProperty("baseline").GetBoolean());
        Assert.InRange(Number(model, "accuracy", "value"), 0.93, 0.98);
        Assert.True(Number(model, "accuracy", "low") < Number(model, "accuracy", "value"));
        Assert.Equal(JsonValueKind.Null, model.GetProperty("accuracyChange").ValueKind);
        Assert.Equal(JsonValueKind.Null, model.GetProperty("compute").GetProperty("latencyRatio").ValueKind);
        Assert.Equal(new FileInfo(Model).Length, (long)Number(model, "memory", "fileBytes"));
        Assert.True(Number(model, "memory", "activationPeakBytes") > 0);
        Assert.True(Number(model, "compute", "latencyMilliseconds", "value") > 0);
    }

    [Fact]
    public void The_same_model_is_not_distinguishable_from_itself()
    {
        var models = Measure(Model, "--against", Model).GetProperty("models").EnumerateArray().ToArray();

        Assert.Equal(2, models.Length);
        Assert.True(models[0].GetProperty("baseline").GetBoolean());
        Assert.Equal(0, Number(models[1], "accuracyChange", "value"));
        Assert.Contains("accuracy-not-distinguishable", Codes(models[1]));
        Assert.DoesNotContain(Codes(models[0]), code => code.EndsWith("not-distinguishable", StringComparison.Ordinal));
    }

    [Fact]
    public void Noise_that_changes_no_decision_to_speak_of_is_not_distinguishable_in_accuracy()
    {
        using var folder = new TemporaryFolder();
        string noisy = folder.File("noisy.onnx");
        var model = OnnxModel.Load(Model);
        var random = new Random(5);
        foreach (var tensor in model.Graph.Initializer.Where(tensor => TensorData.TypeOf(tensor) == ElementType.Float32))
        {
            float[] values = TensorData.ToFloat32(TensorData.Read(tensor, model));
            for (int i = 0; i < values.Length; i++) values[i] *= (float)(1 + 1e-4 * (2 * random.NextDouble() - 1));
            tensor.FloatData.Clear();
            tensor.RawData = Google.Protobuf.ByteString.CopyFrom(System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()));
        }

        model.Save(noisy);
        var measured = Measure(noisy, "--against", Model).GetProperty("models")[1];

        Assert.InRange(Number(measured, "accuracyChange", "value"), -0.002, 0.002);
        Assert.Contains("accuracy-not-distinguishable", Codes(measured));
    }

    [Fact]
    public void Other_shapes_are_refused_in_one_sentence_before_the_data_are_read()
    {
        using var folder = new TemporaryFolder();
        string wide = folder.File("wide.onnx"), narrow = folder.File("narrow.onnx"), named = folder.File("named.onnx");
        Sum("x", 4, "y").Save(wide);
        Sum("x", 3, "y").Save(narrow);
        Sum("x", 4, "z").Save(named);

        Assert.Contains($"'{narrow}' takes the input 'x' as Float32 [any, 3], the baseline '{wide}' as Float32 [any, 4]: expected the same inputs.",
            Refusal(narrow, "--data", "no-such-data", "--against", wide), StringComparison.Ordinal);
        Assert.Contains($"'{named}' has no output 'y'", Refusal(named, "--data", "no-such-data", "--against", wide), StringComparison.Ordinal);
    }

    static OnnxModel Sum(string input, int width, string output) =>
        Graphs.Model([Graphs.Value(input, ElementType.Float32, -1, width)], [output], Graphs.Node("Add", [input, input], [output]));

    [Fact]
    public void What_cannot_be_obeyed_is_said()
    {
        Assert.Contains("--against", Refusal(Model, Model, "--data", Data), StringComparison.Ordinal);
        Assert.Contains("--threads: expected a whole number of at least 1, found 'many'", Refusal(Model, "--data", Data, "--threads", "many"), StringComparison.Ordinal);
        Assert.Contains("--threads: expected at most", Refusal(Model, "--data", Data, "--threads", "100000"), StringComparison.Ordinal);
        Assert.Contains("--latency-time", Refusal(Model, "--data", Data, "--latency-time", "3"), StringComparison.Ordinal);
        Assert.Contains("does not exist", Refusal(Path.Combine(Samples, "none.onnx"), "--data", Data), StringComparison.Ordinal);
    }

    [Fact]
    public void Help_has_an_example() => Assert.Contains("Example: kneepoint measure", Cli.Run("measure", "--help").Output, StringComparison.Ordinal);
}
