using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Tests.Data;

/// <summary>Files that are links, as caches and subsets of data sets are made of, and files without content.</summary>
public sealed class LinkedFilesTests
{
    static readonly ValueSignature Image = DataFolder.Floats("image", -1, 3, 2, 2);
    static readonly ValueSignature TwoClasses = DataFolder.Floats("logits", -1, 2);

    [Theory]
    [InlineData("x.npy")]
    [InlineData("x.npy.gz")]
    public void A_link_to_an_array_is_as_long_as_the_array(string name)
    {
        using var folder = new DataFolder();
        byte[] array = DataFolder.Npy<float>("<f4", [3, 2], [1, 2, 3, 4, 5, 6]);
        folder.Write($"stored-{name}", name.EndsWith(".gz", StringComparison.Ordinal) ? DataFolder.Gzip(array) : array);
        Link(folder[name], folder[$"stored-{name}"]);
        folder.Write("data.yaml", $"files: {{x: {name}}}\nsplit: {{calibrate: first 1}}\nmetric: fidelity\n");
        using var data = folder.Open("data.yaml", DataFolder.Floats("x", -1, 2), TwoClasses);

        Assert.Equal(2, data.Count(DataPart.Evaluate));
    }

    [Fact]
    public void A_link_to_a_model_is_as_long_as_the_model()
    {
        using var folder = new DataFolder();
        new OnnxModel(new ModelProto { Graph = new GraphProto { Name = new string('g', 5000) } }).Save(folder["stored.onnx"]);
        Link(folder["model.onnx"], folder["stored.onnx"]);

        Assert.Equal(new FileInfo(folder["stored.onnx"]).Length, OnnxModel.FileBytes(folder["model.onnx"]));
    }

    [Fact]
    public void Links_to_images_are_images_and_links_to_folders_are_counted()
    {
        using var folder = new DataFolder();
        for (int i = 0; i < 4; i++)
        {
            folder.Write($"images/cat/{i}.png", DataFolder.Image(2, 2, i));
            folder.Write($"stored/{i}.png", DataFolder.Image(2, 2, i));
            Directory.CreateDirectory(folder["images/dog"]);
            Link(folder[$"images/dog/{i}.png"], folder[$"stored/{i}.png"]);
        }

        Directory.CreateSymbolicLink(folder["images/cow"], folder["stored"]);
        folder.Write("data.yaml", "files: {images: images}\nsplit: {calibrate: first 2, evaluate: rest}\npreprocess: {scale: 1}");
        using var data = folder.Open("data.yaml", Image, TwoClasses);

        Assert.Equal(6, data.Count(DataPart.Evaluate));
        Assert.StartsWith("1 folders of 'images' are links", data.Findings.Single(finding => finding.Code == "image-folders-linked").Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_empty_image_is_one_that_cannot_be_decoded()
    {
        using var folder = new DataFolder();
        for (int i = 0; i < 200; i++) folder.Write($"images/{i % 2}/{i}.png", i == 150 ? [] : DataFolder.Image(2, 2, i % 100));
        folder.Write("data.yaml", "files: {images: images}\nsplit: {calibrate: first 20, evaluate: rest}\npreprocess: {scale: 1}");
        using var data = folder.Open("data.yaml", Image, TwoClasses);

        Assert.Equal(179, data.Count(DataPart.Evaluate));
        Assert.StartsWith("1 of 180 images of", data.Findings.Single(finding => finding.Code == "images-broken").Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("../outside.png,1")]
    [InlineData("/etc/hosts,1")]
    [InlineData("../../hosts,dog")]
    public void A_first_row_that_has_a_label_is_no_header_to_be_passed_over(string row)
    {
        using var folder = new DataFolder();
        for (int i = 0; i < 4; i++) folder.Write($"images/{i}.png", DataFolder.Image(2, 2, i));
        folder.Write("labels.csv", $"{row}\n0.png,0\n1.png,1\n2.png,0\n");
        folder.Write("data.yaml", "files: {images: images, labels: labels.csv}\nclasses: [cat, dog]\nsplit: {calibrate: first 1}\npreprocess: {scale: 1}");

        string message = Assert.Throws<DataException>(() => folder.Open("data.yaml", Image, TwoClasses)).Message;

        Assert.Equal($"labels.csv, line 1: '{folder["images"]}' holds no image '{row.Split(',')[0]}'.", message);
    }

    [Theory]
    [InlineData("empty.npy")]
    [InlineData("empty.zip")]
    [InlineData("empty.npz")]
    [InlineData("empty.csv")]
    [InlineData("empty.bin")]
    [InlineData("data.yaml")]
    public void An_empty_file_is_refused_before_it_is_opened(string name)
    {
        using var folder = new DataFolder();
        folder.Write(name, "");

        string message = Assert.Throws<DataException>(() => folder.Open(name, Image, TwoClasses)).Message;

        Assert.Equal($"'{folder[name]}' is empty, a pipe or a device: expected a file with content.", message);
    }

    [Fact]
    public void An_archive_without_arrays_is_refused()
    {
        using var folder = new DataFolder();
        folder.WriteZip("a.npz", ("readme.txt", "none"u8.ToArray()));

        string message = Assert.Throws<DataException>(() => folder.Open("a.npz", Image, TwoClasses)).Message;

        Assert.Equal($"'{folder["a.npz"]}' holds no array: expected entries whose names end in .npy.", message);
    }

    static void Link(string link, string target)
    {
        try
        {
            File.CreateSymbolicLink(link, target);
        }
        catch (IOException) when (OperatingSystem.IsWindows())
        {
            Assert.Skip("This user may not make links.");
        }
    }
}
