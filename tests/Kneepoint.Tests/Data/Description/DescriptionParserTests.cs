using CsCheck;
using Kneepoint.Data;
using Kneepoint.Data.Description;

namespace Kneepoint.Tests.Data.Description;

public sealed class DescriptionParserTests
{
    [Fact]
    public void Every_key_is_understood()
    {
        var description = Parse("""
            format: npy
            folder: below
            metric: psnr
            output: y
            peak: 1
            classes: [cat, dog]
            delimiter: tab
            calibrate:
              files: {x: a.npy, y: b.npy}
              take: random 10 %
            evaluate: {x: c.npy, y: d.npy}
            inputs:
              image: {from: x, resize: 256, filter: bicubic, crop: [224, 200], pad: 256, padValue: 114, channels: bgr, layout: nhwc, stored: chw,
                      zero: 83, scale: 1/255, mean: [1, 2, 3], std: 0.5, batchAxis: 0}
              state: zeros
              rate: {constant: 16000, batchAxis: none}
              noise: {random: integers -3..3, shape: [2, 3]}
            target: {next: x, offset: -1, ignore: 0}
            text: {vocabulary: v.txt, length: 64, unknown: 3}
            """);

        Assert.Equal(("npy", "psnr", "y", 1.0), (description.Format, description.Metric, description.Output, description.Peak));
        Assert.EndsWith("below", description.Folder, StringComparison.Ordinal);
        Assert.Equal(new SampleSelection(SelectionKind.RandomShare, 10), description.Calibrate!.Take);
        Assert.Equal([new FileReference("x", "c.npy"), new FileReference("y", "d.npy")], description.Evaluate!.Files!.Files);
        var image = description.Inputs["image"];
        Assert.Equal([256], image.Resize);
        Assert.Equal([224, 200], image.Crop);
        Assert.Equal([256], image.Pad);
        Assert.Equal(("bicubic", "bgr", "nhwc", "chw"), (image.Filter, image.Channels, image.Layout, image.Stored));
        Assert.Equal((83.0, 1.0 / 255, 0), (image.Zero!.Value, image.Scale!.Value, image.BatchAxis!.Value));
        Assert.Equal(0, description.Inputs["state"].Constant);
        Assert.Equal(-1, description.Inputs["rate"].BatchAxis);
        Assert.Equal(new RandomDescription("integers", -3, 3), description.Inputs["noise"].Random);
        Assert.Equal((true, -1L, 0L), (description.Target!.IsNext, description.Target.Offset, description.Target.Ignore!.Value));
        Assert.Equal(("v.txt", 64, 3L), (description.Text.Vocabulary, description.Text.Length!.Value, description.Text.Unknown!.Value));
        Assert.Equal('\t', description.Delimiter);
    }

    [Theory]
    [InlineData("format: images\nresizee: 3", "d.yaml, line 2: unknown key 'resizee'; expected one of calibrate, ")]
    [InlineData("preprocess: {scal: 1}", "d.yaml, line 1: unknown key 'scal' in 'preprocess'; expected one of ")]
    [InlineData("format: pictures", "d.yaml, line 1: 'format' is one of images, idx, cifar, npy, csv, text, synthetic, found 'pictures'.")]
    [InlineData("files: a\nfiles: b", "d.yaml, line 2: the key 'files' stands twice.")]
    [InlineData("files: &a x\n", "anchors and aliases are not part of this format")]
    [InlineData("files: a\ncalibrate: b", "not both.")]
    [InlineData("calibrate: b", "'evaluate' is missing")]
    [InlineData("files: a\nsplit: {calibrate: first many}", "'calibrate' takes all, rest, first 200")]
    [InlineData("files: a\nsplit: {calibrate: rest}", "at most one part of 'split' is 'rest'.")]
    [InlineData("preprocess: {std: 0}", "expected numbers other than 0.")]
    [InlineData("preprocess: {scale: 1/0}", "'scale' takes a number such as 0.5 or 1/255")]
    [InlineData("preprocess: {from: a, constant: 1}", "takes one of from, constant and random.")]
    [InlineData("preprocess: {resize: [1, 2, 3]}", "'resize' takes one number or [height, width].")]
    [InlineData("preprocess: {crop: -3}", "'crop' takes a positive whole number, found '-3'.")]
    [InlineData("metric: psnr", "go together")]
    [InlineData("- a", "d.yaml, line 1: expected a mapping such as 'format: images', found a list.")]
    [InlineData("", "d.yaml is empty")]
    [InlineData("a: [", "is not YAML")]
    [InlineData("format: synthetic\ncalibrate: many", "is the number of samples, at most 100000000, found 'many'.")]
    [InlineData("format: synthetic\ncalibrate: 9000000000000000000", "at most 100000000")]
    [InlineData("text: {length: 2000000000}", "'length' takes at most 16777216 tokens")]
    public void Mistakes_are_named_with_their_line(string text, string expected)
        => Assert.Contains(expected, Assert.Throws<DataException>(() => Parse(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Deep_nesting_is_refused()
        => Assert.Contains("levels of nesting", Assert.Throws<DataException>(() => Parse($"a: {new string('[', 40)}{new string(']', 40)}")).Message, StringComparison.Ordinal);

    [Fact]
    public void Any_text_gives_a_description_or_a_sentence()
    {
        const string whole = "format: npy\nfiles: {x: a.npy}\nsplit: {calibrate: first 2}\npreprocess: {scale: 1/255, mean: [1, 2]}\ntarget: {from: y, offset: 1}\n";
        Gen.Select(Gen.Int[0, whole.Length - 1], Gen.Char[" :{}[],'\"&*!#-ab0\n\t|>%@`"], Gen.Bool).Sample((at, character, isCut) =>
        {
            string text = isCut ? whole[..at] + character : whole[..at] + character + whole[(at + 1)..];
            try
            {
                Parse(text);
            }
            catch (DataException exception)
            {
                Assert.StartsWith("d.yaml", exception.Message, StringComparison.Ordinal);
            }
        }, iter: 2000);
    }

    static DataDescription Parse(string text) => DescriptionParser.Parse(YamlFile.Parse(text, "d.yaml"), "d.yaml", Path.GetTempPath());
}
