using Kneepoint.Measurement;

namespace Kneepoint.Reports.Plotting;

/// <summary>The common scale of accuracy of the panels, better upward.</summary>
/// <remarks>A frontier often ends in variants that are tiny and useless. The scale shows the bulk of it in detail; what lies below is marked at the
/// lower edge and counted, never left out in silence.</remarks>
sealed record AccuracyAxis(PlotAxis Axis, MetricFormat Metric, double Sign)
{
    const double BulkShare = 0.7;
    const double RoomBelowBulk = 3;

    public static AccuracyAxis Of(FrontierDocument document, double topPixel, double bottomPixel)
    {
        double sign = document.Data.Metric.Direction == Direction.Maximize ? 1 : -1;
        var values = Visible(document, sign).ToList();
        var axis = sign > 0
            ? PlotAxis.Of(values, bottomPixel, topPixel, mayBeLogarithmic: false, margin: 0.06)
            : PlotAxis.Of(values, topPixel, bottomPixel, mayBeLogarithmic: false, margin: 0.06);
        return new AccuracyAxis(axis, MetricFormat.Of(document.Data.Metric.Name), sign);
    }

    /// <summary>The interval that a bar shows: the paired change moved to the baseline's accuracy, or that of the accuracy itself.</summary>
    public static Interval? Bar(FrontierDocument document, FrontierVariant variant)
    {
        if (variant.IsBaseline || variant.Accuracy is not { } accuracy) return null;
        bool isPaired = variant.AccuracyChange is { } paired && double.IsFinite(paired.Low) && double.IsFinite(paired.High)
            && document.Baseline?.Accuracy is not null;
        if (!isPaired) return PlotAxis.CanShow(accuracy.Low) && PlotAxis.CanShow(accuracy.High) ? accuracy : null;
        var change = variant.AccuracyChange!.Value;
        var bar = new Interval(accuracy.Value, accuracy.Value + change.Low - change.Value, accuracy.Value + change.High - change.Value);
        return PlotAxis.CanShow(bar.Low) && PlotAxis.CanShow(bar.High) ? bar : null;
    }

    public double Pixel(double accuracy) => Axis.Pixel(accuracy);

    static IEnumerable<double> Visible(FrontierDocument document, double sign)
    {
        var shown = document.Variants.Where(v => (v.OnFrontier || v.IsBaseline) && v.Accuracy is not null).ToList();
        if (shown.Count == 0) shown = [.. document.Variants.Where(v => v.Accuracy is not null)];
        if (shown.Count == 0) yield break;
        double best = shown.Max(v => sign * v.Accuracy!.Value.Value);
        double[] losses = [.. shown.Select(v => best - sign * v.Accuracy!.Value.Value).Order()];
        double bulk = losses[(int)Math.Ceiling(BulkShare * (losses.Length - 1))];
        double widest = shown.Max(v => Bar(document, v) is { } bar ? bar.High - bar.Low : 0);
        double baselineLoss = document.Baseline?.Accuracy is { } baseline ? best - sign * baseline.Value : 0;
        double limit = Math.Max(Math.Max(RoomBelowBulk * bulk, baselineLoss), Math.Min(widest, RoomBelowBulk * bulk)) * (1 + 1e-9);
        foreach (var variant in shown)
        {
            if (best - sign * variant.Accuracy!.Value.Value > limit) continue;
            yield return variant.Accuracy.Value.Value;
            if (Bar(document, variant) is not { } bar) continue;
            // A very wide bar may leave the panel; it must not flatten everything else.
            double reach = Math.Max(limit, (bar.High - bar.Low) / 2) * 0.5;
            yield return Math.Max(bar.Low, bar.Value - reach);
            yield return Math.Min(bar.High, bar.Value + reach);
        }
    }
}
