using System.IO.Compression;
using System.Text.Json;
using System.Text.Json.Serialization;
using Kneepoint.Measurement;
using Kneepoint.Studies;

namespace Kneepoint.Storage;

/// <summary>Writes an outcome as its kind, a JSON text and a blob, and reads it back bit for bit.</summary>
static class OutcomeText
{
    // Scores of 100 million samples; a blob that claims more is damaged.
    const long MaxScoreBytes = 400_000_000;

    /// <summary>Gives kind, JSON and blob.</summary>
    public static (string Kind, string Figures, byte[]? Scores) Write(TrialOutcome outcome) => outcome switch
    {
        TrialOutcome.Measured measured => ("measured",
            JsonSerializer.Serialize(measured.Figures, OutcomeJson.Default.Measured), Compress(measured.SampleScores)),
        TrialOutcome.Rejected rejected => ("rejected", JsonSerializer.Serialize(rejected.Reason, OutcomeJson.Default.String), null),
        TrialOutcome.Crashed crashed => ("crashed", JsonSerializer.Serialize(crashed.Error, OutcomeJson.Default.String), null),
        TrialOutcome.TimedOut timedOut => ("timedOut", JsonSerializer.Serialize(timedOut.LimitSeconds, OutcomeJson.Default.Double), null),
        TrialOutcome.Dropped dropped => ("dropped", JsonSerializer.Serialize(dropped, OutcomeJson.Default.Dropped), null),
        _ => throw new ArgumentException($"An outcome of kind {outcome.GetType().Name} cannot be stored.", nameof(outcome)),
    };

    /// <summary>Reads what <see cref="Write"/> gave.</summary>
    /// <exception cref="StudyStoreException">The stored text or blob is damaged.</exception>
    public static TrialOutcome Read(string kind, string figures, byte[]? scores)
    {
        try
        {
            return kind switch
            {
                "measured" => new TrialOutcome.Measured(
                    JsonSerializer.Deserialize(figures, OutcomeJson.Default.Measured) ?? throw new JsonException("The figures are null."),
                    Decompress(scores ?? throw new InvalidDataException("The sample scores are missing."))),
                "rejected" => new TrialOutcome.Rejected(JsonSerializer.Deserialize(figures, OutcomeJson.Default.String) ?? ""),
                "crashed" => new TrialOutcome.Crashed(JsonSerializer.Deserialize(figures, OutcomeJson.Default.String) ?? ""),
                "timedOut" => new TrialOutcome.TimedOut(JsonSerializer.Deserialize(figures, OutcomeJson.Default.Double)),
                "dropped" => JsonSerializer.Deserialize(figures, OutcomeJson.Default.Dropped) is { Confidence: > 0 and < 1, SamplesSeen: >= 0 } dropped && dropped.SamplesSeen <= dropped.Samples && IsFinite(dropped.Change)
                    ? dropped : throw new JsonException("The outcome is none of a race."),
                _ => throw new StudyStoreException($"expected an outcome of measured, rejected, crashed, timedOut or dropped, found '{kind}'."),
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidDataException)
        {
            throw new StudyStoreException($"its figures or sample scores are damaged: expected those of the outcome '{kind}' as they were stored.", exception);
        }
    }

    static bool IsFinite(Interval change) => double.IsFinite(change.Value) && double.IsFinite(change.Low) && double.IsFinite(change.High);

    static byte[] Compress(byte[] bytes)
    {
        using var stream = new MemoryStream();
        using (var brotli = new BrotliStream(stream, CompressionLevel.Optimal, leaveOpen: true)) brotli.Write(bytes);
        return stream.ToArray();
    }

    static byte[] Decompress(byte[] bytes)
    {
        if (bytes.Length == 0) return [];
        using var result = new MemoryStream();
        using var brotli = new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress);
        byte[] buffer = new byte[81920];
        for (int count; (count = brotli.Read(buffer)) > 0;)
        {
            if (result.Length + count > MaxScoreBytes) throw new InvalidDataException("The sample scores are larger than any study's.");
            result.Write(buffer, 0, count);
        }

        return result.ToArray();
    }
}

[JsonSerializable(typeof(Measured))]
[JsonSerializable(typeof(TrialOutcome.Dropped))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(double))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals, UseStringEnumConverter = true,
    RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
sealed partial class OutcomeJson : JsonSerializerContext;
