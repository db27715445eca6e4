using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Reports;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>Says that variants were dropped early when a study had other objectives: in the present ones they may be better.</summary>
static class OtherObjectives
{
    /// <summary>The finding's code.</summary>
    public const string Code = "dropped-for-other-objectives";

    /// <summary>Compares the objectives of a study's earlier trials with the present ones; what was found before stays.</summary>
    /// <param name="oldHead">The document's head as the last run stored it; null for a new study.</param>
    /// <param name="trials">Trials so far.</param>
    /// <param name="objectives">The present objectives.</param>
    /// <exception cref="FrontierDocumentException">The old head is damaged.</exception>
    public static ImmutableArray<Finding> Of(byte[]? oldHead, IReadOnlyList<Trial> trials, IReadOnlyList<string> objectives)
    {
        int dropped = trials.Count(trial => trial.Outcome is TrialOutcome.Dropped);
        if (oldHead is null || dropped == 0) return [];
        var old = FrontierDocument.Parse(oldHead, StoredStudy.HeadEntry);
        ImmutableArray<Finding> earlier = [.. old.Findings.Where(finding => finding.Code == Code)];
        string[] before = [.. old.Objectives.Select(objective => objective.Name)];
        return before.Order(StringComparer.Ordinal).SequenceEqual(objectives.Order(StringComparer.Ordinal)) ? earlier : earlier.Add(new Finding(Code, FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
            $"{dropped} variants were dropped early when the objectives were {string.Join(", ", before)}; in {string.Join(", ", objectives)} some may be better than what was measured. A study in a new folder looks at them anew.")));
    }
}
