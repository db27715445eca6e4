using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using SkiaSharp;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>Whatever is wrong with the data, the user gets one sentence and exit code 2, and no study is begun.</summary>
public sealed class BadDataTests : IDisposable
{
    const int Classes = 16;
    const int Edge = 20;
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    static readonly string Model = Path.Combine(Samples, "glyphs.onnx");
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Refusal(string data)
    {
        string study = _folder.File("study");
        var result = Cli.Run(["run", Model, "--data", data, "--out", study, "--trials", "1"]);
        Assert.True(result.ExitCode == 2, $"Exit code {result.ExitCode}: {result.Output}{result.Error}");
        Assert.Empty(result.Output);
        Assert.False(Path.Exists(study));
        string[] lines = [.. result.Error.Trim().Split('\n').Where(line => line != "reading data")];
        string sentence = Assert.Single(lines);
        Assert.DoesNotContain("this should not happen", sentence, StringComparison.Ordinal);
        return sentence;
    }

    string Write(string name, byte[] bytes)
    {
        string file = _folder.File(name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllBytes(file, bytes);
        return file;
    }

    string Yaml(string text) => Write("data.yaml", Encoding.UTF8.GetBytes(text));

    // A header of the given shape; what follows need not have it.
    static byte[] Npy(string type, string shape, int bytes)
    {
        string header = $"{{'descr': '{type}', 'fortran_order': False, 'shape': ({shape}), }}\n";
        byte[] length = new byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(length, (ushort)header.Length);
        return [0x93, .. "NUMPY"u8, 1, 0, .. length, .. Encoding.Latin1.GetBytes(header), .. new byte[bytes]];
    }

    // Images of 16 classes, of which the last of some classes cannot be decoded; all of those evaluate.
    string Images(int perClass, int broken)
    {
        for (int i = 0; i < Classes * perClass; i++)
        {
            using var bitmap = new SKBitmap(Edge, Edge, SKColorType.Gray8, SKAlphaType.Opaque);
            bitmap.Erase(new SKColor((byte)i, (byte)i, (byte)i));
            byte[] png = bitmap.Encode(SKEncodedImageFormat.Png, 100).ToArray();
            Write(string.Create(CultureInfo.InvariantCulture, $"images/{i % Classes:D2}/{i:D4}.png"), i >= Classes * perClass - broken ? png[..(png.Length / 2)] : png);
        }

        return Yaml("""
            format: images
            files: images
            split: {calibrate: first 100, evaluate: rest}
            preprocess: {channels: gray, scale: 1/255}
            metric: top1
            """);
    }

    [Fact]
    public void An_image_that_cannot_be_decoded_is_skipped_and_counted()
    {
        var result = Cli.Run(["measure", Model, "--data", Images(perClass: 20, broken: 2), "--latency-time", "50ms", "--json"]);

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Contains("images-broken", result.Output, StringComparison.Ordinal);
        var data = JsonDocument.Parse(result.Output).RootElement.GetProperty("data");
        Assert.Equal(320 - 2, data.GetProperty("evaluate").GetInt32() + data.GetProperty("calibrate").GetInt32());
    }

    [Fact]
    public void More_than_one_image_in_a_hundred_that_cannot_be_decoded_is_an_error() =>
        Assert.Contains("4 of 220", Refusal(Images(perClass: 20, broken: 4)), StringComparison.Ordinal);

    [Fact]
    public void An_empty_folder_is_refused()
    {
        string folder = _folder.File("empty");
        Directory.CreateDirectory(folder);

        Assert.Contains(folder, Refusal(folder), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<f4", "300, 1, 20, 20", 300 * 400 * 4, "<i8", 300, 16)]
    [InlineData("<f4", "300, 1, 20, 20", 300 * 400 * 4, "<i8", 300, -1)]
    [InlineData("<f4", "300, 1, 20, 21", 300 * 420 * 4, "<i8", 300, 0)]
    [InlineData("<f4", "300, 1, 20, 20", 300 * 400 * 4, "<i8", 299, 0)]
    [InlineData("<c8", "300, 1, 20, 20", 300 * 400 * 8, "<i8", 300, 0)]
    [InlineData("<f4", "300, 1, 20, 20", 300 * 400 * 4 - 1, "<i8", 300, 0)]
    [InlineData("<f4", "9223372036854775807, 1, 20, 20", 100, "<i8", 300, 0)]
    public void Arrays_that_do_not_fit_the_network_or_their_own_headers_are_refused(
        string type, string shape, int bytes, string labelType, int labels, long lastLabel)
    {
        Write("x.npy", Npy(type, shape, bytes));
        byte[] y = Npy(labelType, $"{labels},", labels * 8);
        BinaryPrimitives.WriteInt64LittleEndian(y.AsSpan(y.Length - 8), lastLabel);
        Write("y.npy", y);

        string sentence = Refusal(Yaml("""
            files: {x: x.npy, y: y.npy}
            split: {calibrate: first 100, evaluate: rest}
            preprocess: {from: x}
            target: y
            metric: top1
            """));

        Assert.Contains(lastLabel != 0 ? lastLabel.ToString(CultureInfo.InvariantCulture) : "x", sentence, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n")]
    [InlineData("files: ../../../../../../etc/passwd\n")]
    [InlineData("unknown: 3\n")]
    [InlineData("metric: top1\nmetric: top5\n")]
    [InlineData("\0\u0001\u0002")]
    public void A_description_that_is_hostile_or_mistyped_is_refused(string text) => Assert.NotEmpty(Refusal(Yaml(text)));

    [Fact]
    public void A_description_that_is_nested_ten_thousand_deep_is_refused() =>
        Assert.NotEmpty(Refusal(Yaml("files: " + new string('[', 10_000) + new string(']', 10_000))));

    [Fact]
    public void A_lying_idx_header_is_refused()
    {
        byte[] images = new byte[16 + 1000];
        BinaryPrimitives.WriteInt32BigEndian(images, 0x803);
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(4), int.MaxValue);
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(8), Edge);
        BinaryPrimitives.WriteInt32BigEndian(images.AsSpan(12), Edge);
        string file = Write("t10k-images-idx3-ubyte", images);
        Write("t10k-labels-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 2, 1, 2]);

        Assert.Contains("idx3", Refusal(Path.GetDirectoryName(file)!), StringComparison.Ordinal);
    }

    [Fact]
    public void An_archive_that_unpacks_to_gigabytes_is_refused_in_little_memory()
    {
        string file = _folder.File("bomb.npz");
        using (var zip = new ZipArchive(File.Create(file), ZipArchiveMode.Create))
        {
            using var entry = zip.CreateEntry("x.npy").Open();
            entry.Write(Npy("<f4", "10, 1, 20, 20", 0));
            byte[] zeros = new byte[1 << 20];
            for (int i = 0; i < 1024; i++) entry.Write(zeros);
        }

        var limits = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x10000000" };
        var result = Cli.Run(limits, TimeSpan.FromMinutes(1), "measure", Model, "--data", file);

        Assert.Equal(2, result.ExitCode);
        Assert.DoesNotContain("this should not happen", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("pipe.npy")]
    [InlineData("pipe.zip")]
    [InlineData("pipe.yaml")]
    [InlineData("pipe.csv")]
    [InlineData("pipe.txt")]
    public void A_pipe_that_nobody_writes_into_is_refused_and_not_waited_for(string name)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps pipes elsewhere.");
        string pipe = _folder.File(name);
        BadInputTests.MakePipe(pipe);
        string data = name == "pipe.txt" ? Yaml("format: text\nfiles: pipe.txt\ntext: {length: 8}\nsplit: {calibrate: first 1}\n") : pipe;

        Assert.Contains("is empty, a pipe or a device: expected a file with content", Refusal(data), StringComparison.Ordinal);
    }

    [Fact]
    public void A_pipe_among_the_images_is_one_that_cannot_be_decoded()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps pipes elsewhere.");
        string data = Images(perClass: 20, broken: 3);
        BadInputTests.MakePipe(_folder.File("images/00/pipe.png"));

        Assert.Contains("4 of 221", Refusal(data), StringComparison.Ordinal);
    }

    [Fact]
    public void Data_larger_than_the_memory_are_streamed()
    {
        // 1 GB of samples, with 128 MiB for everything that is managed; the file takes no room on the disk.
        const int Count = 640_000;
        byte[] header = Npy("<f4", $"{Count}, 1, 20, 20", 0);
        using (var stream = File.Create(_folder.File("x.npy")))
        {
            stream.Write(header);
            stream.SetLength(header.Length + Count * 400L * 4);
        }

        string data = Yaml("""
            files: {x: x.npy}
            split: {calibrate: first 100, evaluate: 100..6000}
            preprocess: {from: x}
            metric: fidelity
            """);
        var limits = new Dictionary<string, string> { ["DOTNET_GCHeapHardLimit"] = "0x8000000" };
        var result = Cli.Run(limits, TimeSpan.FromMinutes(2), "measure", Model, "--data", data, "--latency-time", "50ms", "--json");

        Assert.True(result.ExitCode == 0, result.Error);
        Assert.Equal(5900, JsonDocument.Parse(result.Output).RootElement.GetProperty("data").GetProperty("evaluate").GetInt32());
    }
}
