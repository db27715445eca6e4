using Kneepoint.Data;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>Which study's limits are asked for, and with what.</summary>
/// <param name="Folder">The study's folder.</param>
/// <param name="Model">The model's path; null for the one that the study was run with.</param>
/// <param name="Data">The data's path; null for those that the study was run with.</param>
/// <param name="Train">Training samples; null without.</param>
/// <param name="IsForced">Whether to compute what is known already.</param>
sealed record LimitsRequest(string Folder, string? Model, string? Data, string? Train, bool IsForced);

/// <summary>Computes the limits of a study, and keeps them in it.</summary>
static class LimitsRun
{
    const string NeedModelAndData = "ABEFGHKLMNO";

    /// <summary>Computes, or reads what was computed for the same variants.</summary>
    public static StudyLimits Of(LimitsRequest request, TerminalProgress progress, CancellationToken cancellation)
    {
        var study = StoredStudy.Read(request.Folder);
        using var folder = StudyFolder.Open(request.Folder);
        using var store = SqliteStudyStore.Open(folder.Database);
        var measured = study.Trials.Where(trial => trial.Outcome is TrialOutcome.Measured).Select(trial => trial.Recipe.Id).ToList();
        var known = KnownOf(store);
        bool isNamed = request.Model is not null || request.Data is not null || request.Train is not null || request.IsForced;
        if (!isNamed && known is { Noise: not null } && known.Variants.Select(variant => variant.Id).SequenceEqual(measured)) return known;
        var inquiry = new StudyInquiry(study.Trials, study.Description.Metric, study.Description.EvaluateCount);
        var limits = inquiry.FromTrials();
        limits = WithNetwork(limits, inquiry, request, study, folder, store, progress, cancellation);
        bool isSameStudy = known is not null && known.Variants.Select(variant => variant.Id).SequenceEqual(measured);
        if (limits.Noise is null && isSameStudy && known!.Noise is not null)
        {
            progress.Say($"The limits that the study holds are shown. {limits.Missing.FirstOrDefault(missing => missing.Letter == 'F')?.Reason}");
            return known;
        }

        if (request.Train is null && known?.TrainSamples is { } trained) limits = KeepTraining(limits, inquiry, known, trained);
        limits.Write(store);
        return limits;
    }

    // What is damaged is computed again.
    static StudyLimits? KnownOf(SqliteStudyStore store)
    {
        try
        {
            return StudyLimits.Read(store);
        }
        catch (StudyStoreException)
        {
            return null;
        }
    }

    // What an earlier call found on training samples holds for the same variants.
    static StudyLimits KeepTraining(StudyLimits limits, StudyInquiry inquiry, StudyLimits known, long trained)
    {
        var errors = known.Variants.Where(variant => variant.TrainErrors is not null && limits.Variants.Any(other => other.Id == variant.Id)).ToDictionary(variant => variant.Id, variant => variant.TrainErrors!.Value, StringComparer.Ordinal);
        limits = limits with { Missing = [.. limits.Missing.Where(missing => missing.Letter is not ('A' or 'E'))], Classes = limits.Classes ?? known.Classes };
        return inquiry.WithTraining(limits, errors, trained, limits.Classes);
    }

