using System.Globalization;

namespace Kneepoint.Data.Description;

/// <summary>Which samples of a source belong to a part.</summary>
/// <remarks>Written as "all", "rest", "first 200", "last 200", "200..400" (400 not included), "random 200" or "random 10 %".</remarks>
/// <param name="Kind">How the samples are chosen.</param>
/// <param name="Count">Of samples, for First, Last and Random; the percentage for RandomShare.</param>
/// <param name="Start">The first sample, for Range.</param>
/// <param name="End">The sample after the last, for Range.</param>
sealed record SampleSelection(SelectionKind Kind, double Count = 0, long Start = 0, long End = 0)
{
    /// <summary>Every sample.</summary>
    public static SampleSelection All { get; } = new(SelectionKind.All);

    /// <summary>What the other part leaves.</summary>
    public static SampleSelection Rest { get; } = new(SelectionKind.Rest);

    /// <summary>Reads the text; null if it is none of the forms.</summary>
    public static SampleSelection? Parse(string text)
    {
        string[] words = text.Replace("%", " %", StringComparison.Ordinal).Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["all"] => All,
            ["rest"] => Rest,
            ["first", var n] when Whole(n) is > 0 and var count => new(SelectionKind.First, count),
            ["last", var n] when Whole(n) is > 0 and var count => new(SelectionKind.Last, count),
            ["random", var n] when Whole(n) is > 0 and var count => new(SelectionKind.Random, count),
            ["random", var n, "%"] when double.TryParse(n, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share)
                && share is > 0 and < 100 => new(SelectionKind.RandomShare, share),
            [var range] when range.Split("..") is [var from, var to] && Whole(from) is >= 0 and var start && Whole(to) is var end && end > start
                => new(SelectionKind.Range, 0, start, end),
            _ => null,
        };
    }

    static long Whole(string text)
        => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) && value < 1L << 53 ? value : -1;
}

/// <summary>How samples are chosen.</summary>
enum SelectionKind
{
    /// <summary>Every sample.</summary>
    All,

    /// <summary>What the other part leaves.</summary>
    Rest,

    /// <summary>From the start.</summary>
    First,

    /// <summary>Up to the end.</summary>
    Last,

    /// <summary>Between two positions.</summary>
    Range,

    /// <summary>A number of them, by the seed.</summary>
    Random,

    /// <summary>A share of them in percent, by the seed.</summary>
    RandomShare,
}
