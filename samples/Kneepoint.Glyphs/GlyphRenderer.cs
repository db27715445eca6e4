using System.Numerics;

namespace Kneepoint.Glyphs;

/// <summary>Draws a sign with random shape, thickness, rotation, clutter and noise.</summary>
static class GlyphRenderer
{
    public const int Side = 20;
    public const int Pixels = Side * Side;

    // Fewer gray levels compress better and cost the task nothing.
    const int GrayLevels = 16;

    /// <summary>Draws one image into [Side, Side], 0 to 255.</summary>
    public static void Draw(int label, Random random, Span<byte> destination)
    {
        float rotation = Spread(random, 0.6f);
        float shear = Spread(random, 0.25f);
        var scale = new Vector2(5.6f + Spread(random, 1.8f), 5.6f + Spread(random, 1.8f));
        var center = new Vector2(Side / 2f + Spread(random, 1.7f), Side / 2f + Spread(random, 1.7f));
        float thickness = 0.55f + random.NextSingle() * 1.0f;
        float ink = 0.55f + random.NextSingle() * 0.45f;
        float noise = 0.08f + random.NextSingle() * 0.24f;

        Span<float> image = stackalloc float[Pixels];
        image.Clear();
        foreach (var stroke in GlyphShapes.All[label].Strokes)
        {
            var points = new Vector2[stroke.Length];
            for (int i = 0; i < stroke.Length; i++)
            {
                var jittered = stroke[i] + new Vector2(Spread(random, 0.2f), Spread(random, 0.2f));
                jittered.X += shear * jittered.Y;
                points[i] = center + Vector2.Transform(jittered, Matrix3x2.CreateRotation(rotation)) * scale;
            }

            for (int i = 1; i < points.Length; i++) Stroke(points[i - 1], points[i], thickness, ink, image);
        }

        int clutter = random.Next(0, 4);
        for (int i = 0; i < clutter; i++)
        {
            var from = new Vector2(random.NextSingle() * Side, random.NextSingle() * Side);
            var to = from + new Vector2(Spread(random, 5), Spread(random, 5));
            Stroke(from, to, 0.5f + random.NextSingle() * 0.5f, ink * 0.8f, image);
        }

        for (int i = 0; i < Pixels; i++)
        {
            float value = Math.Clamp(image[i] + noise * Gaussian(random), 0, 1);
            destination[i] = (byte)(MathF.Round(value * (GrayLevels - 1)) * 255 / (GrayLevels - 1));
        }
    }

    static void Stroke(Vector2 from, Vector2 to, float thickness, float ink, Span<float> image)
    {
        var along = to - from;
        float lengthSquared = Math.Max(along.LengthSquared(), 1e-6f);
        for (int y = 0; y < Side; y++)
        {
            for (int x = 0; x < Side; x++)
            {
                var pixel = new Vector2(x + 0.5f, y + 0.5f);
                float t = Math.Clamp(Vector2.Dot(pixel - from, along) / lengthSquared, 0, 1);
                float distance = Vector2.Distance(pixel, from + t * along);
                float covered = ink * Math.Clamp(thickness + 0.5f - distance, 0, 1);
                int place = y * Side + x;
                image[place] = Math.Max(image[place], covered);
            }
        }
    }

    static float Spread(Random random, float half) => (random.NextSingle() * 2 - 1) * half;

    static float Gaussian(Random random)
    {
        // Box and Muller; 1 - u keeps the logarithm away from zero.
        float radius = MathF.Sqrt(-2 * MathF.Log(1 - random.NextSingle()));
        return radius * MathF.Cos(2 * MathF.PI * random.NextSingle());
    }
}
