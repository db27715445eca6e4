using System.Globalization;

namespace Kneepoint.Reports.Plotting;

/// <summary>One panel of a <see cref="FrontierPlot"/>: accuracy over one figure.</summary>
sealed class FrontierPanel
{
    // From so many on, points are drawn smaller and bars only where the line turns.
    const int ManyFrontier = 24;
    const int CrowdedFrontier = 80;
    const int CrowdedDominated = 400;
    const double FrontierRadius = 4.2;
    readonly HashSet<string> _turns = new(StringComparer.Ordinal);
    readonly FrontierDocument _document;
    readonly IPlotCanvas _canvas;
    readonly AccuracyAxis _accuracy;
    readonly FigureKind _figure;
    readonly PlotAxis _axis;
    readonly List<Mark> _marks;
    readonly int _missing;

    public FrontierPanel(FrontierDocument document, IPlotCanvas canvas, AccuracyAxis accuracy, FigureKind figure, double left, double right)
    {
        _document = document;
        _canvas = canvas;
        _accuracy = accuracy;
        _figure = figure;
        var measured = document.Variants.Where(v => v.Accuracy is not null && PlotAxis.CanShow(figure.Value(v))).ToList();
        _missing = document.Variants.Length - measured.Count;
        _axis = PlotAxis.Of(measured.Select(figure.Value), left, right, mayBeLogarithmic: true, margin: 0.07);
        _marks = [.. measured.Select(v => new Mark(v, v.Accuracy!.Value.Value, Center(v)))];
    }

    double Top => Math.Min(_accuracy.Axis.StartPixel, _accuracy.Axis.EndPixel);

    double Bottom => Math.Max(_accuracy.Axis.StartPixel, _accuracy.Axis.EndPixel);

    public void Draw(bool hasTickTexts, double? maxFigure, double? accuracyBudget)
    {
        var stair = Staircase();
        Tint(stair);
        DrawGrid(hasTickTexts);
        DrawBudgets(maxFigure, accuracyBudget, hasTickTexts);
        DrawDominated();
        bool areMany = _marks.Count(m => m.Variant.OnFrontier) > ManyFrontier;
        foreach (var mark in _marks.Where(m => m.Variant.OnFrontier && (!areMany || IsTurn(m)))) DrawBar(mark);
        if (stair.Count > 1) _canvas.Line([.. stair], PlotInk.Frontier, 1.5);
        foreach (var mark in _marks.Where(m => m.IsProminent && !m.Variant.IsBaseline).OrderBy(Prominence)) DrawFrontier(mark);
        foreach (var mark in _marks.Where(m => m.Variant.IsBaseline)) DrawBaseline(mark);
        WriteLabels(stair);
    }

    PlotPoint Center(FrontierVariant variant)
    {
        double y = _accuracy.Pixel(variant.Accuracy!.Value.Value);
        return new PlotPoint(_axis.Pixel(_figure.Value(variant)), Math.Clamp(y, Top - 1, Bottom + 1));
    }

    // The frontier of this panel's two figures, as the corners of its line from the lower edge to the right one.
    List<PlotPoint> Staircase()
    {
        var corners = new List<PlotPoint>();
        double best = double.NegativeInfinity, height = Bottom;
        foreach (var mark in _marks.OrderBy(m => _figure.Value(m.Variant)).ThenByDescending(m => _accuracy.Sign * m.Accuracy))
        {
            double good = _accuracy.Sign * mark.Accuracy;
            if (good <= best) continue;
            best = good;
            if (IsBelow(mark)) continue;
            _turns.Add(mark.Variant.Id);
            double y = Math.Clamp(mark.Center.Y, Top, Bottom);
            corners.Add(new PlotPoint(mark.Center.X, height));
            corners.Add(new PlotPoint(mark.Center.X, y));
            height = y;
        }

        if (corners.Count > 0) corners.Add(new PlotPoint(_axis.EndPixel, height));
        return corners;
    }

    void Tint(List<PlotPoint> stair)
    {
        if (stair.Count > 2) _canvas.Shape([.. stair, new PlotPoint(_axis.EndPixel, Bottom)], PlotInk.FrontierTint);
    }

