using System.Globalization;

namespace Kneepoint.Reports.Plotting;

/// <summary>A sans-serif alphabet drawn with a round pen: the plots' text where no fonts are installed.</summary>
/// <remarks>
/// Letters are lines and arcs on a grid of 100 units per em, base line 0, capitals to 72, y upward; advances are near those of common
/// sans-serif fonts, so widths measured here also serve to lay out text that a browser will draw. ASCII and the signs of figures are
/// there; any other character is a box.
/// </remarks>
public static class StrokeFont
{
    const double UnitsPerEm = 100;
    const double RegularPen = 8.6;
    const double BoldPen = 13;
    const double ArcStepDegrees = 12;

    static readonly Dictionary<int, Glyph> Glyphs = StrokeFontGlyphs.All.ToDictionary(entry => entry.Character, entry => Parse(entry.Advance, entry.Strokes));
    static readonly Glyph Box = Parse(56, "M9 4 L9 68 L47 68 L47 4 L9 4");

    /// <summary>The width of a line of text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Pixels per em.</param>
    /// <param name="isBold">Whether the strokes are heavier; letters then stand wider.</param>
    /// <returns>Pixels.</returns>
    public static double Width(string text, double size, bool isBold = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        double units = 0;
        foreach (var rune in text.EnumerateRunes()) units += Find(rune.Value).Advance + Spread(isBold);
        return units * size / UnitsPerEm;
    }

    /// <summary>The width of the pen.</summary>
    /// <returns>Pixels.</returns>
    public static double Pen(double size, bool isBold) => (isBold ? BoldPen : RegularPen) * size / UnitsPerEm;

    /// <summary>The strokes of a line of text, each to be drawn with round ends.</summary>
    /// <param name="at">The base line's position at the anchor.</param>
    /// <param name="text">The text.</param>
    /// <param name="style">Size, anchor, weight and direction.</param>
    public static IEnumerable<PlotPoint[]> Strokes(PlotPoint at, string text, PlotTextStyle style)
    {
        ArgumentNullException.ThrowIfNull(text);
        double scale = style.Size / UnitsPerEm;
        double pen = style.Anchor switch
        {
            PlotAnchor.Start => 0,
            PlotAnchor.Middle => -Width(text, style.Size, style.IsBold) / 2,
            _ => -Width(text, style.Size, style.IsBold),
        };
        foreach (var rune in text.EnumerateRunes())
        {
            var glyph = Find(rune.Value);
            foreach (var stroke in glyph.Strokes)
            {
                yield return [.. stroke.Select(point => style.IsUpward
                    ? new PlotPoint(at.X - point.Y * scale, at.Y - pen - point.X * scale)
                    : new PlotPoint(at.X + pen + point.X * scale, at.Y - point.Y * scale))];
            }

            pen += (glyph.Advance + Spread(style.IsBold)) * scale;
        }
    }

    static double Spread(bool isBold) => isBold ? 3.5 : 0;

    static Glyph Find(int character) => Glyphs.TryGetValue(character, out var glyph) ? glyph : Box;

    // "M x y" lifts the pen, "L x y" draws a line, "O cx cy rx ry from sweep" an arc in degrees counterclockwise from the right.
    static Glyph Parse(double advance, string strokes)
    {
        var finished = new List<PlotPoint[]>();
        var current = new List<PlotPoint>();
        string[] words = strokes.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        for (int i = 0; i < words.Length;)
        {
            char command = words[i][0];
            double[] numbers = new double[command == 'O' ? 6 : 2];
            for (int k = 0; k < numbers.Length; k++)
            {
                numbers[k] = double.Parse(k == 0 ? words[i][1..] : words[i + k], CultureInfo.InvariantCulture);
            }

            i += numbers.Length;
            if (command == 'M') Lift(current, finished);
            if (command == 'O') current.AddRange(Arc(numbers));
            else current.Add(new PlotPoint(numbers[0], numbers[1]));
        }

        Lift(current, finished);
        return new Glyph(advance, [.. finished]);
    }

    static void Lift(List<PlotPoint> current, List<PlotPoint[]> finished)
    {
        if (current.Count > 0) finished.Add([.. current]);
        current.Clear();
    }

    static IEnumerable<PlotPoint> Arc(double[] arc)
    {
        int steps = (int)Math.Ceiling(Math.Abs(arc[5]) / ArcStepDegrees);
        for (int i = 0; i <= steps; i++)
        {
            double angle = (arc[4] + arc[5] * i / steps) * Math.PI / 180;
            yield return new PlotPoint(arc[0] + arc[2] * Math.Cos(angle), arc[1] + arc[3] * Math.Sin(angle));
        }
    }

    sealed record Glyph(double Advance, PlotPoint[][] Strokes);
}
