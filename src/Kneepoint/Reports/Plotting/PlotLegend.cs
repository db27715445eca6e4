namespace Kneepoint.Reports.Plotting;

/// <summary>Explains the signs of a <see cref="FrontierPlot"/>, those that occur.</summary>
static class PlotLegend
{
    const double Size = 11.5;

    public static void Draw(FrontierDocument document, IPlotCanvas canvas, double left, double baseLine)
    {
        double x = left, y = baseLine - 4;
        bool hasTied = document.Variants.Any(v => v.OnFrontier && !v.TiedWith.IsEmpty);
        bool hasDominated = document.Variants.Any(v => !v.OnFrontier && !v.IsBaseline);
        canvas.Line([new(x - 8, y), new(x + 8, y)], PlotInk.Frontier, 1.5);
        canvas.Circle(new(x, y), 4.2, PlotInk.Frontier, PlotInk.Background, 1);
        x = Write(canvas, x, baseLine, "on the frontier");
        if (hasTied)
        {
            canvas.Circle(new(x, y), 3.4, PlotInk.Background, PlotInk.Frontier, 1.7);
            x = Write(canvas, x, baseLine, "tied in accuracy");
        }

        if (hasDominated)
        {
            canvas.Circle(new(x, y), 2.6, PlotInk.Dominated);
            x = Write(canvas, x, baseLine, "dominated");
        }

        if (document.Variants.FirstOrDefault(v => v.OnFrontier && AccuracyAxis.Bar(document, v) is not null) is { } barred)
        {
            canvas.Line([new(x, y - 6), new(x, y + 6)], PlotInk.FrontierSoft, 1.4);
            canvas.Line([new(x - 2.5, y - 6), new(x + 2.5, y - 6)], PlotInk.FrontierSoft, 1.4);
            canvas.Line([new(x - 2.5, y + 6), new(x + 2.5, y + 6)], PlotInk.FrontierSoft, 1.4);
            bool isPaired = barred.AccuracyChange is { } change && double.IsFinite(change.Low);
            Write(canvas, x, baseLine, isPaired ? "95 % interval of the change against the baseline" : "95 % interval");
        }
    }

    static double Write(IPlotCanvas canvas, double x, double baseLine, string text)
    {
        canvas.Text(new(x + 13, baseLine), text, new(Size, PlotInk.MutedText));
        return x + 13 + StrokeFont.Width(text, Size) * 1.05 + 24;
    }
}