    static StudyLimits WithNetwork(StudyLimits limits, StudyInquiry inquiry, LimitsRequest request, StoredStudy study, StudyFolder folder, SqliteStudyStore store, TerminalProgress progress, CancellationToken cancellation)
    {
        var sources = StudySources.Read(store);
        string? model = request.Model ?? sources?.Model, data = request.Data ?? sources?.Data;
        string? missing = model is null || data is null ? "The study does not say where its model and data lie: name them by --model and --data."
            : !File.Exists(model) ? $"The model '{model}' is not there any more: name it by --model."
            : !Path.Exists(data) ? $"The data '{data}' are not there any more: name them by --data." : null;
        if (missing is not null && (request.Model is not null || request.Data is not null)) throw new CommandLineException(missing.Replace(" any more", "", StringComparison.Ordinal));
        if (missing is not null) return limits with { Missing = [.. limits.Missing, .. NeedModelAndData.Select(letter => new MissingLimit(letter, missing))] };
        var description = study.Description;
        var settings = new ExplorationSettings { Seed = description.Seed, Threads = description.Threads, Batch = description.Batch, EvaluationThreads = Environment.ProcessorCount };
        var runtime = new OrtRuntime(settings.Threads);
        progress.Report("reading data", 0, 0);
        var subject = SubjectFile.Open(model!, data!, runtime, settings, cancellation);
        using var samples = subject.Data;
        if (StudyRun.ModelHash(model!) != description.ModelSha256) throw new StudyStoreException($"'{model}' is not the model of the study: expected SHA-256 {description.ModelSha256[..12]}…; name the right one by --model.");
        if (StudyRun.DataHash(subject) != description.DataSha256) throw new StudyStoreException($"'{data}' are not the data of the study, or are fed in another way than there: name the right ones by --data.");
        void OnProgress(ExplorationProgress at) => progress.Report(at.Stage, at.Done, at.Total, at.Detail);
        settings = settings with { EvaluationBatch = new CostModel(subject, settings.Batch).BatchNearProcessor(settings.EvaluationBatch) };
        limits = WithTraining(limits, inquiry, request, study, subject, folder, progress, cancellation);
        var calibrator = new StudyCalibration(subject, store, settings).With(OnProgress, cancellation);
        string? PackedFile(string id) => File.Exists(folder.PackedFile(id)) ? folder.PackedFile(id) : null;
        long macs = new CostModel(subject).Of(new Compression.CompressedNetwork(subject.Baseline, [], [])).Macs;
        return new NetworkInquiry(subject, settings, calibrator, OnProgress).Add(limits, study.Trials, PackedFile, macs, cancellation);
    }

    // The variants whose files are kept, on samples that the network was fitted to.
    static StudyLimits WithTraining(StudyLimits limits, StudyInquiry inquiry, LimitsRequest request, StoredStudy study, Subject subject, StudyFolder folder, TerminalProgress progress, CancellationToken cancellation)
    {
        const string Need = "It needs samples that the network was trained on: name them by --train.";
        if (request.Train is null) return limits with { Missing = [.. limits.Missing, new MissingLimit('A', Need), new MissingLimit('E', $"Only from held-out samples. For the bound from packed bytes: {char.ToLowerInvariant(Need[0])}{Need[1..]}")] };
        var training = SubjectFile.Open(subject.BaselineFile, request.Train, (OrtRuntime)subject.Runtime, new ExplorationSettings { Seed = study.Description.Seed, EvaluationThreads = Environment.ProcessorCount }, cancellation);
        using var data = training.Data;
        if (training.Metric.Name != subject.Metric.Name || !training.Metric.IsProportion || training.Metric.ScoresPerSample != 1 || training.Metric.NeedsBaseline)
        {
            return limits with { Missing = [.. limits.Missing, new MissingLimit('A', $"The metric '{subject.Metric.Name}' counts no errors, or is not that of the training samples ('{training.Metric.Name}')."), new MissingLimit('E', "It needs a metric that counts errors.")] };
        }

        var errors = new Dictionary<string, long>(StringComparer.Ordinal);
        var kept = limits.Variants.Where(variant => File.Exists(folder.VariantFile(variant.Id))).ToList();
        long total = training.Data.Count(DataPart.Evaluate);
        int? classes = null;
        foreach (var variant in kept)
        {
            using var session = training.Runtime.Open(folder.VariantFile(variant.Id), new SessionSettings());
            classes ??= MetricChoice.Scored(session.Outputs, training.Data.Output).Dimensions is [.., >= 2 and <= int.MaxValue and var last] ? (int)last : null;
            var evaluation = new AccuracyEvaluation { Metric = training.Metric, Parallelism = Environment.ProcessorCount }.AsDeployed(OnnxModel.Load(folder.VariantFile(variant.Id)), study.Description.Batch);
            var scores = evaluation.Run(session, training.Data, null, done => progress.Report("training samples", errors.Count * total + done, kept.Count * total), cancellation);
            errors[variant.Id] = scores.Values.Count(score => score == 0);
        }

        return inquiry.WithTraining(limits, errors, total, classes);
    }
}
