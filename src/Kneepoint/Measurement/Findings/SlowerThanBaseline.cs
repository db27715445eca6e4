using System.Globalization;
using Kneepoint.Measurement.Latency;

namespace Kneepoint.Measurement.Findings;

/// <summary>A variant takes more time than the network it was made from.</summary>
public static class SlowerThanBaseline
{
    /// <summary>The code of a variant that is slower.</summary>
    public const string Code = "slower-than-baseline";

    /// <summary>The code of a variant that is slower and whose file is larger: nothing speaks for it.</summary>
    public const string AndLargerCode = "slower-and-larger";

    /// <summary>Judges a variant.</summary>
    /// <param name="latency">Its time against the baseline's.</param>
    /// <param name="fileBytes">Its file.</param>
    /// <param name="baselineFileBytes">The baseline's file.</param>
    /// <returns>Null unless it is distinguishably slower.</returns>
    public static Finding? Of(VariantLatency latency, long fileBytes, long baselineFileBytes)
    {
        ArgumentNullException.ThrowIfNull(latency);
        if (latency.Verdict != LatencyVerdict.Slower) return null;
        var ratio = latency.Ratio;
        string time = string.Create(CultureInfo.InvariantCulture, $"{ratio.Value:F2} times the baseline's time (95 %: {ratio.Low:F2} to {ratio.High:F2})");
        return fileBytes > baselineFileBytes
            ? new Finding(AndLargerCode, FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
                $"The variant takes {time} and its file has {fileBytes} bytes instead of {baselineFileBytes}: it is worse in both."))
            : new Finding(Code, FindingSeverity.Note, $"The variant takes {time}. Look at the layers that the runtime did not fuse.");
    }
}
