using System.Globalization;
using Google.Protobuf;
using Kneepoint.Onnx.Protocol;
using Kneepoint.SystemTests.Runtime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>A model whose weights lie elsewhere is refused in our own words, before anything is written.</summary>
public sealed class ExternalDataTests : IDisposable
{
    const int Pixels = 400, Classes = 16, Bytes = Pixels * Classes * sizeof(float);
    static readonly string Data = Path.Combine(Repository.Root, "samples", "glyphs", "data.yaml");
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("../secret.bin", "must be a path inside the model's folder")]
    [InlineData("inner/../../secret.bin", "must be a path inside the model's folder")]
    [InlineData("ABSOLUTE", "must be a path inside the model's folder")]
    [InlineData("link.bin", "leads out of the model's folder")]
    [InlineData("parent/secret.bin", "leads out of the model's folder")]
    [InlineData("none.bin", "is missing")]
    [InlineData("short.bin", "the file holds 9")]
    public void External_data_outside_the_folder_or_too_short_is_refused(string location, string sentence)
    {
        string home = Directory.CreateDirectory(_folder.File("home")).FullName, secret = _folder.File("secret.bin"), study = _folder.File("study");
        File.WriteAllBytes(secret, new byte[Bytes]);
        File.WriteAllBytes(Path.Combine(home, "short.bin"), new byte[9]);
        File.CreateSymbolicLink(Path.Combine(home, "link.bin"), secret);
        Directory.CreateSymbolicLink(Path.Combine(home, "parent"), _folder.Path);
        string model = Path.Combine(home, "model.onnx");
        Write(model, location == "ABSOLUTE" ? secret : location);

        foreach (string[] command in (string[][])[["run", model, "--data", Data, "--out", study], ["inspect", model], ["measure", model, "--data", Data]])
        {
            var result = Cli.Run(command);
            Assert.Equal(2, result.ExitCode);
            Assert.Empty(result.Output);
            Assert.Contains(sentence, Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.Contains(model, result.Error, StringComparison.Ordinal);
        }

        Assert.False(Path.Exists(study));
    }

    // An image to classes in one product, its weights in a file.
    static void Write(string file, string location)
    {
        var weight = new TensorProto { Name = "w", DataType = (int)ElementType.Float32, DataLocation = TensorProto.Types.DataLocation.External };
        weight.Dims.AddRange([Pixels, Classes]);
        foreach (var (key, value) in new[] { ("location", location), ("offset", "0"), ("length", Bytes.ToString(CultureInfo.InvariantCulture)) })
        {
            weight.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
        }

        var model = Graphs.Model([Graphs.Value("x", ElementType.Float32, -1, 1, 20, 20)], [],
            Graphs.Node("Flatten", ["x"], ["f"]), Graphs.Node("MatMul", ["f", "w"], ["y"]));
        model.Graph.Output.Add(Graphs.Value("y", ElementType.Float32, -1, Classes));
        model.Graph.Initializer.Add(weight);
        File.WriteAllBytes(file, model.Proto.ToByteArray());
    }
}
