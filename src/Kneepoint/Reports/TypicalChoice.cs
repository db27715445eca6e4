using System.Globalization;

namespace Kneepoint.Reports;

/// <summary>The best variant for a budget that many have, so that a report can answer before it is asked.</summary>
/// <param name="Purpose">What the variant is best for: "smallest, loss ≤ 1 point".</param>
/// <param name="Variant">The best measured variant.</param>
/// <param name="PickOptions">The options of <c>kneepoint pick</c> that choose it.</param>
/// <param name="ExportName">A name for its file.</param>
public sealed record TypicalChoice(string Purpose, FrontierVariant Variant, string PickOptions, string ExportName)
{
    const double TypicalLoss = 0.01;
    const int TypicalShrinkage = 4;

    /// <summary>The smallest and the fastest variant that lose little, and the most accurate one in a quarter of the baseline's bytes; those that exist.</summary>
    /// <remarks>Little is one percentage point where the metric is a share of samples, and otherwise one percent of the baseline's value.</remarks>
    public static IReadOnlyList<TypicalChoice> Of(FrontierDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        if (document.Baseline is not { Accuracy: { } accuracy } baseline) return [];
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        double sign = document.Data.Metric.Direction == Direction.Maximize ? 1 : -1;
        double loss = metric.IsPercent ? TypicalLoss : RoundedDown(TypicalLoss * Math.Abs(accuracy.Value), digits: 1);
        string lossText = metric.IsPercent ? "1 point" : Format.Significant(loss) + metric.Unit;
        string drop = $"--max-drop {loss.ToString("0.################", CultureInfo.InvariantCulture)}";
        double Worse(FrontierVariant v) => -sign * v.Accuracy!.Value.Value;
        double Latency(FrontierVariant v) => v.Compute.LatencyMilliseconds?.Value ?? double.PositiveInfinity;
        var measured = document.Variants.Where(v => v.Accuracy is not null).ToList();
        var good = measured.Where(v => v.AccuracyChange is { } change && sign * change.Value >= -loss).ToList();

        var choices = new List<TypicalChoice>();
        void Add(string purpose, FrontierVariant? variant, string options, string name)
        {
            if (variant is not null) choices.Add(new TypicalChoice(purpose, variant, options, name));
        }

        // The order among equals is that of 'pick': accuracy, file, latency.
        Add($"smallest, loss ≤ {lossText}", good.OrderBy(v => v.Memory.FileBytes).ThenBy(Worse).ThenBy(Latency).FirstOrDefault(), drop, "small.onnx");
        Add($"fastest, loss ≤ {lossText}", good.Where(v => double.IsFinite(Latency(v))).OrderBy(Latency).ThenBy(Worse).ThenBy(v => v.Memory.FileBytes).FirstOrDefault(),
            $"{drop} --minimize latency", "fast.onnx");
        double quarter = RoundedDown((double)baseline.Memory.FileBytes / TypicalShrinkage, digits: 3);
        Add($"most accurate in ≤ {Format.Bytes((long)quarter)}", measured.Where(v => v.Memory.FileBytes <= quarter).OrderBy(Worse).ThenBy(v => v.Memory.FileBytes).ThenBy(Latency).FirstOrDefault(),
            $"--max-file-bytes {SizeOption((long)quarter)}", "quarter.onnx");
        return choices;
    }

    static double RoundedDown(double number, int digits)
    {
        if (number <= 0) return 0;
        double unit = Math.Pow(10, Math.Floor(Math.Log10(number)) + 1 - digits);
        return unit >= 1 ? Math.Floor(number / unit) * unit : Math.Floor(number / unit) / Math.Round(1 / unit);
    }

    static string SizeOption(long bytes) => bytes >= 1_000_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6}MB")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e3}KB");
}
