using System.Globalization;
using Kneepoint.Limits;
using Kneepoint.Limits.Noise;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Limits.Size;
using Kneepoint.Reports;
using static Kneepoint.Reports.LimitsFigures;

namespace Kneepoint.App.Commands;

/// <summary>Limits as a person reads them.</summary>
static class LimitsText
{
    const int MostWasteful = 5;
    const double SuspectDecibels = 6;

    /// <summary>Writes to standard output.</summary>
    public static void Write(FrontierDocument document, StudyLimits limits, string folder)
    {
        int width = StudyOutput.Columns();
        Console.WriteLine(FrontierText.Wrap($"Limits of {document.Model.File}: what theory says beside what was measured. TRUE holds for this network under the assumptions that are named; CONDITIONAL is exact for a model of the weights, not for this network; an ESTIMATE is no bound. No method computes the smallest size of one given network.", width));
        Console.WriteLine();
        WriteSizes(document, limits, width);
        WriteCodes(document, limits, width);
        WriteNoise(document, limits, width);
        WritePredictions(document, limits, width);
        WritePrecision(limits, width);
        WriteResolution(document, limits, width);
        if (!limits.Missing.IsEmpty)
        {
            Console.WriteLine("Not available");
            foreach (var group in limits.Missing.GroupBy(missing => missing.Reason)) Console.WriteLine(FrontierText.Wrap($"  {string.Join(", ", group.Select(missing => missing.Letter))}: {group.Key}", width));
            Console.WriteLine();
        }

        Console.WriteLine($"  {Path.Combine(folder, ReportFiles.ReportFile)}  the same with plots");
    }

    static void Head(char letter, string title, int width)
    {
        var statement = StatementList.Of(letter);
        Console.WriteLine($"{title} ({statement.StatusWord}, statement {letter})");
        Console.WriteLine(FrontierText.Wrap($"  Assumes: {statement.Assumptions.TrimEnd('.')}.", width));
        Console.WriteLine();
    }

    static void WriteSizes(FrontierDocument document, StudyLimits limits, int width)
    {
        var shown = Shown(document, limits).Where(variant => variant.ModelBits is not null || variant.HeldOutErrorAtMost is not null).ToList();
        if (shown.Count == 0) return;
        Head('C', "Description length: packed network, then the labels that it leaves open", width);
        var table = new TextTable(new TextColumn("id"), new TextColumn("network", IsRight: true), new TextColumn("labels", IsRight: true), new TextColumn("total", IsRight: true),
            new TextColumn("error ≤ (held out)", IsRight: true), new TextColumn("error ≤ (packed bytes)", IsRight: true), new TextColumn("size ≥", IsRight: true), new TextColumn("what was done", MayShrink: true));
        foreach (var variant in shown)
        {
            table.Add(variant.Id, Bits(variant.ModelBits), Bits(variant.LabelBits), Bits(variant.TotalBits), Percent(variant.HeldOutErrorAtMost),
                variant.IsOccamVacuous == true ? "vacuous" : Percent(variant.OccamErrorAtMost), Bits(variant.SizeAtLeastBits), What(document, variant.Id));
        }

        Console.Write(table.ToText(width));
        Console.WriteLine();
        if (limits.MdlChoice is { } choice)
        {
            string moves = choice.Tenth == choice.AsMeasured && choice.AsMeasured == choice.Tenfold
                ? $"and for a tenth of them or ten times as many{(limits.LabelsOfNextChoice is { } next ? $"; another one from {Format.Count((long)next)} labels on" : "")}"
                : $"{choice.Tenth} for a tenth of them, {choice.Tenfold} for ten times as many";
            string without = limits.LabelBitsWithoutNetwork is { } bits ? $" Without any network the labels take {Bits(bits)}{(limits.Variants.Min(variant => variant.TotalBits) > bits ? ": so few labels pay for no network, and the choice is among networks only" : "")}." : "";
            Console.WriteLine(FrontierText.Wrap($"  MDL choice: {choice.AsMeasured} for these {Format.Whole(limits.Labels ?? limits.Samples)} labels, {moves} (labels scaled, not measured).{without}", width));
        }

        Console.WriteLine(FrontierText.Wrap($"  Error ≤ (held out): TRUE, statement E, 95 %, for a variant that was not chosen by these samples. Assumes: {ClopperPearson.Statement.Assumptions}. For the best of all {limits.Variants.Length}, an ESTIMATE: chosenErrorAtMost with --json.", width));
        if (limits.TrainSamples is { } trained)
        {
            Console.WriteLine(FrontierText.Wrap($"  Error ≤ (packed bytes): TRUE, statement E, from {Format.Whole(trained)} training samples, without any test data. Assumes: {OccamBound.Statement.Assumptions}.", width));
            Console.WriteLine(FrontierText.Wrap($"  Size ≥: TRUE, statement A, what any code of a network that overfits so much takes. Assumes: {SizeFromOverfitting.Statement.Assumptions}.", width));
        }

        Console.WriteLine();
    }

