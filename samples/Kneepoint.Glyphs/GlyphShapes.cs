using System.Numerics;

namespace Kneepoint.Glyphs;

/// <summary>Sixteen signs as strokes in the square from −1 to 1; several differ by one stroke only, so that classes can be confused.</summary>
static class GlyphShapes
{
    public static readonly (string Name, Vector2[][] Strokes)[] All =
    [
        ("plus", [Line(-1, 0, 1, 0), Line(0, -1, 0, 1)]),
        ("cross", [Line(-1, -1, 1, 1), Line(-1, 1, 1, -1)]),
        ("tee", [Line(-1, -1, 1, -1), Line(0, -1, 0, 1)]),
        ("ell", [Line(-0.8f, -1, -0.8f, 1), Line(-0.8f, 1, 0.8f, 1)]),
        ("ring", [Arc(0, 0, 0.95f, 0, 360)]),
        ("bowl", [Arc(0, 0, 0.95f, 50, 310)]),
        ("square", [[new(-0.85f, -0.85f), new(0.85f, -0.85f), new(0.85f, 0.85f), new(-0.85f, 0.85f), new(-0.85f, -0.85f)]]),
        ("triangle", [[new(0, -1), new(0.95f, 0.8f), new(-0.95f, 0.8f), new(0, -1)]]),
        ("zig", [[new(-0.8f, -0.9f), new(0.8f, -0.9f), new(-0.8f, 0.9f), new(0.8f, 0.9f)]]),
        ("en", [[new(-0.8f, 0.95f), new(-0.8f, -0.95f), new(0.8f, 0.95f), new(0.8f, -0.95f)]]),
        ("wye", [Line(-0.9f, -1, 0, 0), Line(0.9f, -1, 0, 0), Line(0, 0, 0, 1)]),
        ("vee", [[new(-0.9f, -0.95f), new(0, 0.95f), new(0.9f, -0.95f)]]),
        ("arrow", [Line(-1, 0, 1, 0), [new(0.25f, -0.75f), new(1, 0), new(0.25f, 0.75f)]]),
        ("ess", [[.. Arc(0, -0.48f, 0.48f, 330, 90, reverse: true), .. Arc(0, 0.48f, 0.48f, 270, 510)]]),
        ("target", [Arc(0, 0, 0.95f, 0, 360), Line(-0.45f, 0, 0.45f, 0)]),
        ("aitch", [Line(-0.8f, -1, -0.8f, 1), Line(0.8f, -1, 0.8f, 1), Line(-0.8f, 0, 0.8f, 0)]),
    ];

    static Vector2[] Line(float x0, float y0, float x1, float y1) => [new(x0, y0), new(x1, y1)];

    static Vector2[] Arc(float x, float y, float radius, float fromDegrees, float toDegrees, bool reverse = false)
    {
        const int Pieces = 14;
        if (reverse && toDegrees > fromDegrees) toDegrees -= 360;
        var points = new Vector2[Pieces + 1];
        for (int i = 0; i <= Pieces; i++)
        {
            float angle = (fromDegrees + (toDegrees - fromDegrees) * i / Pieces) * MathF.PI / 180;
            points[i] = new Vector2(x + radius * MathF.Cos(angle), y + radius * MathF.Sin(angle));
        }

        return points;
    }
}
