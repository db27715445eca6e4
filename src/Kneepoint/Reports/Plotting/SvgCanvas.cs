using System.Globalization;
using System.Text;

namespace Kneepoint.Reports.Plotting;

/// <summary>Draws a plot as SVG: text as text, colors by class, light or dark as the reader prefers.</summary>
public sealed class SvgCanvas : IPlotCanvas
{
    readonly StringBuilder _body = new();
    readonly double _width;
    readonly double _height;
    readonly string _title;
    readonly string _description;

    /// <summary>Starts an empty drawing.</summary>
    /// <param name="width">Pixels.</param>
    /// <param name="height">Pixels.</param>
    /// <param name="title">Its name for those who do not see it.</param>
    /// <param name="description">What it shows, for those who do not see it.</param>
    public SvgCanvas(double width, double height, string title, string description)
    {
        _width = width;
        _height = height;
        _title = title;
        _description = description;
    }

    /// <inheritdoc/>
    public void Line(ReadOnlySpan<PlotPoint> points, PlotInk ink, double width, double dash = 0)
    {
        string dashes = dash > 0 ? Invariant($" stroke-dasharray=\"{Number(dash)}\"") : "";
        Append($"<path class=\"l {Class(ink)}\" stroke-width=\"{Number(width)}\"{dashes} d=\"{Path(points)}\"/>");
    }

    /// <inheritdoc/>
    public void Shape(ReadOnlySpan<PlotPoint> points, PlotInk? fill, PlotInk? outline = null, double width = 0) =>
        Append($"<path{Paint(fill, outline, width)} d=\"{Path(points)}Z\"/>");

    /// <inheritdoc/>
    public void Circle(PlotPoint center, double radius, PlotInk? fill, PlotInk? outline = null, double width = 0) =>
        Append($"<circle{Paint(fill, outline, width)} cx=\"{Number(center.X)}\" cy=\"{Number(center.Y)}\" r=\"{Number(radius)}\"/>");

    /// <inheritdoc/>
    public void Dots(ReadOnlySpan<PlotPoint> centers, double radius, PlotInk ink)
    {
        // A line of no length with round ends is a dot: a tenth of the text that circles take.
        var path = new StringBuilder();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var center in centers)
        {
            string dot = $"M{Number(center.X)} {Number(center.Y)}h0";
            if (seen.Add(dot)) path.Append(dot);
        }

        if (path.Length > 0) Append($"<path class=\"l {Class(ink)}\" stroke-width=\"{Number(2 * radius)}\" d=\"{path}\"/>");
    }

    /// <inheritdoc/>
    public void Text(PlotPoint at, string text, PlotTextStyle style)
    {
        string anchor = style.Anchor switch
        {
            PlotAnchor.Middle => " text-anchor=\"middle\"",
            PlotAnchor.End => " text-anchor=\"end\"",
            _ => "",
        };
        string classes = $"f{(int)style.Ink}{(style.IsBold ? " b" : "")}{(style.HasHalo ? " h" : "")}";
        string place = style.IsUpward
            ? $"transform=\"translate({Number(at.X)} {Number(at.Y)}) rotate(-90)\""
            : $"x=\"{Number(at.X)}\" y=\"{Number(at.Y)}\"";
        Append($"<text class=\"{classes}\" {place} font-size=\"{Number(style.Size)}\"{anchor}>{Escape(text)}</text>");
    }

    /// <summary>The drawing as a file: UTF-8, well-formed, without any reference to the outside.</summary>
    public byte[] ToBytes()
    {
        string head = string.Join("\n",
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Number(_width)}\" height=\"{Number(_height)}\" "
                + $"viewBox=\"0 0 {Number(_width)} {Number(_height)}\" role=\"img\" aria-labelledby=\"t d\">",
            $"<title id=\"t\">{Escape(_title)}</title>",
            $"<desc id=\"d\">{Escape(_description)}</desc>",
            $"<style>{Style()}</style>",
            "");
        return Encoding.UTF8.GetBytes($"{head}{_body}</svg>\n");
    }

    static string Style()
    {
        var style = new StringBuilder();
        style.Append("text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,'Helvetica Neue',Arial,'DejaVu Sans',sans-serif}");
        style.Append(".b{font-weight:600}.l{fill:none;stroke-linecap:round;stroke-linejoin:round}.n{fill:none}");
        style.Append(".h{paint-order:stroke;stroke-width:3.5px;stroke-linejoin:round}");
        AppendColors(style, PlotPalette.Light);
        style.Append("@media(prefers-color-scheme:dark){");
        AppendColors(style, PlotPalette.Dark);
        return style.Append('}').ToString();
    }

    static void AppendColors(StringBuilder style, Func<PlotInk, uint> palette)
    {
        foreach (var ink in Enum.GetValues<PlotInk>())
        {
            style.Append(CultureInfo.InvariantCulture, $".f{(int)ink}{{fill:#{palette(ink):x6}}}.s{(int)ink}{{stroke:#{palette(ink):x6}}}");
        }

        style.Append(CultureInfo.InvariantCulture, $".h{{stroke:#{palette(PlotInk.Background):x6}}}");
    }

    static string Class(PlotInk ink) => Invariant($"s{(int)ink}");

    static string Paint(PlotInk? fill, PlotInk? outline, double width)
    {
        string classes = fill is { } f ? Invariant($"f{(int)f}") : "n";
        return outline is { } o ? $" class=\"{classes} {Class(o)}\" stroke-width=\"{Number(width)}\"" : $" class=\"{classes}\"";
    }

    static string Path(ReadOnlySpan<PlotPoint> points)
    {
        var path = new StringBuilder();
        foreach (var point in points)
        {
            path.Append(path.Length == 0 ? 'M' : 'L').Append(Number(point.X)).Append(' ').Append(Number(point.Y));
        }

        return path.ToString();
    }

    // A tenth of a pixel is finer than the eye; XML takes no control characters.
    static string Number(double number) => Math.Round(number, 1).ToString("0.#", CultureInfo.InvariantCulture);

    static string Escape(string text) => System.Security.SecurityElement.Escape(Format.Plain(text));

    static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    void Append(string element) => _body.Append(element).Append('\n');
}
