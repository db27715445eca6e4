using System.Globalization;

namespace Kneepoint.Measurement.Findings;

/// <summary>The network gives NaN or infinity for some samples.</summary>
public static class NonFiniteOutputs
{
    /// <summary>The finding's code.</summary>
    public const string Code = "nan-outputs";

    /// <summary>Judges scores.</summary>
    /// <returns>Null if all outputs were finite.</returns>
    public static Finding? Of(SampleScores scores)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return scores.NonFiniteSamples == 0 ? null : new Finding(Code, FindingSeverity.Error, string.Create(CultureInfo.InvariantCulture,
            $"{scores.NonFiniteSamples} of {scores.Count} samples give NaN or infinity in an output; a decision with NaN counts as wrong."));
    }
}
