using Kneepoint.Reports;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.App.Commands;

/// <summary>An explanation as a person reads it.</summary>
static class ExplainText
{
    /// <summary>Writes to standard output.</summary>
    /// <param name="study">The study.</param>
    /// <param name="model">Its model.</param>
    /// <param name="trial">The variant.</param>
    /// <param name="explanation">What the model says of it; null where the space does not hold it.</param>
    public static void Write(StoredStudy study, SpaceModel model, Trial trial, Explanation? explanation)
    {
        int width = StudyOutput.Columns();
        var document = study.Document();
        var texts = new ModelTexts(document, model);
        Console.WriteLine($"{trial.Recipe.Id}: {RecipeText.Of(trial.Recipe)}");
        Console.WriteLine(FrontierText.Wrap(Outcome(document, trial), width));
        if (explanation is null)
        {
            Console.WriteLine("Its steps are none of those that the search puts together layer by layer, so there is nothing to explain by layers.");
            return;
        }

        Console.WriteLine();
        var table = new TextTable([new("layer", MayShrink: true), new("chosen", MayShrink: true), .. model.Costs.Select(cost => new TextColumn($"saves {ModelTexts.CostName(cost)}", IsRight: true)), new("change", IsRight: true)]);
        foreach (var group in explanation.Groups)
        {
            string[] method = group.Method.Split(' ', 2);
            table.Add([string.Join(" = ", group.Layers), method[0], .. group.Saved.Select((saved, k) => texts.Cost(k, saved)), texts.Loss(group.Loss)]);
            AddNotes(table, width, method.Length > 1 ? $"with {method[1]}" : "");
            AddNotes(table, width, group.Next is { } next ? $"next best: {texts.Next(next)}" : "");
        }

        Console.Write(table.ToText(width));
        Console.WriteLine();
        foreach (string sentence in texts.Sentences(explanation)) Console.WriteLine(FrontierText.Wrap(sentence, width));
    }

    // What does not fit beside the figures is not cut, but goes below them.
    static void AddNotes(TextTable table, int width, string text)
    {
        const int Indent = 2;
        if (text.Length == 0) return;
        foreach (string line in FrontierText.Wrap(text, width - Indent).Split('\n')) table.AddNote(line);
    }

    static string Outcome(FrontierDocument document, Trial trial)
    {
        if (document.Find(trial.Recipe.Id) is { } variant) return $"Measured: {FrontierSummary.Against(document, variant)}.";
        var (outcome, reason) = StudyDocument.Failure(trial.Outcome, document.Data.Metric.Name);
        return $"Not on record with figures ({outcome}): {reason}";
    }
}
