using System.Globalization;
using System.Text.Json;
using Google.Protobuf;
using Kneepoint.Onnx.Protocol;
using Kneepoint.SystemTests.Runtime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>pack, unpack and inspect of packed files as a user runs them.</summary>
public sealed class PackCommandTests : IDisposable
{
    const int Pixels = 400, Classes = 16, WeightBytes = Pixels * Classes * sizeof(float);
    static readonly string Model = Path.Combine(Repository.Root, "samples", "glyphs", "glyphs.onnx");
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_packed_unpacks_to_the_same_bytes()
    {
        string packed = _folder.File("glyphs.knp"), unpacked = _folder.File("again.onnx");

        var pack = Cli.Run("pack", Model, "-o", packed);
        var unpack = Cli.Run("unpack", packed, "--output", unpacked);

        Assert.Equal((0, 0), (pack.ExitCode, unpack.ExitCode));
        Assert.Empty(Sentences(pack).Concat(Sentences(unpack)));
        Assert.True(new FileInfo(packed).Length < new FileInfo(Model).Length);
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(unpacked));
        foreach (string word in new[] { "of the size", "graph", "tensors", "every byte is the same", "unpack" }) Assert.Contains(word, pack.Output, StringComparison.Ordinal);
        Assert.Contains("with the checksum", unpack.Output, StringComparison.Ordinal);
        Assert.Equal(["again.onnx", "glyphs.knp"], Names());
    }

    [Theory]
    [InlineData("mixing", 0, 0.84)]
    [InlineData("adaptive", 0.5, 0.85)]
    [InlineData("static", 0.5, 0.85)]
    public void A_code_is_chosen_shown_and_opened(string code, double leastShare, double mostShare)
    {
        string packed = _folder.File("glyphs.knp"), unpacked = _folder.File("again.onnx");

        var pack = Cli.Run("pack", Model, "-o", packed, "--code", code);
        var unpack = Cli.Run("unpack", packed, "-o", unpacked);

        Assert.Equal((0, 0), (pack.ExitCode, unpack.ExitCode));
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(unpacked));
        Assert.InRange(new FileInfo(packed).Length / (double)new FileInfo(Model).Length, leastShare, mostShare);
        var parts = Json("inspect", packed, "--json").GetProperty("tensors").EnumerateArray().SelectMany(tensor => tensor.GetProperty("parts").EnumerateArray()).ToArray();
        Assert.All(parts, part => Assert.Equal(part.GetProperty("count").GetInt32() < 4096 ? "mixing" : code, part.GetProperty("code").GetString()));
        Assert.Contains(code, Cli.Run("inspect", packed).Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_a_limit_that_is_not_met_gave_no_document()
    {
        var pack = Cli.Run("pack", Model, "--data", Path.GetDirectoryName(Model)!, "--target-bytes", "100", "-o", _folder.File("glyphs.knp"), "--json");

        Assert.Equal(1, pack.ExitCode);
        var document = JsonDocument.Parse(pack.Output).RootElement;
        Assert.Equal(JsonValueKind.Null, document.GetProperty("packed").ValueKind);
        Assert.All(document.GetProperty("tried").EnumerateArray(), network => Assert.True(network.GetProperty("packedBytes").GetInt64() > 100));
        Assert.Contains("No packed network takes so few bytes", pack.Error, StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    [Fact]
    public void A_code_that_is_not_known_is_refused_before_any_work()
    {
        var pack = Cli.Run("pack", Model, "-o", _folder.File("glyphs.knp"), "--code", "zip");

        Assert.Equal(2, pack.ExitCode);
        Assert.Contains("--code: expected mixing, adaptive or static, found 'zip'.", pack.Error, StringComparison.Ordinal);
        Assert.Empty(Names());
    }

    [Theory]
    [InlineData("mixing")]
    [InlineData("adaptive")]
    [InlineData("static")]
    public void The_bytes_are_the_same_without_the_processors_vectors(string code)
    {
        string with = _folder.File("with.knp"), without = _folder.File("without.knp"), again = _folder.File("again.onnx");
        var plain = new Dictionary<string, string> { ["DOTNET_EnableHWIntrinsic"] = "0" };

        Assert.Equal(0, Cli.Run("pack", Model, "-o", with, "--code", code).ExitCode);
        Assert.Equal(0, Cli.Run(plain, TimeSpan.FromMinutes(5), "pack", Model, "-o", without, "--code", code).ExitCode);
        Assert.Equal(0, Cli.Run(plain, TimeSpan.FromMinutes(5), "unpack", with, "-o", again).ExitCode);

        Assert.Equal(File.ReadAllBytes(with), File.ReadAllBytes(without));
        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(again));
    }

    [Fact]
    public void Json_is_one_document_for_each_command_and_its_bytes_add_up()
    {
        string packed = _folder.File("glyphs.knp"), unpacked = _folder.File("again.onnx");
        long modelBytes = new FileInfo(Model).Length;

        var pack = Json("pack", Model, "-o", packed, "--lossless", "--json");
        long packedBytes = new FileInfo(packed).Length;
        Assert.Equal((modelBytes, packedBytes), (pack.GetProperty("fileBytes").GetInt64(), pack.GetProperty("packedBytes").GetInt64()));
        Assert.Equal(modelBytes, Sum("modelBytes"));
        Assert.InRange(packedBytes - Sum("packedBytes"), 12, 24);
        Assert.Equal("lossless", pack.GetProperty("mode").GetString());

        var inspect = Json("inspect", packed, "--json");
        Assert.Equal(packedBytes, inspect.GetProperty("packedBytes").GetInt64());
        Assert.Equal(packedBytes, inspect.GetProperty("headerBytes").GetInt64() + inspect.GetProperty("graph").GetProperty("packedBytes").GetInt64()
            + inspect.GetProperty("groups").EnumerateArray().Sum(group => group.GetProperty("packedBytes").GetInt64()));
        var tensors = inspect.GetProperty("tensors").EnumerateArray().ToArray();
        Assert.All(tensors, tensor => Assert.NotEmpty(tensor.GetProperty("name").GetString()!));
        Assert.Equal(inspect.GetProperty("totals").GetProperty("count").GetInt64(), tensors.Sum(tensor => tensor.GetProperty("count").GetInt64()));
        double[] bytes = [.. tensors.Select(tensor => tensor.GetProperty("numberBytes").GetDouble() + tensor.GetProperty("sideBytes").GetDouble())];
        Assert.Equal(bytes.OrderDescending(), bytes);
        Assert.True(inspect.GetProperty("network").GetProperty("totals").GetProperty("macs").GetInt64() > 0);

        var unpack = Json("unpack", packed, "-o", unpacked, "--json");
        Assert.Equal((packedBytes, modelBytes), (unpack.GetProperty("packedBytes").GetInt64(), unpack.GetProperty("modelBytes").GetInt64()));

        long Sum(string name) => pack.GetProperty("graph").GetProperty(name).GetInt64() + pack.GetProperty("tensors").GetProperty(name).GetInt64();
    }

    [Fact]
    public void Inspect_knows_a_packed_file_by_its_content_and_shows_bits_and_the_network()
    {
        string packed = _folder.File("network.onnx");
        Assert.Equal(0, Cli.Run("pack", Model, "-o", packed).ExitCode);

        var result = Cli.Run("inspect", packed);

        Assert.Equal(0, result.ExitCode);
        Assert.Empty(Sentences(result));
        foreach (string word in new[] { "packed model, version 1", "unpacks to", "bits each", "floats", "graph", "side", "The network inside", "MACs" })
        {
            Assert.Contains(word, result.Output, StringComparison.Ordinal);
        }

        string[] lines = result.Output.Split('\n');
        Assert.All(lines, line => Assert.True(line.Length <= 120, line));
    }

    [Fact]
    public void Weights_beside_the_model_are_moved_into_the_packed_file()
    {
        string packed = _folder.File("model.knp"), unpacked = Path.Combine(Directory.CreateDirectory(_folder.File("elsewhere")).FullName, "model.onnx");
        string model = ExternalModel("weights.bin");
        byte[] weights = new byte[WeightBytes];
        new Random(1).NextBytes(weights);
        File.WriteAllBytes(_folder.File("weights.bin"), weights);

        var pack = Cli.Run("pack", model, "-o", packed);
        Assert.Equal(0, pack.ExitCode);
        Assert.Empty(Sentences(pack));
        Assert.Contains("weights.bin were moved into the packed file", pack.Output, StringComparison.Ordinal);
        Assert.Equal("weights.bin", Json("pack", model, "-o", packed, "--json").GetProperty("externalFiles")[0].GetString());

        Assert.Equal(0, Cli.Run("unpack", packed, "-o", unpacked).ExitCode);
        var tensor = Assert.Single(ModelProto.Parser.ParseFrom(File.ReadAllBytes(unpacked)).Graph.Initializer);
        Assert.Empty(tensor.ExternalData);
        Assert.Equal(weights, tensor.RawData.ToByteArray());
        Assert.Equal(0, Cli.Run("inspect", unpacked).ExitCode);
    }

    [Fact]
    public void Weights_that_do_not_fit_or_lie_outside_the_folder_are_refused()
    {
        using (var stream = File.Create(_folder.File("large.bin"))) stream.SetLength(2_400_000_000);
        Refused("one file of the format takes 2 GB", "pack", ExternalModel("large.bin", 600_000_000), "-o", _folder.File("a.knp"));
        Refused("must be a path inside the model's folder", "pack", ExternalModel("../secret.bin"), "-o", _folder.File("a.knp"));
        Refused("is missing", "pack", ExternalModel("none.bin"), "-o", _folder.File("a.knp"));
        File.WriteAllBytes(_folder.File("weights.bin"), new byte[WeightBytes]);
        Refused("would replace the input", "pack", ExternalModel("weights.bin"), "-o", _folder.File("weights.bin"));
        Assert.False(File.Exists(_folder.File("a.knp")));
        Assert.Equal(WeightBytes, new FileInfo(_folder.File("weights.bin")).Length);
    }

    [Fact]
    public void Inputs_that_are_missing_damaged_or_of_another_kind_get_one_sentence()
    {
        string model = _folder.File("model.onnx"), packed = _folder.File("model.knp"), cut = _folder.File("cut.knp"), bad = _folder.File("bad.knp");
        string text = _folder.File("text"), empty = _folder.File("empty"), none = _folder.File("none"), output = _folder.File("output");
        File.Copy(Model, model);
        Assert.Equal(0, Cli.Run("pack", model, "-o", packed).ExitCode);
        byte[] bytes = File.ReadAllBytes(packed);
        File.WriteAllBytes(cut, bytes[..(bytes.Length / 2)]);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(bad, bytes);
        File.WriteAllText(text, "no network");
        File.WriteAllText(empty, "");

        Refused("does not exist", "pack", none, "-o", output);
        Refused("is not an ONNX model", "pack", text, "-o", output);
        Refused("is a folder", "pack", _folder.Path, "-o", output);
        Refused("is packed already", "pack", packed, "-o", output);
        Refused("does not exist", "unpack", none, "-o", output);
        Refused("is a folder", "unpack", _folder.Path, "-o", output);
        Refused("is empty", "unpack", empty, "-o", output);
        Refused("'kneepoint pack' makes one", "unpack", model, "-o", output);
        Refused("it was cut off. Copy or download it again.", "unpack", cut, "-o", output);
        Refused("is damaged", "unpack", bad, "-o", output);
        Refused("it was cut off", "inspect", cut);
        Refused("--shape: expected an input of the network", "inspect", packed, "--shape", "nothing=1");
        Refused("unpack it first", "measure", packed, "--data", _folder.Path);
        Assert.False(File.Exists(output));
    }

    [Fact]
    public void Outputs_that_cannot_be_written_are_refused_and_what_is_there_stays()
    {
        string model = _folder.File("model.onnx"), packed = _folder.File("model.knp"), folder = Directory.CreateDirectory(_folder.File("folder")).FullName;
        File.Copy(Model, model);
        Assert.Equal(0, Cli.Run("pack", model, "-o", packed).ExitCode);
        byte[] bytes = File.ReadAllBytes(packed);

        foreach (var (command, input) in new[] { ("pack", model), ("unpack", packed) })
        {
            Refused("is a folder", command, input, "-o", folder);
            Refused("does not exist", command, input, "-o", _folder.File("none/file"));
            Refused("would replace the input", command, input, "-o", input);
            Refused("would replace the input", command, input, "-o", Path.Combine(folder, "..", Path.GetFileName(input)));
            Refused("expected the name of a file", command, input, "-o", "");
            Refused("'--output' is required", command, input);
            Refused("Unrecognized command or argument '--bits'", command, input, "-o", _folder.File("new"), "--bits", "4");
            if (!OperatingSystem.IsWindows())
            {
                Directory.CreateSymbolicLink(_folder.File("link"), _folder.Path);
                Refused("would replace the input", command, input, "-o", Path.Combine(_folder.File("link"), Path.GetFileName(input)));
                Refused("it is a pipe or a device", command, input, "-o", "/dev/null");
                Directory.Delete(_folder.File("link"));
            }
        }

        Assert.Equal(File.ReadAllBytes(Model), File.ReadAllBytes(model));
        Assert.Equal(bytes, File.ReadAllBytes(packed));
        Assert.Equal(["folder", "model.knp", "model.onnx"], Names());
    }

    [Theory]
    [InlineData("pack")]
    [InlineData("unpack")]
    public void Help_has_an_example(string command) => Assert.Contains($"Example: kneepoint {command}", Cli.Run(command, "--help").Output, StringComparison.Ordinal);

    static JsonElement Json(params string[] arguments)
    {
        var result = Cli.Run(arguments);
        Assert.Equal(0, result.ExitCode);
        Assert.Empty(Sentences(result));
        using var document = JsonDocument.Parse(result.Output);
        return document.RootElement.Clone();
    }

    static void Refused(string sentence, params string[] arguments)
    {
        var result = Cli.Run(arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        Assert.Contains(sentence, Assert.Single(Sentences(result)), StringComparison.Ordinal);
        Assert.DoesNotContain("this should not happen", result.Error, StringComparison.Ordinal);
    }

    // A loaded machine may take long enough to be told about.
    static string[] Sentences(CliResult result) =>
        [.. result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(line => !line.StartsWith("kilobytes ", StringComparison.Ordinal))];

    string[] Names() => [.. Directory.EnumerateFileSystemEntries(_folder.Path).Select(entry => Path.GetFileName(entry)).Order(StringComparer.Ordinal)];

    // An image to classes in one product, its weights in a file.
    string ExternalModel(string location, long elements = Pixels * Classes)
    {
        var weight = new TensorProto { Name = "w", DataType = (int)ElementType.Float32, DataLocation = TensorProto.Types.DataLocation.External };
        weight.Dims.AddRange([Pixels, elements / Pixels]);
        foreach (var (key, value) in new[] { ("location", location), ("length", (elements * sizeof(float)).ToString(CultureInfo.InvariantCulture)) })
        {
            weight.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        var model = Graphs.Model([Graphs.Value("x", ElementType.Float32, -1, 1, 20, 20)], [],
            Graphs.Node("Flatten", ["x"], ["f"]), Graphs.Node("MatMul", ["f", "w"], ["y"]));
        model.Graph.Output.Add(Graphs.Value("y", ElementType.Float32, -1, elements / Pixels));
        model.Graph.Initializer.Add(weight);
        string file = _folder.File("external.onnx");
        File.WriteAllBytes(file, model.Proto.ToByteArray());
        return file;
    }
}
