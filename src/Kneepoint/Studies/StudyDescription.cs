using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Kneepoint.Studies;

/// <summary>What a study is about. Figures of two studies with different descriptions must never be mixed in one folder.</summary>
/// <param name="ModelFile">The model's file name, without its folder.</param>
/// <param name="ModelSha256">Of the model file with its external data, hexadecimal.</param>
/// <param name="Metric">The metric's name.</param>
/// <param name="MetricIsMaximized">The metric's direction.</param>
/// <param name="EvaluateCount">Samples that accuracy is measured on.</param>
/// <param name="CalibrateCount">Samples that may calibrate.</param>
/// <param name="DataSha256">Of all samples with their targets as they lie in the files, and of the first as fed to the network: other data, other study.</param>
/// <param name="Seed">The seed of every random choice.</param>
/// <param name="Threads">Threads that latency is measured with.</param>
/// <param name="Batch">Batch that latency and activations are measured at, and the accuracy of networks that take ranges from their batch.</param>
public sealed record StudyDescription(
    string ModelFile, string ModelSha256, string Metric, bool MetricIsMaximized, long EvaluateCount, long CalibrateCount,
    string DataSha256, int Seed, int Threads, int Batch)
{
    const string Key = "description";
    const string Damaged = "The study's description is damaged: expected its model, data, metric, seed, threads and batch as JSON. Restore study.db from a copy, or use a new folder.";
    const int HashDigits = 64;

    /// <summary>Reads the description of a study; null if the store is new.</summary>
    /// <exception cref="StudyStoreException">The stored text is no description.</exception>
    public static StudyDescription? Read(IStudyStore store)
    {
        byte[]? stored = store.Get(Key);
        if (stored is null) return null;
        try
        {
            var description = JsonSerializer.Deserialize(stored, StudyDescriptionJson.Default.StudyDescription);
            if (description is { ModelSha256.Length: HashDigits, EvaluateCount: > 0 }) return description;
        }
        catch (JsonException exception)
        {
            throw new StudyStoreException(Damaged, exception);
        }

        throw new StudyStoreException(Damaged);
    }

    /// <summary>Checks that every measured trial has the scores of every evaluation sample.</summary>
    /// <exception cref="StudyStoreException">The scores of a trial are damaged.</exception>
    public void Check(IEnumerable<Trial> trials)
    {
        ArgumentNullException.ThrowIfNull(trials);
        foreach (var trial in trials)
        {
            if (trial.Outcome is not TrialOutcome.Measured { SampleScores.Length: var length }) continue;
            if (length > 0 && length % sizeof(float) == 0 && length / sizeof(float) % EvaluateCount == 0) continue;
            throw new StudyStoreException(string.Create(CultureInfo.InvariantCulture,
                $"The study is damaged at trial {trial.Number}: expected scores of {EvaluateCount} samples, found {length} bytes. Restore it from a copy, or use a new folder."));
        }
    }

    /// <summary>Stores this description in a new study, or checks it against that of an old one.</summary>
    /// <exception cref="StudyStoreException">The study in the store is about something else; the message names what differs.</exception>
    public void Claim(IStudyStore store)
    {
        if (Read(store) is not { } old)
        {
            store.Put(Key, JsonSerializer.SerializeToUtf8Bytes(this, StudyDescriptionJson.Default.StudyDescription));
            return;
        }

        var differences = Differences(old).ToImmutableArray();
        if (differences.Length > 0)
        {
            throw new StudyStoreException(
                $"The study folder holds another study: {string.Join("; ", differences)}. Use a new folder, or the settings of the old one.");
        }
    }

    IEnumerable<string> Differences(StudyDescription old)
    {
        if (ModelSha256 != old.ModelSha256) yield return $"its model is '{old.ModelFile}' with SHA-256 {old.ModelSha256[..12]}…, not {ModelSha256[..12]}…";
        if (Metric != old.Metric) yield return $"its metric is {old.Metric}, not {Metric}";
        if (EvaluateCount != old.EvaluateCount) yield return $"it evaluates on {old.EvaluateCount} samples, not {EvaluateCount}";
        if (CalibrateCount != old.CalibrateCount) yield return $"it calibrates on {old.CalibrateCount} samples, not {CalibrateCount}";
        if (DataSha256 != old.DataSha256) yield return "its data are different";
        if (Seed != old.Seed) yield return $"its seed is {old.Seed}, not {Seed}";
        if (Threads != old.Threads) yield return $"its latency is measured with --threads {old.Threads}, not {Threads}";
        if (Batch != old.Batch) yield return $"it measures at --batch {old.Batch}, not {Batch}";
    }
}

[JsonSerializable(typeof(StudyDescription))]
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
sealed partial class StudyDescriptionJson : JsonSerializerContext;
