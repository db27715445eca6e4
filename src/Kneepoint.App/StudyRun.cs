using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using Kneepoint.App.Commands;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Reports;
using Kneepoint.Search;
using Kneepoint.Storage;
using Kneepoint.Studies;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.App;

/// <summary>Explores one network: puts the parts together, runs them, and keeps the study's files up to date.</summary>
sealed class StudyRun
{
    const int IdentitySamples = 16;

    /// <summary>Explores until the settings say enough.</summary>
    /// <param name="modelFile">The network.</param>
    /// <param name="dataPath">The data.</param>
    /// <param name="outputFolder">The study's folder, made if needed.</param>
    /// <param name="settings">How far to explore, without budgets.</param>
    /// <param name="limits">Budgets as stated.</param>
    /// <param name="progress">Shows where the work stands.</param>
    /// <param name="cancellation">Ends the exploration; what was measured stays.</param>
    /// <returns>The study's document, and whether a variant meets all budgets.</returns>
    public static (FrontierDocument Document, bool IsMet) Run(string modelFile, string dataPath, string outputFolder, ExplorationSettings settings,
        IReadOnlyList<(string Option, double Limit)> limits, TerminalProgress progress, CancellationToken cancellation)
    {
        // Everything that can be wrong with the input is found before anything is written.
        var runtime = new OrtRuntime(settings.Threads);
        progress.Report("reading data", 0, 0);
        var subject = SubjectFile.Open(modelFile, dataPath, runtime, settings, cancellation);
        using var data = subject.Data;
        var metric = subject.Metric;
        BudgetOptions.CheckRange(limits, metric.Name);
        if (settings.IsBatchStated && subject.FixedBatchSize is { } only && only != settings.Batch)
        {
            throw new CommandLineException($"--batch: the network fixes batches of {Format.Whole(only)}; found {Format.Whole(settings.Batch)}.");
        }

        settings = settings with
        {
            EvaluationThreads = Environment.ProcessorCount,
            TrialsAtOnce = TrialsAtOnce(modelFile),
            Batch = subject.BatchSize(settings.Batch),
            Budgets = [.. limits.Select(limit => Budget.Of(limit.Option, limit.Limit, metric.IsMaximized))],
        };
        CheckRun(subject, settings.Batch);

        using var folder = StudyFolder.Open(outputFolder);
        using var store = SqliteStudyStore.Open(folder.Database);
        var description = Describe(subject, settings);
        description.Claim(store);
        description.Check(store.Trials());
        CheckBaseline(store.Trials(), outputFolder);
        var knownModel = SpaceModel.Parse(store.Get(SpaceModel.Entry));
        folder.RemoveLeftovers();
        var machine = MachineDescription.Current(runtime.Name, settings.Threads, settings.Batch);
        settings = settings with { IntegerSumsSaturate = SaturationRisk.Saturates(machine.InstructionSets) };
        var cost = new CostModel(subject, settings.Batch);
        settings = settings with { EvaluationBatch = cost.BatchNearProcessor(settings.EvaluationBatch) };
        var head = HeadOf(subject, description, settings, machine, cost);
        head = head with { Findings = [.. head.Findings, .. SeveralMachines.Of(store.Get(StoredStudy.HeadEntry), store.Trials().Count, head.Machine), .. OtherObjectives.Of(store.Get(StoredStudy.HeadEntry), store.Trials(), settings.Objectives)] };
        store.Put(StoredStudy.HeadEntry, head.ToJson());
        new StudySources(Path.GetFullPath(modelFile), Path.GetFullPath(dataPath)).Write(store);
        void OnProgress(ExplorationProgress at) => progress.Report(at.Stage, at.Done, at.Total, at.Detail, at.IsOnce);

        var calibration = new StudyCalibration(subject, store, settings);
        using var probes = new ProbePass(subject, calibration, store, settings, cost);
        var probe = new OrtVariantProbe(runtime, ProbeMemoryCommand.ProbeOfThisProgram(), settings.Threads);
        using var measurement = new VariantMeasurement(subject, probe, settings, cost.Of, machine.InstructionSets, OnProgress);
        if (BaselineOf(store) is { } known) measurement.UseBaseline(SampleScores.Of(metric, known.SampleScores), known.Figures.Compute.LatencyMilliseconds);
        var rivals = new Rivals(metric, settings);
        foreach (var trial in store.Trials())
        {
            if (trial.Outcome is TrialOutcome.Measured measured) rivals.Add(trial.Recipe, measured);
        }


        var runner = new TrialRunner(subject, calibration, measurement, folder, OnProgress, settings.EvaluationThreads, probes, rivals);
        var source = new SpaceSource(subject, probes, settings, cost.MacsOf, (table, report, stop) => Profile(subject, runtime, table, calibration, settings, report, stop));
        source.Remember(knownModel);
        var knownTies = new KnownTies(metric, settings.Seed);
        FrontierDocument Document(IReadOnlyList<Trial> trials)
        {
            var ties = TiesOf(trials, metric, settings, knownTies);
            store.Put(StoredStudy.TiesEntry, TiedVariants.Write(ties));
            return StudyDocument.Of(head, trials, metric.IsMaximized, ties, id => StoredStudy.FileOf(folder.Root, id, "onnx"), id => StoredStudy.FileOf(folder.Root, id, "knp"));
        }

        void KeepModel()
        {
            if (source.Model is { } model) store.Put(SpaceModel.Entry, model.ToBytes());
        }

        void WriteReports() => ReportFiles.WriteReports(folder.Root, Document(store.Trials()), document => PngCanvas.Draw(document), StoredStudy.LimitsOf(store.Get(StudyLimits.Entry), description, store.Trials()), SpaceModel.Parse(store.Get(SpaceModel.Entry)));

        try
        {
            runner.Restore(store.Trials(), ParetoView.WorthKeeping(store.Trials(), metric.IsMaximized, settings.Objectives), cancellation);
            if (settings.TimeLimit is { } limit) progress.EndsAfter(limit);
            var end = new Exploration(store, runner, source, settings, TimeProvider.System).Run(trial =>
            {
                KeepModel();
                var trials = store.Trials();
                folder.KeepOnly(ParetoView.WorthKeeping(trials, metric.IsMaximized, settings.Objectives));
                ReportFiles.WriteTables(folder.Root, Document(trials));
            }, OnProgress, cancellation);

            // The last plan may have led to no trial.
            KeepModel();
            if (end == ExplorationEnd.NothingLeft)
            {
                string why = source.Obstacle ?? "Nothing is left that is worth a trial with these methods";
                head = head with { Findings = [.. head.Findings, new Finding("search-ended", FindingSeverity.Note, $"{why}: {Format.Count(store.Trials().Count)} of {Format.Count(settings.TrialCount)} trials used.")] };
                store.Put(StoredStudy.HeadEntry, head.ToJson());
            }
        }
        catch (OperationCanceledException exception)
        {
            if (store.Trials().Count > 0) WriteReports();
            throw new StudyCancelledException(
                $"Cancelled; the study is kept with {Format.Count(store.Trials().Count)} trials: resume with the same command, --out {outputFolder}.", exception);
        }
        catch (IOException exception) when (store.Trials().Count > 0)
        {
            // No report: where a file could not be written, none can.
            throw new IOException(
                $"{exception.Message} The study is kept with {Format.Count(store.Trials().Count)} trials: resume with the same command.", exception);
        }
        catch (Exception exception) when (exception is not StudyStoreException && store.Trials().Count > 0)
        {
            WriteReports();
            throw;
        }

        WriteReports();
        var all = store.Trials();
        bool isMet = all.Any(trial => trial.Outcome is TrialOutcome.Measured measured && settings.Budgets.All(budget => budget.IsMet(measured.Figures)));
        return (Document(all), isMet);
    }

