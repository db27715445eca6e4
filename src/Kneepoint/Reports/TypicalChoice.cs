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

    /// <summary>The smallest variant and the one with the least of the study's figure of compute that lose little, and the most accurate one in a quarter of the baseline's bytes; those that exist.</summary>
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

        // A study of packed files is asked for the smallest of them.
        var memory = FigureKind.MemoryOf(document) is { Name: "packedBytes" } packed ? packed : FigureKind.Memory[0];
        bool isPacked = memory.Name == "packedBytes" && memory.Of(baseline) is not null;
        double Size(FrontierVariant v) => isPacked ? memory.Of(v)?.Value ?? double.PositiveInfinity : v.Memory.FileBytes;
        string extension = isPacked ? "knp" : "onnx";

        var choices = new List<TypicalChoice>();
        void Add(string purpose, FrontierVariant? variant, string options, string name)
        {
            if (variant is not null) choices.Add(new TypicalChoice(purpose, variant, options, name));
        }

        // The order among equals is that of 'pick': accuracy, file, latency.
        Add($"smallest, loss ≤ {lossText}", good.OrderBy(Size).ThenBy(Worse).ThenBy(Latency).FirstOrDefault(),
            isPacked ? $"{drop} --minimize packedBytes" : drop, $"small.{extension}");
        var compute = FigureKind.ComputeOf(document);
        double Work(FrontierVariant v) => compute.Of(v)?.Value ?? double.PositiveInfinity;
        Add($"{(compute.Name == "latency" ? "fastest" : $"fewest {compute.Label}")}, loss ≤ {lossText}", good.Where(v => double.IsFinite(Work(v))).OrderBy(Work).ThenBy(Worse).ThenBy(Size).FirstOrDefault(),
            $"{drop} --minimize {compute.Name}", compute.Name == "latency" ? "fast.onnx" : "light.onnx");
        double quarter = RoundedDown(Size(baseline) / TypicalShrinkage, digits: 3);
        Add($"most accurate in ≤ {Format.Bytes((long)quarter)}", measured.Where(v => Size(v) <= quarter).OrderBy(Worse).ThenBy(Size).ThenBy(Latency).FirstOrDefault(),
            $"{(isPacked ? "--max-packed-bytes" : "--max-file-bytes")} {SizeOption((long)quarter)}", $"quarter.{extension}");
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
