using System.Globalization;
using Kneepoint.Limits.OfStudy;

namespace Kneepoint.Reports.Html;

/// <summary>The plots of the limits.</summary>
static class LimitsPlots
{
    /// <summary>Loss over bits for each weight: the frontier of noise, and the variants.</summary>
    public static ScatterPlot NoiseFrontier(FrontierDocument document, StudyLimits limits, NoiseFrontier noise)
    {
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        var ladder = noise.Points.Select(point => new ScatterPoint(point.BitsPerWeight, point.Divergence.Value, Math.Max(point.Divergence.Low, point.Divergence.Value / 10), point.Divergence.High,
            $"noise of {LimitsFigures.Number(point.BitsPerWeight)} bits/weight: divergence {LimitsFigures.Divergence(point.Divergence)}, {metric.Change(point.Change)}")).Where(point => point.Y > 0).ToList();
        var achieved = new List<ScatterPoint>();
        foreach (var variant in limits.Variants.Where(variant => variant.BitsPerWeight is not null))
        {
            if (document.Find(variant.Id) is not { IsBaseline: false } known || variant.Predicted is not { MeasuredDivergence: > 0 and { } divergence }) continue;
            double half = variant.Predicted.MeasuredDivergenceHalfWidth ?? 0;
            string change = known.AccuracyChange is { } figure ? metric.Change(figure) : "–";
            achieved.Add(new ScatterPoint(variant.BitsPerWeight!.Value, divergence, Math.Max(divergence - half, divergence / 10), divergence + half,
                $"{RecipeText.Of(known.Recipe)}: {LimitsFigures.Number(variant.BitsPerWeight)} bits/weight, divergence {LimitsFigures.Significant(divergence)}, {change}; above noise {LimitsFigures.Gap(variant.BitsPerWeight, variant.NoiseRateByDivergence)}"));
        }

        return new ScatterPlot("The noise-limited frontier (CONDITIONAL, F)", "bits for each weight", "divergence of the outputs",
        [
            new ScatterSeries("noise of an ideal code", "basemark", true, ladder),
            new ScatterSeries("variants", "front", false, [.. achieved.OrderBy(point => point.X)]),
        ])
        { IsLogX = true, IsLogY = true };
    }

    /// <summary>Measured over predicted loss; null where there is nothing to show.</summary>
    public static ScatterPlot? Predictions(FrontierDocument document, StudyLimits limits)
    {
        bool byFisher = limits.Ranks?.FisherWithLabels is not null || limits.Ranks?.FisherWithChange is not null;
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        List<ScatterPoint> Points(Func<PredictedLoss, double?> predicted)
        {
            var points = new List<ScatterPoint>();
            foreach (var variant in limits.Variants)
            {
                if (variant.Predicted is not { } loss || predicted(loss) is not > 0 || document.Find(variant.Id) is not { } known) continue;
                double x = predicted(loss)!.Value;
                double? y = loss.MeasuredDivergence;
                if (y is not > 0) continue;
                string text = string.Create(CultureInfo.InvariantCulture, $"{RecipeText.Of(known.Recipe)}: predicted {x:0.#####}, measured {y:0.#####}; {metric.Change(known.AccuracyChange ?? default)}; signal to noise at the output predicted {LimitsFigures.Number(loss.OutputSignalToNoiseDecibels)} dB, measured {LimitsFigures.Number(loss.MeasuredSignalToNoiseDecibels)} dB");
                points.Add(new ScatterPoint(x, y.Value, double.NaN, double.NaN, text));
            }

            return points;
        }

        var series = new List<ScatterSeries>();
        if (byFisher) series.Add(new ScatterSeries("all weights together", "front", false, Points(loss => loss.FisherNats)));
        series.Add(new ScatterSeries("layers by themselves", "front tied", false, Points(loss => loss.LayerwiseNats)));
        return series.Sum(entry => entry.Points.Count) < 2 ? null
            : new ScatterPlot($"Predicted against measured (ESTIMATE, O): rank correlation {LimitsFigures.Number(limits.Ranks!.FisherWithDivergence ?? limits.Ranks.LayerwiseWithLabels ?? limits.Ranks.LayerwiseWithChange)}", "predicted divergence", "measured divergence", series) { IsLogX = true, IsLogY = true, HasDiagonal = true };
    }
}