    // The networks of trials that are started stay in memory until each was timed.
    static int TrialsAtOnce(string modelFile)
    {
        const long MostBytes = 1L << 30;
        return (int)Math.Clamp(MostBytes / Math.Max(1, OnnxModel.FileBytes(modelFile)), 1, Math.Min(Environment.ProcessorCount, TrialBatch.Size));
    }

    // Networks are profiled from files in a folder of their own, which is gone afterwards.
    static LatencyProfiles Profile(Subject subject, OrtRuntime runtime, ChoiceTable table, StudyCalibration calibration, ExplorationSettings settings, Action<ExplorationProgress> report, CancellationToken cancellation)
    {
        const int Mixtures = 8;
        using var session = subject.Runtime.Open(subject.BaselineFile, new SessionSettings());
        var inputs = LatencyInputs.Of(session, subject.Data, settings.Batch, cancellation);
        var folder = Directory.CreateTempSubdirectory("kneepoint-");
        try
        {
            string file = Path.Combine(folder.FullName, "profiled.onnx");
            return LatencyProfiles.Of(table, new ProfilingSubject(subject.Baseline, subject.BaselineFile, inputs, new OrtNodeProfiler(runtime, settings.Threads)), recipe =>
            {
                var network = Compressor.Apply(subject.Baseline, recipe, calibration.With(report, cancellation));
                network.Model.Save(file, network.Model.HasExternalData);
                return (file, network);
            }, Mixtures, settings.Seed, report, cancellation);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // As earlier versions stored it; everything else is compared with the baseline.
    static void CheckBaseline(IReadOnlyList<Trial> trials, string folder)
    {
        string? reason = trials.FirstOrDefault(trial => trial.Recipe.Equals(Recipe.Baseline))?.Outcome switch
        {
            TrialOutcome.Crashed crashed => crashed.Error,
            TrialOutcome.Rejected rejected => rejected.Reason,
            TrialOutcome.TimedOut => "it took too long.",
            _ => null,
        };
        if (reason is not null) throw new StudyStoreException($"The study '{folder}' holds a baseline that failed, use a new folder: {reason}");
    }

    // A network that loads but cannot run on these samples is found here, before the folder is touched.
    static void CheckRun(Subject subject, int batch)
    {
        using var session = subject.Runtime.Open(subject.BaselineFile, new SessionSettings());
        session.Run(LatencyInputs.Of(session, subject.Data, batch));
    }

    static StudyDescription Describe(Subject subject, ExplorationSettings settings) => new(
        Path.GetFileName(subject.BaselineFile), ModelHash(subject), subject.Metric.Name, subject.Metric.IsMaximized,
        subject.Data.Count(DataPart.Evaluate), subject.Data.Count(DataPart.Calibrate), DataHash(subject), settings.Seed, settings.Threads, settings.Batch);

    static string ModelHash(Subject subject) => ModelHash(subject.BaselineFile);

    /// <summary>The SHA-256 of a model's file and its external data, in lower-case hexadecimal digits.</summary>
    public static string ModelHash(string modelFile)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[1 << 20];
        foreach (string file in OnnxModel.FilesOf(modelFile))
        {
            using var stream = File.OpenRead(file);
            for (int count; (count = stream.Read(buffer)) > 0;) hash.AppendData(buffer, 0, count);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The SHA-256 of a study's data: of all that lies in the files, and of the first samples as they are fed.</summary>
    public static string DataHash(Subject subject)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(subject.Data.ContentHash.Span);
        // What the metric's name does not say: another output or peak gives other figures.
        if (subject.Data.Output is { } output) hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"output {output}"));
        if (subject.Data.Peak is { } peak) hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"peak {peak.ToString("R", CultureInfo.InvariantCulture)}"));
        int samples = subject.BatchSize(IdentitySamples);
        foreach (var batch in subject.Data.Read(DataPart.Evaluate, samples, samples))
        {
            foreach (var (name, tensor) in batch.Inputs.OrderBy(input => input.Key, StringComparer.Ordinal))
            {
                hash.AppendData(System.Text.Encoding.UTF8.GetBytes(name));
                hash.AppendData(tensor.Bytes.Span);
            }

            if (batch.Targets is { } targets) hash.AppendData(targets.Bytes.Span);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static FrontierDocument HeadOf(Subject subject, StudyDescription description, ExplorationSettings settings, MachineDescription machine, CostModel cost)
    {
        var layers = Compressor.LayersOf(subject.Baseline);
        return new FrontierDocument
        {
            Kneepoint = typeof(StudyRun).Assembly.GetName().Version?.ToString(3) ?? "0",
            Model = new ModelFacts(description.ModelFile, description.ModelSha256),
            Data = new DataFacts(description.EvaluateCount, description.CalibrateCount,
                new ObjectiveFacts(description.Metric, description.MetricIsMaximized ? Direction.Maximize : Direction.Minimize)),
            Machine = new MachineFacts(machine.Cpu, machine.InstructionSets, machine.Cores, machine.Runtime, machine.Threads, machine.Batch),
            Objectives = [.. settings.Objectives.Select(name => new ObjectiveFacts(name,
                name == "accuracy" && description.MetricIsMaximized ? Direction.Maximize : Direction.Minimize))],
            Variants = [],
            Findings = [.. subject.Data.Findings, .. new[] { cost.Uncounted() }.OfType<Finding>()],
            Layers = [.. layers.Select(layer => new LayerFacts(layer.Id, layer.OpType, layer.WeightCount, cost.MacsOf(layer)))],
            Settings = SettingsText(settings),
        };
    }

    static ImmutableSortedDictionary<string, string> SettingsText(ExplorationSettings settings)
    {
        var text = new Dictionary<string, string>
        {
            ["objectives"] = string.Join(",", settings.Objectives),
            ["seed"] = settings.Seed.ToString(CultureInfo.InvariantCulture),
            ["search"] = settings.Search.ToString().ToLowerInvariant(),
            ["trials"] = settings.TrialCount.ToString(CultureInfo.InvariantCulture),
            ["race"] = settings.Racing.ToString().ToLowerInvariant(),
            ["methods"] = settings.Methods.IsEmpty ? "all" : string.Join(",", settings.Methods),
            ["range samples"] = settings.RangeSamples.ToString(CultureInfo.InvariantCulture),
            ["moment samples"] = settings.MomentSamples.ToString(CultureInfo.InvariantCulture),
            ["sensitivity samples"] = settings.SensitivitySamples.ToString(CultureInfo.InvariantCulture),
        };
        foreach (var budget in settings.Budgets) text[budget.Option[2..]] = budget.Limit.ToString("R", CultureInfo.InvariantCulture);
        return text.ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    static TrialOutcome.Measured? BaselineOf(SqliteStudyStore store) => store.Trials().FirstOrDefault(trial => trial.Recipe.Equals(Recipe.Baseline))?.Outcome as TrialOutcome.Measured;

    // Only the frontier's variants are compared with each other: those are the ones that a reader chooses among.
    static Dictionary<string, ImmutableArray<string>> TiesOf(IReadOnlyList<Trial> trials, IMetric metric, ExplorationSettings settings, KnownTies known)
    {
        var objectives = settings.Objectives.Select(name => Objective.Of(name, metric.IsMaximized)).ToArray();
        string[] ids = [.. ParetoView.Of(trials, objectives).Frontier];
        return known.Among(ids, id => SampleScores.Of(metric, ((TrialOutcome.Measured)trials.First(trial => trial.Recipe.Id == id).Outcome).SampleScores))
            .Select((tied, i) => (Id: ids[i], Tied: tied.Select(other => ids[other]).ToImmutableArray()))
            .ToDictionary(entry => entry.Id, entry => entry.Tied, StringComparer.Ordinal);
    }
}
