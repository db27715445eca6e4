using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Tests.Onnx;

public sealed class ExternalDataTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("kneepoint-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void A_part_of_a_file_beside_the_model_is_read()
    {
        Write("model/weights/a.bin", [9, 9, 0, 0, 0x80, 0x3F, 0, 0, 0, 0xC0, 9]);

        Assert.Equal([1f, -2f], Read("weights/a.bin", "2", "8"));
    }

    [Theory]
    [InlineData("../secret.bin")]
    [InlineData("weights/../../secret.bin")]
    [InlineData("..\\secret.bin")]
    [InlineData("/etc/hostname")]
    [InlineData("\\\\server\\share")]
    [InlineData("C:\\secret.bin")]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_location_that_leads_out_of_the_folder_is_refused(string location)
    {
        Write("secret.bin", new byte[8]);
        Write("model/inside.bin", new byte[8]);

        var exception = Assert.Throws<OnnxModelException>(() => Read(location, "0", "8"));

        Assert.Contains("model's folder", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("file.bin", "../secret.bin")]
    [InlineData("linked/secret.bin", "..")]
    public void A_link_that_leads_out_of_the_folder_is_refused(string location, string target)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        Write("secret.bin", new byte[8]);
        Write("model/inside.bin", new byte[8]);
        string link = Path.Combine(_folder, "model", location.Split('/')[0]);
        File.CreateSymbolicLink(link, target);

        Assert.Contains("leads out of the model's folder", Assert.Throws<OnnxModelException>(() => Read(location, "0", "8")).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_link_that_stays_in_the_folder_is_followed()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        Write("model/a.bin", new byte[8]);
        File.CreateSymbolicLink(Path.Combine(_folder, "model", "b.bin"), "a.bin");

        Assert.Equal([0f, 0f], Read("b.bin", "0", "8"));
    }

    [Fact]
    public void A_circle_of_links_ends()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Links need a privilege on Windows.");
        Write("model/inside.bin", new byte[8]);
        File.CreateSymbolicLink(Path.Combine(_folder, "model", "a.bin"), "b.bin");
        File.CreateSymbolicLink(Path.Combine(_folder, "model", "b.bin"), "a.bin");

        Assert.Throws<OnnxModelException>(() => Read("a.bin", "0", "8"));
    }

    [Theory]
    [InlineData("1", "8", "expected 8 bytes at offset 1 of 'a.bin', the file holds 8")]
    [InlineData("9223372036854775807", "8", "the file holds 8")]
    [InlineData("-1", "8", "expected a number of bytes as offset of its external data, found '-1'")]
    [InlineData("0", "4", "takes 8 bytes, its external data states 4")]
    [InlineData("0", "99999999999999999999", "expected a number of bytes as length")]
    public void A_part_that_is_not_in_the_file_is_refused(string offset, string length, string expected)
    {
        Write("model/a.bin", new byte[8]);

        Assert.Contains(expected, Assert.Throws<OnnxModelException>(() => Read("a.bin", offset, length)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_file_is_named() =>
        Assert.Contains("'a.bin' is missing", Assert.Throws<OnnxModelException>(() => Read("a.bin", "0", "8")).Message, StringComparison.Ordinal);

    [Fact]
    public void A_model_from_memory_has_no_files() =>
        Assert.Contains("not read from a folder", Assert.Throws<OnnxModelException>(() =>
            TensorData.Read(Reference("a.bin", "0", "8"), new OnnxModel(new ModelProto { Graph = new GraphProto() }))).Message, StringComparison.Ordinal);

    float[] Read(string location, string offset, string length) => TensorData.ReadFloat32(Reference(location, offset, length),
        new OnnxModel(new ModelProto { Graph = new GraphProto() }, Path.Combine(_folder, "model")));

    static TensorProto Reference(string location, string offset, string length) => new()
    {
        Name = "w",
        DataType = 1,
        Dims = { 2 },
        DataLocation = TensorProto.Types.DataLocation.External,
        ExternalData =
        {
            new StringStringEntryProto { Key = "location", Value = location },
            new StringStringEntryProto { Key = "offset", Value = offset },
            new StringStringEntryProto { Key = "length", Value = length },
        },
    };

    void Write(string name, byte[] bytes)
    {
        string file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
    }
}
