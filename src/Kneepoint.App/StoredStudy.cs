using System.Collections.Immutable;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Reports;
using Kneepoint.Storage;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.App;

/// <summary>A study as it lies in its folder, for commands that read it.</summary>
/// <param name="Folder">The study's folder.</param>
/// <param name="Head">Model, data, machine, objectives, layers and settings, without variants.</param>
/// <param name="Description">What the study is about.</param>
/// <param name="Trials">All trials by number.</param>
/// <param name="Ties">For each variant of the frontier those that the samples could not tell from it.</param>
/// <param name="StoredLimits">What 'kneepoint limits' has kept; null where it was not run. Commands that do not show it do not mind if it is damaged.</param>
/// <param name="StoredModel">What the search knows of its space; null where recipes were not planned. Commands that do not show it do not mind if it is damaged.</param>
sealed record StoredStudy(string Folder, FrontierDocument Head, StudyDescription Description, IReadOnlyList<Trial> Trials,
    IReadOnlyDictionary<string, ImmutableArray<string>> Ties, byte[]? StoredLimits, byte[]? StoredModel)
{
    /// <summary>What theory says: as 'kneepoint limits' found it for these variants, else what the trials alone say.</summary>
    /// <exception cref="StudyStoreException">They are damaged.</exception>
    public StudyLimits Limits => field ??= LimitsOf(StoredLimits, Description, Trials);

    /// <summary>The model of the search space; null where recipes were not planned.</summary>
    /// <exception cref="StudyStoreException">It is damaged.</exception>
    public SpaceModel? Model => field ??= SpaceModel.Parse(StoredModel);

    /// <summary>The store's entry that holds the head of the document.</summary>
    public const string HeadEntry = "document-head";

    /// <summary>The store's entry that holds which variants are tied.</summary>
    public const string TiesEntry = "ties";

    /// <summary>Reads a study folder.</summary>
    /// <exception cref="StudyStoreException">The folder holds no study, or a damaged one.</exception>
    public static StoredStudy Read(string folder)
    {
        if (!Directory.Exists(folder)) throw new StudyStoreException($"'{folder}' is no folder: expected that of a study made by 'kneepoint run'.");
        string file = StudyFolder.DatabaseOf(folder);
        if (!File.Exists(file)) throw new StudyStoreException($"'{folder}' holds no study: expected a study.db made by 'kneepoint run'.");
        using var store = SqliteStudyStore.OpenExisting(file);
        var description = StudyDescription.Read(store);
        byte[]? head = store.Get(HeadEntry);
        var trials = store.Trials();
        if (description is null || head is null || trials.Count == 0)
        {
            throw new StudyStoreException($"The study '{folder}' has no measured variant yet: run 'kneepoint run' first.");
        }

        description.Check(trials);
        return new StoredStudy(folder, FrontierDocument.Parse(head, $"{file}, entry {HeadEntry}"), description, trials,
            TiedVariants.Read(store.Get(TiesEntry), $"{file}, entry {TiesEntry}"), store.Get(StudyLimits.Entry), store.Get(SpaceModel.Entry));
    }

    /// <summary>The limits that a store holds for its variants, else what the trials alone say.</summary>
    /// <exception cref="StudyStoreException">They are damaged.</exception>
    /// <param name="stored">What the store holds; null if nothing.</param>
    /// <param name="description">What the study is about.</param>
    /// <param name="trials">All its trials.</param>
    public static StudyLimits LimitsOf(byte[]? stored, StudyDescription description, IReadOnlyList<Trial> trials)
    {
        var ids = trials.Where(trial => trial.Outcome is TrialOutcome.Measured).Select(trial => trial.Recipe.Id);
        return stored is not null && StudyLimits.Parse(stored) is var known && known.Variants.Select(variant => variant.Id).SequenceEqual(ids) ? known
            : new StudyInquiry(trials, description.Metric, description.EvaluateCount).FromTrials();
    }

    /// <summary>The document with all variants in it.</summary>
    public FrontierDocument Document() => StudyDocument.Of(Head, Trials, Description.MetricIsMaximized, Ties, FileOf, id => FileOf(Folder, id, "knp"));

    /// <summary>A variant's file relative to the folder; null if it is not kept.</summary>
    public string? FileOf(string id) => FileOf(Folder, id, "onnx");

    /// <summary>A variant's file of a kind relative to a study's folder; null if it is not kept.</summary>
    public static string? FileOf(string folder, string id, string extension)
    {
        string name = $"variants/{id}.{extension}";
        return File.Exists(Path.Combine(folder, name)) ? name : null;
    }
}