    static void WriteCodes(FrontierDocument document, StudyLimits limits, int width)
    {
        var shown = Shown(document, limits).Where(variant => variant.BitsPerWeight is not null).ToList();
        if (shown.Count == 0) return;
        Head('H', "Distance of the packed weights to an ideal code of the same error", width);
        var table = new TextTable(new TextColumn("id"), new TextColumn("bits/weight", IsRight: true), new TextColumn("above ideal", IsRight: true), new TextColumn("most above: layer, bits/weight, ideal, lost KB", MayShrink: true));
        foreach (var variant in shown)
        {
            var worst = variant.Layers.Where(layer => layer.WastedBits is > 0).OrderByDescending(layer => layer.WastedBits).Take(1)
                .Select(layer => string.Create(CultureInfo.InvariantCulture, $"{layer.Layer} {layer.BitsPerWeight:0.00} {layer.IdealBitsPerWeight:0.00} {layer.WastedBits / 8000:0.0}"));
            table.Add(variant.Id, Number(variant.BitsPerWeight), Signed(variant.GapBitsPerWeight), string.Join("", worst));
        }

        Console.Write(table.ToText(width));
        Console.WriteLine();
        Console.WriteLine(FrontierText.Wrap("  A code that uses how neighbors hang together may take less than this ideal, which treats weights as independent draws of the layer's histogram; one that errs where the network does not feel it makes a larger error than it need, and looks worse here than it is.", width));
        int estimated = shown.Sum(variant => variant.Layers.Count(layer => layer.IdealStatement == 'G'));
        if (estimated > 0) Console.WriteLine(FrontierText.Wrap($"  Of {Format.Whole(shown.Sum(variant => variant.Layers.Length))} layers {Format.Whole(estimated)} are at rates where statement G takes the place of H: an ESTIMATE, the density is estimated.", width));
        var wasteful = shown.SelectMany(variant => variant.Layers).Where(layer => layer.WastedBits is > 0).GroupBy(layer => layer.Layer).Select(group => (Layer: group.Key, Bits: group.Average(layer => layer.WastedBits!.Value))).OrderByDescending(entry => entry.Bits).Take(MostWasteful).ToList();
        if (wasteful.Count > 0) Console.WriteLine(FrontierText.Wrap($"  Layers that waste most, mean of these variants: {string.Join(", ", wasteful.Select(entry => $"{entry.Layer} {Format.Bytes((long)(entry.Bits / 8))}"))}.", width));
        Console.WriteLine();
    }

    static void WriteNoise(FrontierDocument document, StudyLimits limits, int width)
    {
        if (limits.Noise is not { } noise) return;
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        Head('F', "The noise-limited frontier: what noise of an ideal code would cost", width);
        var ladder = new TextTable(new TextColumn("bits/weight", IsRight: true), new TextColumn($"change of {metric.Name}", IsRight: true), new TextColumn("divergence", IsRight: true), new TextColumn("nats/label", IsRight: true));
        foreach (var point in noise.Points) ladder.Add(Number(point.BitsPerWeight), metric.Change(point.Change), Divergence(point.Divergence), point.LabelNats is { } nats ? Format.Signed(nats, 4) : "–");
        Console.Write(ladder.ToText(width));
        Console.WriteLine();
        var gaps = new TextTable(new TextColumn("id"), new TextColumn("bits/weight", IsRight: true), new TextColumn($"same {metric.Name}", IsRight: true), new TextColumn("gap", IsRight: true),
            new TextColumn("same divergence", IsRight: true), new TextColumn("gap", IsRight: true));
        foreach (var variant in Shown(document, limits).Where(variant => variant.NoiseRate is not null))
        {
            gaps.Add(variant.Id, Number(variant.BitsPerWeight), Rate(variant.NoiseRate), Gap(variant.BitsPerWeight, variant.NoiseRate), Rate(variant.NoiseRateByDivergence), Gap(variant.BitsPerWeight, variant.NoiseRateByDivergence));
        }

        Console.WriteLine("Bits of a weight at which noise loses as much as the variant, and how far the variant is above");
        Console.WriteLine();
        Console.Write(gaps.ToText(width));
        Console.WriteLine();
        Console.WriteLine(FrontierText.Wrap($"  {noise.Draws} draws of noise for each rate; the metric on {Format.Whole(noise.Samples)} evaluation samples, the divergence of the outputs on {limits.DivergenceSamples} calibration samples: sharper, for every output moves long before a decision flips. Below 0 an achieved point beats the model of Gaussian weights, which is no contradiction: of all sources of the same variance the Gaussian needs the most bits. What rounded activations lose, or saturating kernels, is in the variants and not in the noise.", width));
        Console.WriteLine();
    }