    void DrawGrid(bool hasTickTexts)
    {
        var rows = _accuracy.Axis.Ticks(38);
        double scale = _accuracy.Metric.Scale;
        foreach (double tick in rows)
        {
            double y = _accuracy.Pixel(tick);
            _canvas.Line([new(_axis.StartPixel, y), new(_axis.EndPixel, y)], PlotInk.Grid, 1);
            if (!hasTickTexts) continue;
            string text = TickText.Number(tick * scale, PlotAxis.Step(rows) * scale) + (_accuracy.Metric.IsPercent ? " %" : "");
            _canvas.Text(new(_axis.StartPixel - 8, y + 4), text, new(12, PlotInk.MutedText) { Anchor = PlotAnchor.End });
        }

        var columns = _axis.Ticks(54);
        foreach (double tick in columns)
        {
            double x = _axis.Pixel(tick);
            _canvas.Line([new(x, Top), new(x, Bottom)], PlotInk.Grid, 1);
            _canvas.Line([new(x, Bottom), new(x, Bottom + 4)], PlotInk.Axis, 1);
            _canvas.Text(new(x, Bottom + 18), TickText.Of(_figure.Name, tick, PlotAxis.Step(columns)), new(12, PlotInk.MutedText) { Anchor = PlotAnchor.Middle });
        }

        _canvas.Line([new(_axis.StartPixel, Bottom), new(_axis.EndPixel, Bottom)], PlotInk.Axis, 1);
        string better = _accuracy.Sign > 0 ? "" : " (less is better)";
        string title = $"{_accuracy.Metric.Name}{better} over {_figure.Label}{(_axis.IsLogarithmic ? ", log scale" : "")}";
        _canvas.Text(new(_axis.StartPixel, Top - 9), FrontierPlot.Fit(title, 12.5, _axis.EndPixel - _axis.StartPixel, isBold: true),
            new(12.5, PlotInk.Text) { IsBold = true });
        WriteNotes();
    }

