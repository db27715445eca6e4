using System.Text.Json;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.App.Commands;

/// <summary>An explanation as a program reads it.</summary>
static class ExplainJson
{
    /// <summary>Writes one document to standard output.</summary>
    /// <param name="study">The study.</param>
    /// <param name="model">Its model.</param>
    /// <param name="trial">The variant.</param>
    /// <param name="explanation">What the model says of it; null where the space does not hold it.</param>
    public static void Write(StoredStudy study, SpaceModel model, Trial trial, Explanation? explanation)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("id", trial.Recipe.Id);
            json.WriteString("file", study.FileOf(trial.Recipe.Id));
            json.WritePropertyName("recipe");
            json.WriteRawValue(trial.Recipe.CanonicalJson);
            if (explanation is null) json.WriteNull("layers");
            else WriteExplanation(json, model, explanation);
            json.WriteStartArray("checks");
            foreach (var check in model.Checks)
            {
                json.WriteStartObject();
                json.WriteString("cost", check.Cost);
                json.WriteNumber("variants", check.Variants);
                json.WriteNumber("medianError", check.MedianError);
                json.WriteNumber("largeError", check.LargeError);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    static void WriteExplanation(Utf8JsonWriter json, SpaceModel model, Explanation explanation)
    {
        json.WriteNumber("expectedLoss", explanation.Loss);
        json.WriteNumber("formLoss", explanation.FormLoss);
        json.WriteNumber("price", explanation.Price);
        json.WriteBoolean("fittedInSuccession", explanation.IsFitted);
        json.WriteStartArray("layers");
        foreach (var group in explanation.Groups)
        {
            json.WriteStartObject();
            json.WriteStartArray("layers");
            foreach (string layer in group.Layers) json.WriteStringValue(layer);
            json.WriteEndArray();
            json.WriteString("method", group.Method);
            WriteCosts(json, "saved", model, group.Saved);
            json.WriteNumber("loss", group.Loss);
            if (group.Next is { } next)
            {
                json.WriteStartObject("next");
                json.WriteString("method", next.Method);
                json.WriteNumber("moreLoss", next.Loss);
                WriteCosts(json, "more", model, next.Costs);
                json.WriteEndObject();
            }
            else
            {
                json.WriteNull("next");
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    static void WriteCosts(Utf8JsonWriter json, string name, SpaceModel model, IReadOnlyList<double> costs)
    {
        json.WriteStartObject(name);
        for (int k = 0; k < costs.Count; k++) json.WriteNumber(model.Costs[k], costs[k]);
        json.WriteEndObject();
    }
}
