using System.Globalization;

namespace Kneepoint.Measurement.Findings;

/// <summary>A variant's file is larger than the baseline's, or holds much besides weights.</summary>
public static class SizeInflated
{
    /// <summary>The finding's code.</summary>
    public const string Code = "size-inflated";

    /// <summary>Names, attributes and shapes of the graph that take more than this share of a file are worth a word.</summary>
    public const double LargestGraphShare = 0.25;

    /// <summary>Judges a variant.</summary>
    /// <param name="memory">The variant's figures.</param>
    /// <param name="baselineFileBytes">The baseline's file.</param>
    /// <returns>Null if the file is smaller and mostly weights.</returns>
    public static Finding? Of(MemoryFigures memory, long baselineFileBytes)
    {
        ArgumentNullException.ThrowIfNull(memory);
        if (memory.FileBytes > baselineFileBytes)
        {
            return new Finding(Code, FindingSeverity.Warning, string.Create(CultureInfo.InvariantCulture,
                $"The file has {memory.FileBytes} bytes, more than the baseline's {baselineFileBytes}."));
        }

        long graphBytes = memory.FileBytes - memory.WeightBytes;
        return graphBytes > LargestGraphShare * memory.FileBytes
            ? new Finding(Code, FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
                $"{graphBytes} of the file's {memory.FileBytes} bytes are the graph itself, not weights: fewer bits per weight gain little."))
            : null;
    }
}
