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
        bool hasLabels = noise.Points.All(point => point.LabelNats is not null);
        var ladder = noise.Points.Select(point => hasLabels && point.LabelNats is { } nats
            ? new ScatterPoint(point.BitsPerWeight, nats.Value, nats.Low, nats.High, $"noise of {LimitsFigures.Number(point.BitsPerWeight)} bits/weight: {LimitsFigures.Nats(nats)} nats/label, {metric.Change(point.Change)}")
            : new ScatterPoint(point.BitsPerWeight, point.Change.Value, point.Change.Low, point.Change.High, $"noise of {LimitsFigures.Number(point.BitsPerWeight)} bits/weight: {metric.Change(point.Change)}")).ToList();
        var achieved = new List<ScatterPoint>();
        foreach (var variant in limits.Variants.Where(variant => variant.BitsPerWeight is not null))
        {
            if (document.Find(variant.Id) is not { IsBaseline: false, AccuracyChange: { } change } known) continue;
            string text = $"{RecipeText.Of(known.Recipe)}: {LimitsFigures.Number(variant.BitsPerWeight)} bits/weight, {metric.Change(change)}; above noise {LimitsFigures.Gap(variant.BitsPerWeight, variant.NoiseRateByLabels ?? variant.NoiseRate)}";
            double loss = hasLabels ? variant.Predicted?.MeasuredLabelNats ?? double.NaN : change.Value;
            if (double.IsFinite(loss)) achieved.Add(new ScatterPoint(variant.BitsPerWeight!.Value, loss, hasLabels ? double.NaN : change.Low, hasLabels ? double.NaN : change.High, text));
        }

        // Logarithms show small losses, where variants are chosen; what is not above 0 has no place there.
        var positive = hasLabels ? ladder.Where(point => point.Y > 0).Select(point => point with { Low = Math.Max(point.Low, point.Y / 10) }).ToList() : ladder;
        double floor = hasLabels && positive.Count > 0 ? positive.Min(point => point.Y) / 3 : double.NegativeInfinity;
        return new ScatterPlot("The noise-limited frontier (CONDITIONAL, F)", "bits for each weight", hasLabels ? "loss, nats for each label" : $"change of {metric.Name}",
        [
            new ScatterSeries("noise of an ideal code", "basemark", true, positive),
            new ScatterSeries("variants", "front", false, [.. achieved.Where(point => !hasLabels || point.Y > floor).OrderBy(point => point.X)]),
        ])
        { IsLogX = true, IsLogY = hasLabels };
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
                double? y = loss.MeasuredDivergenceNats ?? loss.MeasuredLabelNats;
                if (y is not > 0) continue;
                string text = string.Create(CultureInfo.InvariantCulture, $"{RecipeText.Of(known.Recipe)}: predicted {x:0.#####}, measured {y:0.#####} nats; {metric.Change(known.AccuracyChange ?? default)}; signal to noise at the output predicted {LimitsFigures.Number(loss.OutputSignalToNoiseDecibels)} dB, measured {LimitsFigures.Number(loss.MeasuredSignalToNoiseDecibels)} dB");
                points.Add(new ScatterPoint(x, y.Value, double.NaN, double.NaN, text));
            }

            return points;
        }

        var series = new List<ScatterSeries>();
        if (byFisher) series.Add(new ScatterSeries("all weights together", "front", false, Points(loss => loss.FisherNats)));
        series.Add(new ScatterSeries("layers by themselves", "front tied", false, Points(loss => loss.LayerwiseNats)));
        return series.Sum(entry => entry.Points.Count) < 2 ? null
            : new ScatterPlot($"Predicted against measured (ESTIMATE, O): rank correlation {LimitsFigures.Number(limits.Ranks!.FisherWithLabels ?? limits.Ranks.LayerwiseWithLabels ?? limits.Ranks.LayerwiseWithChange)}", "predicted divergence, nats", "measured divergence, nats", series) { IsLogX = true, IsLogY = true, HasDiagonal = true };
    }
}
