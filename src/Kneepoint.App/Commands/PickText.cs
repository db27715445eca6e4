using System.Globalization;
using Kneepoint.Reports;
using Kneepoint.Studies;

using Objective = Kneepoint.Studies.Objective;

namespace Kneepoint.App.Commands;

/// <summary>A choice under budgets as a person reads it.</summary>
static class PickText
{
    /// <summary>Writes to standard output.</summary>
    /// <param name="study">The study.</param>
    /// <param name="choice">What was chosen.</param>
    /// <param name="goal">What it was chosen for.</param>
    /// <param name="limits">Budgets as stated.</param>
    /// <param name="minimized">The figure that was to be made small, as stated; null if none was.</param>
    /// <param name="isExported">Whether the network is written to a file anyway, so that no command for it need be named.</param>
    /// <param name="model">What the study's model adds; null where it has none.</param>
    public static void Write(StoredStudy study, BudgetChoice choice, Objective goal, IReadOnlyList<(string Option, double Limit)> limits, string? minimized, bool isExported, PickModel? model)
    {
        int width = StudyOutput.Columns();
        var document = study.Document();
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        if (choice.Best is { } best && document.Find(best.Recipe.Id) is { } variant)
        {
            Console.WriteLine($"{variant.Id}{(variant.IsBaseline ? " (the baseline)" : "")}: {FrontierSummary.Against(document, variant)}.");
            Console.WriteLine($"  {RecipeText.Of(variant.Recipe)}");
            foreach (string line in Figures(best, metric)) Console.WriteLine($"  {line}");
            foreach (var price in choice.Prices) Console.WriteLine(PriceLine(price, goal, metric));
            foreach (string sentence in model?.Sentences() ?? []) Console.WriteLine(FrontierText.Wrap(sentence, width));
            foreach (var finding in variant.Findings) Console.Write(FrontierText.Line(finding, width));
            if (!isExported) Console.WriteLine($"Next: {CommandWords.Program} pick {CommandWords.Quote(study.Folder)} {Options(limits, minimized)}--export {(IsPacked(limits, minimized) ? "best.knp" : "best.onnx")}");
            return;
        }

        Console.WriteLine("No measured variant meets the budgets.");
        foreach (var budget in choice.NotMeasured) Console.WriteLine($"{budget.Option}: no variant of the study has {budget.Figure}; it was not measured.");
        if (choice.Nearest is not { } nearest) return;
        Console.WriteLine($"Nearest: {nearest.Recipe.Id}, {RecipeText.Of(nearest.Recipe)}.");
        foreach (string line in Figures(nearest, metric)) Console.WriteLine($"  {line}");
        foreach (var relaxation in choice.Relaxations) Console.WriteLine($"It needs {Relax(relaxation)}.");
        foreach (var single in choice.SingleRelaxations.Where(single => choice.Relaxations is not [var only] || only != single))
        {
            Console.WriteLine($"Enough on its own: {Relax(single)}, met by {single.Trial.Recipe.Id}.");
        }

        foreach (string sentence in model?.Sentences() ?? []) Console.WriteLine(FrontierText.Wrap(sentence, width));
        Console.WriteLine(FrontierText.Wrap(model is { IsImpossible: true } ? "Next: let a budget give way as said above; as far as the model knows, more trials would not help."
            : $"Next: aim the search at them: run the command that made the study again with {BudgetOptions.Typed(limits)} and a higher --trials.", width));
    }

    // A budget of packed bytes is met by the packed file alone.
    static bool IsPacked(IReadOnlyList<(string Option, double Limit)> limits, string? minimized) => minimized == "packedBytes" || limits.Any(limit => limit.Option == "--max-packed-bytes");

    /// <summary>The limit as the option states it: --max-drop is a positive loss, kept as a bound on the signed change.</summary>
    public static double AsStated(Budget budget, double limit) => budget.Figure == "accuracyChange" ? Math.Abs(limit) : limit;

    static IEnumerable<string> Figures(Trial trial, MetricFormat metric)
    {
        var figures = ((TrialOutcome.Measured)trial.Outcome).Figures;
        yield return $"{metric.Name} {metric.Value(figures.Accuracy)}, change {metric.Change(figures.AccuracyChange)}";
        yield return $"file {Format.Bytes(figures.Memory.FileBytes)}, {(figures.Memory.PackedBytes is { } packed ? $"packed {Format.Bytes(packed)}, " : "")}weights {Format.Bytes(figures.Memory.WeightBytes)}, "
            + $"activations {Format.Bytes(figures.Memory.ActivationPeakBytes)}"
            + (figures.Memory.ResidentPeakBytes is { } resident ? $", resident {Format.Bytes(resident)}" : "");
        yield return $"{Format.Count(figures.Compute.Macs)} MACs"
            + (figures.Compute.LatencyMilliseconds is { } latency ? $", {Format.Milliseconds(latency.Value)} {Format.Ends(latency, Format.Milliseconds)}" : "")
            + (figures.Compute.LatencyRatio is { } ratio ? $", {Format.Significant(ratio.Value)} of the baseline's time {Format.Ends(ratio, Format.Significant)}" : "");
    }

    static string PriceLine(Price price, Objective goal, MetricFormat metric) =>
        $"Next measured step: {Needed(price.Budget, price.Budget.Read(((TrialOutcome.Measured)price.Next.Outcome).Figures)!.Value)} would buy "
        + (goal.Name == "accuracy" ? $"{metric.Change(goal.IsMaximized ? price.Gain : -price.Gain)} ({price.Next.Recipe.Id})." : $"{FigureText(goal.Name, price.Gain, metric)} less of {goal.Name} ({price.Next.Recipe.Id}).");

    static string Options(IReadOnlyList<(string Option, double Limit)> limits, string? minimized) =>
        (limits.Count > 0 ? $"{BudgetOptions.Typed(limits)} " : "") + (minimized is null ? "" : $"--minimize {minimized} ");

    // As it can be typed, and rounded so that what is typed is enough.
    static string Relax(Relaxation relaxation)
    {
        var budget = relaxation.Budget;
        string stated = BudgetOptions.Typed([(budget.Option, AsStated(budget, budget.Limit))])[(budget.Option.Length + 1)..];
        return string.Create(CultureInfo.InvariantCulture,
            $"{Needed(budget, relaxation.NeededLimit)} instead of {stated} ({relaxation.Relative * 100:0.#} % away)");
    }

    static string Needed(Budget budget, double limit) => BudgetOptions.Typed([(budget.Option, Rounded(AsStated(budget, limit), budget.IsUpper || budget.Figure == "accuracyChange"))]);

    // To four digits, up or down.
    internal static double Rounded(double exact, bool isUp)
    {
        const double Least = 1e-9, Most = 1e15;
        if (!(Math.Abs(exact) is >= Least and <= Most)) return exact;
        decimal unit = (decimal)Math.Pow(10, Math.Floor(Math.Log10(Math.Abs(exact))) - 3);
        decimal rounded = (isUp ? Math.Ceiling((decimal)exact / unit) : Math.Floor((decimal)exact / unit)) * unit;
        // A decimal keeps fewer digits than the number may have.
        if (isUp ? (double)rounded < exact : (double)rounded > exact) rounded += isUp ? unit : -unit;
        return (double)rounded;
    }

    static string FigureText(string figure, double value, MetricFormat metric) => figure switch
    {
        "accuracy" => metric.Value(value),
        "accuracyChange" => value.ToString("0.######", CultureInfo.InvariantCulture),
        "latency" => Format.Milliseconds(value),
        "macs" or "bitOps" => Format.Count((long)value),
        _ => Format.Bytes((long)value),
    };
}
