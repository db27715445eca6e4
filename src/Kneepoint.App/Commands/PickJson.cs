using System.Text.Json;
using Kneepoint.Studies;

namespace Kneepoint.App.Commands;

/// <summary>A choice under budgets as a program reads it.</summary>
static class PickJson
{
    /// <summary>Writes one document to standard output.</summary>
    /// <param name="study">The study.</param>
    /// <param name="choice">What was chosen.</param>
    /// <param name="goal">What it was chosen for.</param>
    /// <param name="model">What the study's model adds; null where it has none.</param>
    public static void Write(StoredStudy study, BudgetChoice choice, Objective goal, PickModel? model)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("feasible", choice.Best is not null);
            json.WriteString("goal", goal.Name);
            WriteTrial(json, "variant", study, choice.Best);
            json.WriteStartArray("prices");
            foreach (var price in choice.Prices)
            {
                json.WriteStartObject();
                json.WriteString("budget", price.Budget.Option);
                json.WriteString("next", price.Next.Recipe.Id);
                json.WriteNumber("gain", price.Gain);
                json.WriteNumber("more", price.More);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteTrial(json, "nearest", study, choice.Nearest);
            WriteRelaxations(json, "relax", choice.Relaxations);
            WriteRelaxations(json, "relaxOne", choice.SingleRelaxations);
            json.WriteStartArray("notMeasured");
            foreach (var budget in choice.NotMeasured) json.WriteStringValue(budget.Option);
            json.WriteEndArray();
            if (model is not null) model.Write(json);
            else json.WriteNull("model");
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    static void WriteTrial(Utf8JsonWriter json, string name, StoredStudy study, Trial? trial)
    {
        if (trial is null)
        {
            json.WriteNull(name);
            return;
        }

        var figures = ((TrialOutcome.Measured)trial.Outcome).Figures;
        json.WriteStartObject(name);
        json.WriteString("id", trial.Recipe.Id);
        json.WriteString("file", study.FileOf(trial.Recipe.Id));
        WriteNumber(json, "accuracy", figures.Accuracy.Value);
        WriteNumber(json, "accuracyChange", figures.AccuracyChange.Value);
        WriteNumber(json, "fileBytes", figures.Memory.FileBytes);
        WriteNumber(json, "packedBytes", figures.Memory.PackedBytes);
        WriteNumber(json, "weightBytes", figures.Memory.WeightBytes);
        WriteNumber(json, "activationPeakBytes", figures.Memory.ActivationPeakBytes);
        WriteNumber(json, "residentPeakBytes", figures.Memory.ResidentPeakBytes);
        WriteNumber(json, "macs", figures.Compute.Macs);
        WriteNumber(json, "bitOps", figures.Compute.BitOps);
        WriteNumber(json, "latencyMilliseconds", figures.Compute.LatencyMilliseconds?.Value);
        WriteNumber(json, "latencyRatio", figures.Compute.LatencyRatio?.Value);
        json.WriteEndObject();
    }

    static void WriteRelaxations(Utf8JsonWriter json, string name, IEnumerable<Relaxation> relaxations)
    {
        json.WriteStartArray(name);
        foreach (var relaxation in relaxations)
        {
            json.WriteStartObject();
            json.WriteString("budget", relaxation.Budget.Option);
            WriteNumber(json, "limit", PickText.AsStated(relaxation.Budget, relaxation.Budget.Limit));
            WriteNumber(json, "needed", PickText.AsStated(relaxation.Budget, relaxation.NeededLimit));
            WriteNumber(json, "relative", relaxation.Relative);
            json.WriteString("metBy", relaxation.Trial.Recipe.Id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    // JSON has no NaN or infinity; what was not measured is null.
    internal static void WriteNumber(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, number);
        else json.WriteNull(name);
    }
}
