using Kneepoint.Limits.Size;
using Kneepoint.Studies;

namespace Kneepoint.Limits.OfStudy;

/// <summary>Two-part codes of a study's variants, and the variant of the shortest one.</summary>
public static class DescriptionLengths
{
    /// <summary>The choices for a tenth of the labels, as measured, and for ten times as many.</summary>
    /// <remarks>The labels' bits are scaled: the mean of a label stays what it was measured to be. Of equal totals the smaller packed file is chosen.</remarks>
    /// <returns>Null where no variant has both parts.</returns>
    public static MdlChoices? Choices(IEnumerable<Trial> trials)
    {
        ArgumentNullException.ThrowIfNull(trials);
        var parts = trials.Select(trial => (trial.Recipe.Id, Code: Of(trial))).Where(entry => entry.Code is not null).ToList();
        if (parts.Count == 0) return null;
        var choice = MdlChoice.Of([.. parts.Select(entry => entry.Code!.Value)]);
        return choice.AtMeasured < 0 ? null : new MdlChoices(parts[choice.AtTenth].Id, parts[choice.AtMeasured].Id, parts[choice.AtTenfold].Id);
    }

    /// <summary>The code of a variant; null where one of its parts is not known.</summary>
    public static TwoPartCode? Of(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        return trial.Outcome is TrialOutcome.Measured { Figures: { Labels: { } labels, Memory.PackedBytes: { } bytes } } ? TwoPartCode.FromNats(bytes, labels.Nats) : null;
    }
}
