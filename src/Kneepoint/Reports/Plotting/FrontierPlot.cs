using System.Globalization;

namespace Kneepoint.Reports.Plotting;

/// <summary>Draws a study: accuracy over memory and accuracy over compute, side by side on one scale of accuracy.</summary>
/// <remarks>
/// The line in each panel is the frontier of the two figures that the panel shows; variants on the study's own frontier, which may have
/// more objectives, are in its color wherever they stand. Bars are the 95 % interval of the paired change against the baseline, which is what
/// decides between variants; where there is none, the interval of the accuracy itself. Better is up, also for a metric that is minimized.
/// </remarks>
public static class FrontierPlot
{
    /// <summary>The drawing's width in pixels: that of a README's column.</summary>
    public const int Width = 800;

    /// <summary>The drawing's height in pixels.</summary>
    public const int Height = 444;

    const double Left = 62;
    const double Right = 18;
    const double Gap = 28;
    const double Top = 88;
    const double Bottom = 372;

    /// <summary>Draws on a canvas of <see cref="Width"/> by <see cref="Height"/>.</summary>
    /// <param name="document">The study.</param>
    /// <param name="canvas">Where to draw.</param>
    /// <param name="budgets">Lines to draw for budgets; null for none.</param>
    public static void Draw(FrontierDocument document, IPlotCanvas canvas, PlotBudgets? budgets = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(canvas);
        document = FiniteFigures.Of(document);
        canvas.Shape([new(0, 0), new(Width, 0), new(Width, Height), new(0, Height)], PlotInk.Background);
        WriteHead(document, canvas);
        double panel = (Width - Left - Right - Gap) / 2;
        var accuracy = AccuracyAxis.Of(document, Top, Bottom);
        new FrontierPanel(document, canvas, accuracy, FigureKind.MemoryOf(document), Left, Left + panel)
            .Draw(hasTickTexts: true, budgets?.Memory, budgets?.Accuracy);
        new FrontierPanel(document, canvas, accuracy, FigureKind.ComputeOf(document), Left + panel + Gap, Width - Right)
            .Draw(hasTickTexts: false, budgets?.Compute, budgets?.Accuracy);
        PlotLegend.Draw(document, canvas, Left, Height - 18);
    }

    /// <summary>The drawing as an SVG file.</summary>
    public static byte[] ToSvg(FrontierDocument document, PlotBudgets? budgets = null)
    {
        ArgumentNullException.ThrowIfNull(document);
        document = FiniteFigures.Of(document);
        var canvas = new SvgCanvas(Width, Height, Title(document), $"{FrontierSummary.Of(document)} {FrontierText.Caption(document)}");
        Draw(document, canvas, budgets);
        return canvas.ToBytes();
    }

    static string Title(FrontierDocument document) => string.Create(CultureInfo.InvariantCulture,
        $"{document.Model.File}: {Format.Whole(document.Variants.Length)} measured {(document.Variants.Length == 1 ? "variant" : "variants")}, {Format.Whole(document.Frontier.Length)} on the frontier");

    static void WriteHead(FrontierDocument document, IPlotCanvas canvas)
    {
        const double Room = Width - 16 - Right;
        canvas.Text(new(16, 27), Fit(Title(document), 16, Room, isBold: true), new(16, PlotInk.Text) { IsBold = true });
        canvas.Text(new(16, 47), Fit(FrontierText.Circumstances(document), 12, Room), new(12, PlotInk.MutedText));
    }

    // Text is measured by the plots' own font; a browser's may be a little wider.
    internal static string Fit(string text, double size, double room, bool isBold = false)
    {
        const double Safety = 1.08;
        text = Format.Plain(text);
        if (StrokeFont.Width(text, size, isBold) * Safety <= room) return text;
        var runes = text.EnumerateRunes().ToList();
        while (runes.Count > 1 && StrokeFont.Width(string.Concat(runes) + "…", size, isBold) * Safety > room) runes.RemoveAt(runes.Count - 1);
        return string.Concat(runes).TrimEnd() + "…";
    }
}

/// <summary>Budgets to draw as lines.</summary>
/// <param name="Memory">Most of the study's figure of memory, in bytes.</param>
/// <param name="Compute">Most of the study's figure of compute, in its unit.</param>
/// <param name="Accuracy">Least of the metric (most, if it is minimized), in its own unit.</param>
public sealed record PlotBudgets(double? Memory, double? Compute, double? Accuracy);