    void WriteNotes()
    {
        int below = _marks.Count(IsBelow);
        string[] notes =
        [
            below == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"↓ {below} below this scale"),
            _missing == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{_missing} without this figure"),
        ];
        string text = string.Join(", ", notes.Where(note => note.Length > 0));
        if (text.Length == 0) return;
        _canvas.Text(new(_axis.EndPixel, Bottom + 34), text, new(11, PlotInk.MutedText) { Anchor = PlotAnchor.End });
    }

    bool IsTurn(Mark mark) => _turns.Contains(mark.Variant.Id);

    // What matters more is drawn later, and so on top.
    int Prominence(Mark mark) => mark.Variant.Id == _document.Knee ? 2 : IsTurn(mark) ? 1 : 0;

    bool IsBelow(Mark mark) => _accuracy.Pixel(mark.Accuracy) > Bottom + 1;

    void DrawBudgets(double? maxFigure, double? accuracyBudget, bool hasAccuracyText)
    {
        if (maxFigure is { } most && _axis.Contains(most))
        {
            double x = _axis.Pixel(most);
            _canvas.Line([new(x, Top), new(x, Bottom)], PlotInk.Budget, 1.2, dash: 4);
            _canvas.Text(new(x - 4, Top + 12), $"≤ {_figure.Text(most)}", new(11, PlotInk.Text) { Anchor = PlotAnchor.End, HasHalo = true });
        }

        if (accuracyBudget is { } least && _accuracy.Axis.Contains(least))
        {
            double y = _accuracy.Pixel(least);
            _canvas.Line([new(_axis.StartPixel, y), new(_axis.EndPixel, y)], PlotInk.Budget, 1.2, dash: 4);
            if (!hasAccuracyText) return;
            string sign = _accuracy.Sign > 0 ? "≥" : "≤";
            _canvas.Text(new(_axis.StartPixel + 4, y - 4), $"{sign} {_accuracy.Metric.Value(least)}", new(11, PlotInk.Text) { HasHalo = true });
        }
    }

    void DrawDominated()
    {
        var dominated = _marks.Where(m => !m.IsProminent).ToList();
        foreach (var mark in dominated.Where(IsBelow)) DrawBelow(mark, PlotInk.Dominated);
        _canvas.Dots([.. dominated.Where(m => !IsBelow(m)).Select(m => m.Center)], dominated.Count > CrowdedDominated ? 1.7 : 2.6, PlotInk.Dominated);
    }

    void DrawBelow(Mark mark, PlotInk ink)
    {
        double x = mark.Center.X;
        _canvas.Shape([new(x - 3.5, Bottom - 6), new(x + 3.5, Bottom - 6), new(x, Bottom - 0.5)], ink);
    }

    void DrawBar(Mark mark)
    {
        if (IsBelow(mark) || AccuracyAxis.Bar(_document, mark.Variant) is not { } bar) return;
        double low = Math.Clamp(_accuracy.Pixel(bar.Low), Top, Bottom), high = Math.Clamp(_accuracy.Pixel(bar.High), Top, Bottom);
        double x = mark.Center.X;
        _canvas.Line([new(x, low), new(x, high)], PlotInk.FrontierSoft, 1.4);
        _canvas.Line([new(x - 2.5, low), new(x + 2.5, low)], PlotInk.FrontierSoft, 1.4);
        _canvas.Line([new(x - 2.5, high), new(x + 2.5, high)], PlotInk.FrontierSoft, 1.4);
    }

    void DrawFrontier(Mark mark)
    {
        bool isKnee = mark.Variant.Id == _document.Knee;
        if (IsBelow(mark))
        {
            DrawBelow(mark, PlotInk.Frontier);
            return;
        }

        double radius = isKnee || IsTurn(mark) ? FrontierRadius : FrontierRadius - 0.8;
        if (!isKnee && _document.Frontier.Length > CrowdedFrontier) radius -= 1;
        if (isKnee) _canvas.Circle(mark.Center, FrontierRadius + 4, PlotInk.Background, PlotInk.Knee, 2);
        var ink = isKnee ? PlotInk.Knee : PlotInk.Frontier;
        if (mark.Variant.TiedWith.IsEmpty) _canvas.Circle(mark.Center, radius, ink, PlotInk.Background, 1);
        else _canvas.Circle(mark.Center, radius - 0.8, PlotInk.Background, ink, 1.7);
    }

    void DrawBaseline(Mark mark)
    {
        double size = FrontierRadius + 2.6, x = mark.Center.X, y = mark.Center.Y;
        if (mark.Variant.Id == _document.Knee) _canvas.Circle(mark.Center, size + 3.5, PlotInk.Background, PlotInk.Knee, 2);
        _canvas.Shape([new(x, y - size), new(x + size, y), new(x, y + size), new(x - size, y)], PlotInk.Baseline, PlotInk.Background, 1.2);
    }

    void WriteLabels(List<PlotPoint> stair)
    {
        var placer = new LabelPlacer(_axis.StartPixel, Top, _axis.EndPixel, Bottom, _marks.Select(m => m.Center), stair);
        var baseline = _marks.Find(m => m.Variant.IsBaseline);
        if (_marks.Find(m => m.Variant.Id == _document.Knee) is { Variant.IsBaseline: false } knee && !IsBelow(knee))
        {
            Write(placer.Place(knee.Center, KneeText(knee.Variant, baseline?.Variant), 12, isBold: true), PlotInk.Knee);
        }

        if (baseline is not null)
        {
            string text = $"baseline{(baseline.Variant.Id == _document.Knee ? ", the knee" : "")}: {_figure.Text(_figure.Value(baseline.Variant))}";
            Write(placer.Place(baseline.Center, text, 12, isBold: true), PlotInk.Baseline);
        }
    }

    string KneeText(FrontierVariant knee, FrontierVariant? baseline)
    {
        string text = $"knee: {_figure.Text(_figure.Value(knee))}";
        if (baseline is null || knee.IsBaseline) return text;
        double ratio = _figure.Value(baseline) / _figure.Value(knee);
        if (_figure.Name == "latency" && knee.Compute.LatencyRatio is { Value: > 0 } paired) ratio = 1 / paired.Value;
        if (!double.IsFinite(ratio) || ratio <= 0) return text;
        var (more, less) = _figure.Name switch
        {
            "latency" => ("faster", "slower"),
            "macs" or "bitOps" => ("fewer", "more"),
            _ => ("smaller", "larger"),
        };
        return $"{text}, {Format.Factor(ratio >= 1 ? ratio : 1 / ratio)} {(ratio >= 1 ? more : less)}";
    }

    void Write(PlacedLabel label, PlotInk ink)
    {
        if (label.Leader is { } leader) _canvas.Line([leader.From, leader.To], ink, 1);
        _canvas.Text(label.At, label.Text, label.Style with { Ink = ink });
    }

    sealed record Mark(FrontierVariant Variant, double Accuracy, PlotPoint Center)
    {
        public bool IsProminent => Variant.OnFrontier || Variant.IsBaseline;
    }
}
