using System.Globalization;

namespace Kneepoint.Glyphs;

/// <summary>Three small networks that learned labels by heart, of which 0, 50 or 100 % were drawn at random.</summary>
/// <remarks>
/// The images are the demo's test images, which are stored with it: the first 2,000 for training, the other 1,000 for testing. The label of
/// each is replaced, with the probability of the noise, by one drawn uniformly from all classes; labels for training and for testing are drawn alike, so that all
/// examples of one noise come independently from one distribution.
/// </remarks>
static class LabelNoise
{
    const int TrainingCount = 2000, Count = 3000, Steps = 12_000, Seed = 30, NoiseSeed = 3000;

    /// <summary>Writes the networks and their labels into a folder, and prints their errors.</summary>
    public static void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        byte[] images = new byte[Count * GlyphRenderer.Pixels], labels = new byte[Count];
        for (int i = 0; i < Count; i++) labels[i] = (byte)Samples.Draw(Samples.TestSeed, i, ImageOf(images, i));
        foreach (int percent in (int[])[0, 50, 100])
        {
            byte[] noisy = Noisy(labels, percent);
            var network = Network.Small(GlyphShapes.All.Length, new Random(Seed));
            Trainer.Train(network, Steps, Next, (_, _) => { });
            OnnxExport.Write(network, Path.Combine(folder, $"noise-{percent}.onnx"));
            IdxFile.Write(Path.Combine(folder, $"noise-{percent}-labels.idx.gz"), noisy, Count);
            double training = Trainer.ErrorRate(network, images.AsSpan(0, TrainingCount * GlyphRenderer.Pixels), noisy.AsSpan(0, TrainingCount));
            double test = Trainer.ErrorRate(network, images.AsSpan(TrainingCount * GlyphRenderer.Pixels), noisy.AsSpan(TrainingCount));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{percent} % random labels: error {training:0.0000} in training, {test:0.0000} in testing"));

            int Next(int index, Span<byte> image)
            {
                int i = index % TrainingCount;
                ImageOf(images, i).CopyTo(image);
                return noisy[i];
            }
        }
    }

    static Span<byte> ImageOf(byte[] images, int index) => images.AsSpan(index * GlyphRenderer.Pixels, GlyphRenderer.Pixels);

    // One generator for all draws: generators of neighboring seeds begin alike. Every example takes two draws, so that more noise only replaces more labels.
    static byte[] Noisy(byte[] labels, int percent)
    {
        var random = new Random(NoiseSeed);
        return [.. labels.Select(label => (IsReplaced: 100 * random.NextDouble() < percent, Drawn: (byte)random.Next(GlyphShapes.All.Length), Label: label))
            .Select(example => example.IsReplaced ? example.Drawn : example.Label)];
    }
}
