using System.Globalization;
using Kneepoint.App.Commands;
using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>Measures network files that are there already, as a study measures the variants that it makes.</summary>
static class Measuring
{
    /// <summary>Measures the baseline, if there is one, and each model against it; a model alone is measured by itself.</summary>
    /// <param name="models">Files, at least one.</param>
    /// <param name="baseline">The file to compare with; null with one model only.</param>
    /// <param name="dataPath">The data.</param>
    /// <param name="settings">Threads, seed and time.</param>
    /// <param name="batch">Batch of latency and activations; null for 1, or what a network fixes.</param>
    /// <param name="progress">Shows where the work stands.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="OnnxModelException">A file is malformed, refused or broken, or does not take or give what the baseline does.</exception>
    /// <exception cref="Kneepoint.Data.DataException">The data do not fit.</exception>
    public static MeasuredFiles Run(IReadOnlyList<string> models, string? baseline, string dataPath, ExplorationSettings settings, int? batch,
        TerminalProgress progress, CancellationToken cancellation)
    {
        string first = baseline ?? models[0];
        string[] others = baseline is null ? [] : [.. models];
        var runtime = new OrtRuntime(settings.Threads);
        // Broken files are refused in our own words, before the runtime sees them.
        foreach (string file in others.Prepend(first)) OnnxModel.Load(file);
        int? fixedBatch = CheckFit(runtime, first, others);
        if (batch is { } wished && fixedBatch is { } only && wished != only)
        {
            throw new CommandLineException(string.Create(CultureInfo.InvariantCulture, $"--batch: the networks' batch is fixed to {only}, found {wished}."));
        }

        settings = settings with { Batch = fixedBatch ?? batch ?? 1, EvaluationThreads = Environment.ProcessorCount };
        progress.Report("reading data", 0, 0);
        var subject = SubjectFile.Open(first, dataPath, runtime, settings, cancellation);
        using var data = subject.Data;
        var machine = MachineDescription.Current(runtime.Name, settings.Threads, settings.Batch);
        string inHand = first;
        var probe = new OrtVariantProbe(runtime, ProbeMemoryCommand.ProbeOfThisProgram(), settings.Threads);
        using var measurement = new VariantMeasurement(subject, probe, settings, network => CostOf(subject, inHand, network), machine.InstructionSets,
            at => progress.Report(at.Stage, at.Done, at.Total, Path.GetFileName(inHand)));
        var measured = new List<MeasuredFile>();
        foreach (string file in others.Prepend(first))
        {
            inHand = file;
            bool isBaseline = measured.Count == 0;
            var model = isBaseline ? subject.Baseline : OnnxModel.Load(file);
            var network = new CompressedNetwork(model, [], GivenQuantization.LayersOf(model));
            var outcome = measurement.Of(file, network, isBaseline, cancellation);
            if (outcome is TrialOutcome.Rejected rejected) throw new OnnxModelException($"'{file}' cannot be measured: {rejected.Reason}");
            measured.Add(new MeasuredFile(file, isBaseline && baseline is not null, ((TrialOutcome.Measured)outcome).Figures));
        }

        return new MeasuredFiles(subject.Metric, data.Count(Data.DataPart.Evaluate), data.Count(Data.DataPart.Calibrate), machine, measured, [.. data.Findings]);
    }

    // Before the data are read, which can take minutes. Gives the batch that a network fixes.
    static int? CheckFit(OrtRuntime runtime, string first, string[] others)
    {
        using var baseline = runtime.Open(first, new SessionSettings());
        int? batch = FixedBatch.Of(baseline);
        foreach (string file in others)
        {
            using var session = runtime.Open(file, new SessionSettings());
            SameSignature.Check(file, session, first, baseline);
            batch ??= FixedBatch.Of(session);
            if (FixedBatch.Of(session) is { } other && other != batch)
            {
                throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                    $"'{file}' takes batches of {other}, another network batches of {batch}: networks are compared at one batch."));
            }
        }

        return batch;
    }

    static VariantCost CostOf(Subject subject, string file, CompressedNetwork network) =>
        new CostModel(subject with { Baseline = network.Model, BaselineFile = file }).Of(network);
}