    static void WritePredictions(FrontierDocument document, StudyLimits limits, int width)
    {
        if (limits.Ranks is not { } ranks) return;
        Head('O', "Predicted against measured loss", width);
        var table = new TextTable(new TextColumn("prediction"), new TextColumn("against"), new TextColumn("rank correlation", IsRight: true), new TextColumn("without saturating", IsRight: true));
        string metric = MetricFormat.Of(document.Data.Metric.Name).Name;
        table.Add("divergence, all weights together (Fisher)", "divergence, as measured", Number(ranks.FisherWithDivergence), Number(ranks.FisherWithDivergenceUnsaturated));
        table.Add("", "nats/label, evaluation samples", Number(ranks.FisherWithLabels), "");
        table.Add("", metric, Number(ranks.FisherWithChange), "");
        table.Add("divergence, layers by themselves", "nats/label, evaluation samples", Number(ranks.LayerwiseWithLabels), "");
        table.Add("", metric, Number(ranks.LayerwiseWithChange), "");
        table.Add("signal to noise at the output", "the same as measured", Number(ranks.SignalToNoise), Number(ranks.SignalToNoiseUnsaturated));
        Console.Write(table.ToText(width));
        Console.WriteLine();
        Console.WriteLine(FrontierText.Wrap($"  Of {ranks.Variants} variants{(limits.GradientSamples is { } samples ? $", gradients of {samples} samples" : "")}. Integer kernels of {ranks.Saturating} of them may saturate on this machine, which no prediction knows. From about 0.8 on a prediction can choose among variants; below, measure. "
            + "Ranks against the metric are those of differences that the samples can hardly show.", width));
        var suspect = limits.Variants.Where(variant => variant.Predicted is { OutputSignalToNoiseDecibels: { } predicted, MeasuredSignalToNoiseDecibels: { } measured } && predicted > measured + SuspectDecibels).ToList();
        foreach (var variant in suspect.Take(MostWasteful))
        {
            Console.WriteLine(FrontierText.Wrap(string.Create(CultureInfo.InvariantCulture, $"  {variant.Id} ({What(document, variant.Id)}): predicted {variant.Predicted!.OutputSignalToNoiseDecibels:0.0} dB, measured {variant.Predicted.MeasuredSignalToNoiseDecibels:0.0}: {(variant.Predicted.MaySaturate ? "its integer kernels saturate here" : "something other than rounding changes it, or the changes are too large for a series")}."), width));
        }

        Console.WriteLine();
    }

    static void WritePrecision(StudyLimits limits, int width)
    {
        if (limits.Precision is not { } precision) return;
        Head('M', "Accuracy against precision: all weights to the nearest, one step a layer", width);
        var table = new TextTable(new TextColumn("bits", IsRight: true), new TextColumn("theorem 1 (M)", IsRight: true), new TextColumn("changed at most (M)", IsRight: true), new TextColumn("changed, measured", IsRight: true), new TextColumn("right, measured", IsRight: true), new TextColumn("certified (N)", IsRight: true));
        foreach (var row in precision.Rows) table.Add(row.Bits.ToString(CultureInfo.InvariantCulture), Share(row.Theorem), Share(row.MismatchAtMost), Share(row.MeasuredMismatch), Share(row.MeasuredAccuracy), Share(row.CertifiedShare));
        Console.Write(table.ToText(width));
        Console.WriteLine();
        Console.WriteLine(FrontierText.Wrap($"  Decisions changed: {precision.MeasuredSamples} samples. Certified: TRUE, statement N, {precision.CertifiedSamples} samples. Assumes: {CertifiedMargin.Statement.Assumptions.TrimEnd('.')}.", width));
        Console.WriteLine();
    }

    static void WriteResolution(FrontierDocument document, StudyLimits limits, int width)
    {
        if (limits.Resolution is not { } resolution) return;
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        Head('P', "What these samples can tell apart", width);
        Console.WriteLine(FrontierText.Wrap($"  {Format.Whole(limits.Samples)} samples: ±{metric.Change(resolution.Unpaired).TrimStart('+')} for one network, ±{metric.Change(resolution.Paired).TrimStart('+')} for the difference of two on the same samples (they differ on {Percent(resolution.DiscordantShare)}). Points that are closer are one point.", width));
        Console.WriteLine();
    }

    static IEnumerable<VariantLimits> Shown(FrontierDocument document, StudyLimits limits) =>
        limits.Variants.Where(variant => document.Find(variant.Id) is { } known && (known.OnFrontier || known.IsBaseline || variant.Id == limits.MdlChoice?.AsMeasured)).OrderBy(variant => variant.ModelBits);

    static string What(FrontierDocument document, string id) => document.Find(id) is { } variant ? RecipeText.Of(variant.Recipe) : "";
}
