using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Reports;

namespace Kneepoint.App;

/// <summary>Says that a study was gone on with on another machine: its times stand side by side, but cannot be compared.</summary>
static class SeveralMachines
{
    /// <summary>The finding's code.</summary>
    public const string Code = "several-machines";

    /// <summary>Compares the machine of a study's earlier trials with this one; what was found before stays.</summary>
    /// <param name="oldHead">The document's head as the last run stored it; null for a new study.</param>
    /// <param name="trials">Trials so far.</param>
    /// <param name="machine">This machine.</param>
    /// <exception cref="FrontierDocumentException">The old head is damaged.</exception>
    public static ImmutableArray<Finding> Of(byte[]? oldHead, int trials, MachineFacts machine)
    {
        if (oldHead is null || trials == 0) return [];
        var old = FrontierDocument.Parse(oldHead, StoredStudy.HeadEntry);
        ImmutableArray<Finding> earlier = [.. old.Findings.Where(finding => finding.Code == Code)];
        string before = Text(old.Machine), now = Text(machine);
        return before == now ? earlier : earlier.Add(new Finding(Code, FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
            $"The first {trials} trials were measured on {before}, later ones on {now}: compare their latency ratios, each against the baseline on its own machine, and not their latencies.")));
    }

    // What decides speed and arithmetic; a study whose threads or batch differ is refused.
    static string Text(MachineFacts machine) => $"{machine.Cpu} ({string.Join(", ", machine.InstructionSets)}) with {machine.Runtime}";
}
