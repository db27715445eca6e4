using System.Globalization;
using Kneepoint.Data.Description;
using Kneepoint.Data.Formats;
using Kneepoint.Data.Preprocessing;
using Kneepoint.Onnx;

namespace Kneepoint.Data;

/// <summary>Makes a data set of a description and a network.</summary>
sealed class DatasetOpener(
    DataDescription description, IReadOnlyList<ValueSignature> inputs, IReadOnlyList<ValueSignature> outputs, IImageDecoder decoder, int seed,
    List<Finding> findings) : IDisposable
{
    const int MostCalibration = 512;

    readonly List<ISampleSource> _sources = [];
    bool _isOpened;

    /// <summary>Opens and checks the data.</summary>
    /// <exception cref="DataException">The data do not fit the description or the network.</exception>
    public Dataset Open(long cacheBytes, CancellationToken cancellation)
    {
        var (calibrateSource, calibrateIndices, evaluateSource, evaluateIndices) = Split();
        foreach (var source in _sources) findings.AddRange(source.Findings.Where(finding => !findings.Contains(finding)));
        var (metric, evaluatePlan) = Plan(evaluateSource, findings);
        var calibratePlan = calibrateSource == evaluateSource ? evaluatePlan : PlanCalibration(calibrateSource, metric, evaluatePlan);
        CheckClasses(calibrateSource, calibratePlan);
        CheckClasses(evaluateSource, evaluatePlan);
        int fixedBatch = FixedBatch(evaluatePlan);
        var calibrate = new DatasetPart(calibrateSource, calibrateIndices, calibratePlan);
        var evaluate = new DatasetPart(evaluateSource, evaluateIndices, evaluatePlan);
        byte[] contentHash = CheckSamples(calibrate, evaluate, cacheBytes, cancellation);
        NoteGenerated(evaluatePlan);
        var dataset = new Dataset(calibrate, evaluate, fixedBatch)
        {
            Metric = metric,
            Output = description.Output,
            Peak = description.Peak,
            Findings = findings,
            ContentHash = contentHash,
        };
        CheckBatch(dataset, calibrate, evaluate, fixedBatch);
        _isOpened = true;
        return dataset;
    }

    /// <summary>Closes the sources if the data set was not made.</summary>
    public void Dispose()
    {
        if (_isOpened) return;
        foreach (var source in _sources) source.Dispose();
    }

    (ISampleSource Calibrate, SelectedIndices CalibrateIndices, ISampleSource Evaluate, SelectedIndices EvaluateIndices) Split()
    {
        if (description.Files is { } files)
        {
            var source = OpenFiles(files);
            var (calibrate, evaluate) = description.SplitCalibrate is { } said ? (said, description.SplitEvaluate!) : DefaultSplit(source);
            return (source, Select(calibrate, evaluate, source, "calibrate"), source, Select(evaluate, calibrate, source, "evaluate"));
        }

        if (description.Calibrate is null || description.Evaluate is null)
        {
            throw description.Error(0, description.Format == "synthetic"
                ? "synthetic data need 'calibrate' and 'evaluate', the numbers of samples" : "expected 'files', or 'calibrate' and 'evaluate'");
        }

        var first = OpenPart(description.Calibrate);
        var second = OpenPart(description.Evaluate);
        return (first, Select(description.Calibrate.Take, null, first, "calibrate"), second, Select(description.Evaluate.Take, null, second, "evaluate"));
    }

    (SampleSelection, SampleSelection) DefaultSplit(ISampleSource source)
    {
        if (source.Count < 2) throw new DataException($"{source.Name} holds {source.Count} sample: expected at least 2, one to calibrate and one to evaluate.");
        long count = Math.Min(MostCalibration, (source.Count + 9) / 10);
        findings.Add(new Finding("split-assumed", FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
            $"Nothing says which samples calibrate: {count} of {source.Count}, drawn by the seed {seed}, do, and the rest evaluate. Say 'split' in data.yaml.")));
        return (new SampleSelection(SelectionKind.Random, count), SampleSelection.Rest);
    }

    SelectedIndices Select(SampleSelection selection, SampleSelection? other, ISampleSource source, string part)
        => new(selection, other, source.Count, seed, $"{description.Name}: '{part}' of {source.Name}");

    ISampleSource OpenPart(PartDescription part)
    {
        if (part.Files is { } files) return OpenFiles(files);
        var source = new SyntheticSource(part.GeneratedCount);
        _sources.Add(source);
        return source;
    }

    ISampleSource OpenFiles(FileSet files)
    {
        if (description.Format == "synthetic") throw description.Error(files.Line, "synthetic data take no files");
        var classes = description.Classes is not { } list ? null
            : list.Names ?? ClassNamesFile.Read(Path.Combine(description.Folder, list.File!));
        var columns = inputs.Select(signature => (signature, input: description.Inputs.GetValueOrDefault(signature.Name) ?? description.Preprocess))
            .Where(pair => pair.input?.IsGenerated != true)
            .Select(pair => (pair.signature.Name, pair.input?.From));
        string? target = description.Target is { } said ? said.From ?? "" : description.Metric == "fidelity" ? "" : null;
        var request = new CsvRequest([.. columns], target, ',', classes);
        var source = new SourceFactory(description, classes, request, TokenCount).Open(files);
        _sources.Add(source);
        return source;
    }

    int TokenCount()
    {
        long length = inputs.Count > 0 && inputs[0].Dimensions is [_, var tokens] ? tokens : -1;
        return length is > 0 and < 1 << 24 ? (int)length
            : throw description.Error(0, "the network does not say how many tokens it takes: give 'length' under 'text'");
    }

    (string Metric, PartPlan Plan) Plan(ISampleSource source, List<Finding> notes)
    {
        var targets = new TargetPlanner(InTable(), outputs, source);
        var (metric, target) = targets.Plan();
        var planner = new InputPlanner(InTable(), inputs, source, decoder, seed);
        var plans = planner.Plan(targets.FindTargetOnly());
        notes.AddRange(planner.Findings);
        return (metric, new PartPlan(plans, target));
    }

    /// <summary>The description with the target column of a table renamed as the source names it.</summary>
    DataDescription InTable() => _sources.Any(source => source is CsvSource) && description.Target is { From: not null } target
        ? description with { Format = "csv", Target = target with { From = "target" } }
        : _sources.Any(source => source is CsvSource) ? description with { Format = "csv" } : description;

    PartPlan PlanCalibration(ISampleSource source, string metric, PartPlan evaluate)
    {
        // Calibration needs no targets: files without labels will do.
        var wanted = InTable();
        string? field = wanted.Target?.From;
        bool hasTarget = field is null ? wanted.Target is null && new TargetPlanner(wanted, outputs, source).FindField() is not null
            : source.Fields.Any(candidate => candidate.Name == field);
        var targets = new TargetPlanner(hasTarget ? wanted with { Metric = metric } : wanted with { Metric = null, Target = new TargetDescription(0, null) }, outputs, source);
        var planner = new InputPlanner(wanted, inputs, source, decoder, seed);
        var plan = new PartPlan(planner.Plan(hasTarget ? targets.FindTargetOnly() : null), targets.Plan().Plan);
        for (int i = 0; i < plan.Inputs.Count; i++)
        {
            if (!plan.Inputs[i].Dimensions.SequenceEqual(evaluate.Inputs[i].Dimensions))
            {
                throw new DataException($"'{plan.Inputs[i].Name}' has [{string.Join(", ", plan.Inputs[i].Dimensions)}] per sample of {source.Name}, "
                    + $"but [{string.Join(", ", evaluate.Inputs[i].Dimensions)}] in the evaluation part: expected equal shapes.");
            }
        }

        return plan;
    }

    static void CheckClasses(ISampleSource source, PartPlan plan)
    {
        if (source.ClassNames is not { } names || plan.Target is not { ClassCount: > 0 } target) return;
        if (names.Count + target.Offset == target.ClassCount) return;
        throw new DataException($"{source.Name} has {names.Count} classes ({string.Join(", ", names.Take(4))}{(names.Count > 4 ? ", …" : "")}), the network has {target.ClassCount}: "
            + "sorted names do not tell which is which. List the classes in order under 'classes', or in a file classes.txt beside the folders.");
    }

    int FixedBatch(PartPlan plan)
    {
        int batch = 0;
        foreach (var (input, signature) in plan.Inputs.Zip(inputs))
        {
            if (input.BatchAxis < 0) continue;
            long size = signature.Dimensions[input.BatchAxis];
            if (size < 0) continue;
            if (size is 0 or > 1 << 20) throw new DataException($"The network's input '{input.Name}' has a batch of {size}: expected 1 to {1 << 20}.");
            if (batch != 0 && batch != size) throw new DataException($"The network's input '{input.Name}' has a batch of {size}, another input one of {batch}: expected equal batches.");
            batch = (int)size;
        }

        return batch;
    }

    byte[] CheckSamples(DatasetPart calibrate, DatasetPart evaluate, long cacheBytes, CancellationToken cancellation)
    {
        // The evaluation part is read for every variant, so it comes first where not both fit.
        bool keepEvaluate = evaluate.StagedBytes <= cacheBytes;
        bool keepCalibrate = calibrate.StagedBytes + (keepEvaluate ? evaluate.StagedBytes : 0) <= cacheBytes;
        var hashes = new SampleHashes(calibrate.Plan.InputFields, evaluate.Plan.InputFields);
        using var content = new ContentHash();
        void See(DataPart part, DatasetPart samples, SampleBlock block)
        {
            hashes.Add(part, block);
            content.Add(part, block, samples.Source.Fields.Count);
        }

        calibrate.Check(keepCalibrate, block => See(DataPart.Calibrate, calibrate, block), cancellation);
        evaluate.Check(keepEvaluate, block => See(DataPart.Evaluate, evaluate, block), cancellation);
        foreach (var part in new[] { calibrate, evaluate })
        {
            if (part.Count == 0) throw new DataException($"{part.Source.Name} holds no readable sample.");
            if (part.BrokenCount > 0)
            {
                findings.Add(new Finding("images-broken", FindingSeverity.Warning,
                    $"{part.BrokenCount} of {part.Count + part.BrokenCount} images of {part.Source.Name} cannot be decoded and are left out. The first is {part.BrokenReason}"));
            }
        }

        NoteOverlap(hashes.SharedCount, evaluate.Count);
        return content.Result();
    }

    void NoteOverlap(long shared, long total)
    {
        if (shared == 0) return;
        var severity = shared * 2 >= total ? FindingSeverity.Error : shared * 100 >= total ? FindingSeverity.Warning : FindingSeverity.Note;
        findings.Add(new Finding("calibration-overlaps-evaluation", severity, string.Create(CultureInfo.InvariantCulture,
            $"{shared} of {total} evaluation samples have the same content as a calibration sample. Accuracy on them is measured on data that the variants were tuned on.")));
    }

    void NoteGenerated(PartPlan plan)
    {
        string[] random = [.. plan.Inputs.OfType<GeneratedInput>().Where(input => input.Random is not null).Select(input => $"'{input.Name}' {input.Random}")];
        if (random.Length == 0) return;
        findings.Add(new Finding("synthetic-data", FindingSeverity.Warning,
            $"Samples are generated, not real ({string.Join("; ", random)}): figures on them show how far a variant is from the baseline there, not how good it is on real data."));
    }

    void CheckBatch(Dataset dataset, DatasetPart calibrate, DatasetPart evaluate, int fixedBatch)
    {
        foreach (var (kind, part) in new[] { (DataPart.Calibrate, calibrate), (DataPart.Evaluate, evaluate) })
        {
            long left = part.Count - dataset.Count(kind);
            if (left == part.Count) throw new DataException($"{part.Source.Name} has {part.Count} samples: expected at least {fixedBatch}, the network's fixed batch.");
            if (left > 0) findings.Add(new Finding("batch-remainder", FindingSeverity.Note, $"The network's batch is fixed at {fixedBatch}: the last {left} samples of {part.Source.Name} are left out."));
        }
    }
}
