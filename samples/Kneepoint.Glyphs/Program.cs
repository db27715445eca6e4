using System.Globalization;
using Kneepoint.Glyphs;

// Remakes the demo's network and data from a seed:
//   dotnet run -c Release --project samples/Kneepoint.Glyphs -- samples/glyphs [steps]
// or three networks that learned random labels by heart:
//   dotnet run -c Release --project samples/Kneepoint.Glyphs -- label-noise FOLDER
const int Seed = 20, CalibrationSeed = 2000, TestCount = 3000, CalibrationCount = 512, DefaultSteps = 5000;

if (args is ["label-noise", var target])
{
    LabelNoise.Write(target);
    return;
}

string folder = args.Length > 0 ? args[0] : "samples/glyphs";
int steps = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : DefaultSteps;
Directory.CreateDirectory(folder);

var network = Network.Convolutional(GlyphShapes.All.Length, new Random(Seed));
Trainer.Train(network, steps, (index, image) => Samples.Draw(Seed, index, image), (step, loss) =>
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step {step}/{steps}: loss {loss:0.0000} nat")));
OnnxExport.Write(network, Path.Combine(folder, "glyphs.onnx"));

byte[] testImages = WriteSamples("test", Samples.TestSeed, TestCount, out byte[] testLabels);
WriteSamples("calibration", CalibrationSeed, CalibrationCount, out _);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"top-1 {1 - Trainer.ErrorRate(network, testImages, testLabels):0.0000} on {TestCount} test images"));

byte[] WriteSamples(string part, int seed, int count, out byte[] labels)
{
    byte[] images = new byte[count * GlyphRenderer.Pixels];
    labels = new byte[count];
    for (int i = 0; i < count; i++)
    {
        labels[i] = (byte)Samples.Draw(seed, i, images.AsSpan(i * GlyphRenderer.Pixels, GlyphRenderer.Pixels));
    }

    IdxFile.Write(Path.Combine(folder, $"{part}-images.idx.gz"), images, count, GlyphRenderer.Side, GlyphRenderer.Side);
    IdxFile.Write(Path.Combine(folder, $"{part}-labels.idx.gz"), labels, count);
    return images;
}
