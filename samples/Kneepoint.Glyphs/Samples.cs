namespace Kneepoint.Glyphs;

/// <summary>Sample i of a seed: the same image and label wherever and whenever it is drawn.</summary>
static class Samples
{
    public const double Mean = 0.2, Deviation = 0.3;

    /// <summary>The seed of the images that the demo is measured on.</summary>
    public const int TestSeed = 1000;

    /// <summary>Draws an image [Side, Side].</summary>
    /// <returns>Its label.</returns>
    public static int Draw(int seed, int index, Span<byte> image)
    {
        // An odd multiplier spreads neighboring indices over unrelated seeds.
        var random = new Random(unchecked(seed * 486187739 + index * (int)2654435761));
        int label = random.Next(GlyphShapes.All.Length);
        GlyphRenderer.Draw(label, random, image);
        return label;
    }

    /// <summary>(x/255 − mean) ÷ deviation.</summary>
    public static void Normalize(ReadOnlySpan<byte> image, Span<float> destination)
    {
        for (int i = 0; i < image.Length; i++) destination[i] = (float)((image[i] / 255.0 - Mean) / Deviation);
    }
}
