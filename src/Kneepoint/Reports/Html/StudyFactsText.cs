using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Reports.Html;

/// <summary>What a report says about where its figures come from: machine, data, network, settings.</summary>
static class StudyFactsText
{
    public static ImmutableArray<(string Term, string Meaning)> Of(FrontierDocument document)
    {
        var facts = ImmutableArray.CreateBuilder<(string, string)>();
        var machine = document.Machine;
        facts.Add(("Network", document.Model.File));
        facts.Add(("SHA-256", document.Model.Sha256));
        facts.Add(("Samples", $"{Format.Whole(document.Data.Evaluate)} evaluate, {Format.Whole(document.Data.Calibrate)} calibrate"));
        string direction = document.Data.Metric.Direction == Direction.Maximize ? "more is better" : "less is better";
        facts.Add(("Metric", $"{MetricFormat.Of(document.Data.Metric.Name).Name} ({document.Data.Metric.Name}, {direction})"));
        facts.Add(("Objectives", string.Join(", ", document.Objectives.Select(o => o.Name))));
        facts.Add(("Processor", machine.Cpu));
        if (!machine.InstructionSets.IsEmpty) facts.Add(("Instruction sets", string.Join(", ", machine.InstructionSets)));
        facts.Add(("Cores", machine.Cores.ToString(CultureInfo.InvariantCulture)));
        facts.Add(("Runtime", machine.Runtime));
        facts.Add(("Timed with", string.Create(CultureInfo.InvariantCulture,
            $"{machine.Threads} {(machine.Threads == 1 ? "thread" : "threads")}, batch {machine.Batch}")));
        if (document.Hypervolume is { } hypervolume)
        {
            facts.Add(("Hypervolume", string.Create(CultureInfo.InvariantCulture,
                $"{hypervolume.Value:G6}, reference ({string.Join(", ", hypervolume.Reference.Select(r => r.ToString("G6", CultureInfo.InvariantCulture)))})")));
        }

        if (document.Trials is { } trials)
        {
            facts.Add(("Trials", $"{Format.Whole(trials.Measured)} measured, {Format.Whole(trials.Rejected)} rejected, "
                + $"{Format.Whole(trials.Crashed)} crashed, {Format.Whole(trials.TimedOut)} timed out" + (trials.Dropped > 0 ? $", {Format.Whole(trials.Dropped)} dropped early" : "")));
        }

        if (document.Racing is { } racing) facts.Add(("Sample evaluations", $"{Format.Whole(racing.Evaluations)}, {Format.Whole(racing.EvaluationsOtherwise)} if no variant had been dropped early"));

        if (document.Seconds is { } seconds) facts.Add(("Wall time", Format.Duration(seconds)));
        foreach (var (name, value) in document.Settings) facts.Add((name.Contains(' ') ? $"{name}, at most" : $"--{name}", value));
        return facts.ToImmutable();
    }
}
