using System.Globalization;
using System.Net;
using System.Text;
using Kneepoint.Reports.Plotting;

namespace Kneepoint.Reports.Html;

/// <summary>A point of a plot in the report, with the text that is shown when it is pointed at.</summary>
/// <param name="X">Across.</param>
/// <param name="Y">Up.</param>
/// <param name="Low">Lower end of a bar at the point; NaN for none.</param>
/// <param name="High">Upper end.</param>
/// <param name="Text">Shown on pointing.</param>
sealed record ScatterPoint(double X, double Y, double Low, double High, string Text);

/// <summary>Points of one kind.</summary>
/// <param name="Name">In the legend.</param>
/// <param name="Class">Style of a point: "front", "below" or "basemark".</param>
/// <param name="IsLine">Whether a line joins them.</param>
/// <param name="Points">From left to right.</param>
sealed record ScatterSeries(string Name, string Class, bool IsLine, IReadOnlyList<ScatterPoint> Points);

/// <summary>A plot of points as SVG within the page, styled by the page, readable without its script.</summary>
sealed record ScatterPlot(string Title, string XLabel, string YLabel, IReadOnlyList<ScatterSeries> Series)
{
    const double Width = 560, Height = 360, Left = 64, Right = 14, Top = 12, Bottom = 48;

    /// <summary>Whether the horizontal axis may be logarithmic.</summary>
    public bool IsLogX { get; init; }

    /// <summary>Whether the vertical axis may be logarithmic.</summary>
    public bool IsLogY { get; init; }

    /// <summary>Whether a line shows where both axes are equal.</summary>
    public bool HasDiagonal { get; init; }

    /// <summary>The figure, with its legend.</summary>
    public string ToHtml()
    {
        var points = Series.SelectMany(series => series.Points).Where(point => double.IsFinite(point.X) && double.IsFinite(point.Y)).ToList();
        var across = PlotAxis.Of(points.Select(point => point.X), Left, Width - Right, IsLogX, 0.05);
        var up = PlotAxis.Of(points.Select(point => point.Y), Height - Bottom, Top, IsLogY, 0.06);
        var svg = new StringBuilder();
        svg.Append(CultureInfo.InvariantCulture, $"<figure class=\"chart\"><figcaption>{Escape(Title)}</figcaption><svg viewBox=\"0 0 {Width} {Height}\" role=\"img\" aria-label=\"{Escape(Title)}\">");
        Axes(svg, across, up);
        if (HasDiagonal) Diagonal(svg, across, up);
        foreach (var series in Series) Draw(svg, series, across, up);
        svg.Append("</svg><div class=\"legend\">");
        foreach (var series in Series) svg.Append(CultureInfo.InvariantCulture, $"<span><svg viewBox=\"0 0 20 16\"><circle class=\"{series.Class}\" cx=\"10\" cy=\"8\" r=\"4\"/></svg>{Escape(series.Name)}</span>");
        return svg.Append("</div></figure>").ToString();
    }

    void Axes(StringBuilder svg, PlotAxis across, PlotAxis up)
    {
        var columns = across.Ticks(64);
        double columnStep = PlotAxis.Step(columns);
        foreach (double tick in columns)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{N(across.Pixel(tick))} {N(Top)}V{N(Height - Bottom)}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(across.Pixel(tick))}\" y=\"{N(Height - Bottom + 17)}\" text-anchor=\"middle\">{Tick(tick, columnStep, across.IsLogarithmic)}</text>");
        }

        var rows = up.Ticks(36);
        double rowStep = PlotAxis.Step(rows);
        foreach (double tick in rows)
        {
            svg.Append(CultureInfo.InvariantCulture, $"<path class=\"grid\" d=\"M{N(Left)} {N(up.Pixel(tick))}H{N(Width - Right)}\"/>");
            svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{N(Left - 6)}\" y=\"{N(up.Pixel(tick) + 4)}\" text-anchor=\"end\">{Tick(tick, rowStep, up.IsLogarithmic)}</text>");
        }

        svg.Append(CultureInfo.InvariantCulture, $"<path class=\"axis\" d=\"M{N(Left)} {N(Height - Bottom)}H{N(Width - Right)}\"/>");
        svg.Append(CultureInfo.InvariantCulture, $"<text x=\"{N((Left + Width - Right) / 2)}\" y=\"{N(Height - 8)}\" text-anchor=\"middle\">{Escape(XLabel)}</text>");
        svg.Append(CultureInfo.InvariantCulture, $"<text transform=\"translate(14 {N((Top + Height - Bottom) / 2)}) rotate(-90)\" text-anchor=\"middle\">{Escape(YLabel)}</text>");
    }

    static void Diagonal(StringBuilder svg, PlotAxis across, PlotAxis up)
    {
        double low = Math.Max(across.Low, up.Low), high = Math.Min(across.High, up.High);
        if (low < high) svg.Append(CultureInfo.InvariantCulture, $"<path class=\"cross\" d=\"M{N(across.Pixel(low))} {N(up.Pixel(low))}L{N(across.Pixel(high))} {N(up.Pixel(high))}\"/>");
    }

    static void Draw(StringBuilder svg, ScatterSeries series, PlotAxis across, PlotAxis up)
    {
        var shown = series.Points.Where(point => across.Contains(point.X) && up.Contains(point.Y)).ToList();
        if (series.IsLine && shown.Count > 1)
        {
            svg.Append("<path class=\"stair\" d=\"");
            for (int i = 0; i < shown.Count; i++) svg.Append(CultureInfo.InvariantCulture, $"{(i == 0 ? 'M' : 'L')}{N(across.Pixel(shown[i].X))} {N(up.Pixel(shown[i].Y))}");
            svg.Append("\"/>");
        }

        foreach (var point in shown)
        {
            double x = across.Pixel(point.X);
            if (double.IsFinite(point.Low) && double.IsFinite(point.High) && point.High > point.Low)
            {
                double bottom = up.Pixel(Math.Max(point.Low, up.Low)), top = up.Pixel(Math.Min(point.High, up.High));
                svg.Append(CultureInfo.InvariantCulture, $"<path class=\"errorbar\" d=\"M{N(x)} {N(bottom)}V{N(top)}\"/>");
            }

            svg.Append(CultureInfo.InvariantCulture, $"<circle class=\"{series.Class}\" cx=\"{N(x)}\" cy=\"{N(up.Pixel(point.Y))}\" r=\"4.2\"><title>{Escape(point.Text)}</title></circle>");
        }
    }

    static string Tick(double tick, double step, bool isLogarithmic) =>
        isLogarithmic && tick is (< 0.001 or >= 10000) ? Format.Minus(tick.ToString("0e0", CultureInfo.InvariantCulture)) : TickText.Number(tick, isLogarithmic ? tick : step);

    static string N(double number) => Math.Round(number, 1).ToString("0.#", CultureInfo.InvariantCulture);

    static string Escape(string text) => WebUtility.HtmlEncode(Format.Plain(text));
}
