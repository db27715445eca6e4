namespace Kneepoint.Reports.Plotting;

/// <summary>What a plot is drawn on. Positions and lengths are in pixels at a scale of one, from the upper left corner, y downward.</summary>
public interface IPlotCanvas
{
    /// <summary>Draws connected lines.</summary>
    /// <param name="points">At least two.</param>
    /// <param name="ink">The color.</param>
    /// <param name="width">Of the line.</param>
    /// <param name="dash">Length of dashes and gaps; 0 for a solid line.</param>
    void Line(ReadOnlySpan<PlotPoint> points, PlotInk ink, double width, double dash = 0);

    /// <summary>Fills a closed shape and draws its outline.</summary>
    /// <param name="points">At least three.</param>
    /// <param name="fill">Inside; null for nothing.</param>
    /// <param name="outline">The outline; null for none.</param>
    /// <param name="width">Of the outline.</param>
    void Shape(ReadOnlySpan<PlotPoint> points, PlotInk? fill, PlotInk? outline = null, double width = 0);

    /// <summary>Fills a circle and draws its outline.</summary>
    void Circle(PlotPoint center, double radius, PlotInk? fill, PlotInk? outline = null, double width = 0);

    /// <summary>Fills many equal circles at once.</summary>
    void Dots(ReadOnlySpan<PlotPoint> centers, double radius, PlotInk ink);

    /// <summary>Writes one line of text.</summary>
    /// <param name="at">On the text's base line, at its anchor.</param>
    /// <param name="text">Any text; characters without a form are shown as boxes.</param>
    /// <param name="style">How.</param>
    void Text(PlotPoint at, string text, PlotTextStyle style);
}

/// <summary>A position in pixels.</summary>
/// <param name="X">To the right.</param>
/// <param name="Y">Downward.</param>
public readonly record struct PlotPoint(double X, double Y);

/// <summary>How a text looks.</summary>
/// <param name="Size">Pixels per em.</param>
/// <param name="Ink">The color.</param>
public readonly record struct PlotTextStyle(double Size, PlotInk Ink)
{
    /// <summary>Which part of the text stands at its position.</summary>
    public PlotAnchor Anchor { get; init; }

    /// <summary>Whether strokes are heavier.</summary>
    public bool IsBold { get; init; }

    /// <summary>Whether the text runs upward, turned by a quarter.</summary>
    public bool IsUpward { get; init; }

    /// <summary>Whether the ground shows around the letters, so that lines beneath do not cross them.</summary>
    public bool HasHalo { get; init; }
}

/// <summary>Which part of a text stands at its position.</summary>
public enum PlotAnchor
{
    /// <summary>The first letter.</summary>
    Start,

    /// <summary>The middle.</summary>
    Middle,

    /// <summary>The last letter.</summary>
    End,
}
