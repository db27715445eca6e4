using System.Collections.Immutable;
using Kneepoint.Limits.OfStudy;

namespace Kneepoint.Reports;

/// <summary>All that a study has found, as the file <c>frontier.json</c> holds it; the other reports are drawn from this alone.</summary>
/// <remarks>
/// Figures keep the units of their names: bytes, milliseconds, counts, the metric's own unit. What was not measured is null. Beyond the
/// contract (the members up to <see cref="MdlChoice"/>) a file may carry more, and a reader skips what it does not know.
/// </remarks>
public sealed record FrontierDocument
{
    /// <summary>The version of the program that wrote the document.</summary>
    public required string Kneepoint { get; init; }

    /// <summary>The network under study.</summary>
    public required ModelFacts Model { get; init; }

    /// <summary>The samples and the metric.</summary>
    public required DataFacts Data { get; init; }

    /// <summary>Where the figures were measured.</summary>
    public required MachineFacts Machine { get; init; }

    /// <summary>What dominance is about, two to four.</summary>
    public required ImmutableArray<ObjectiveFacts> Objectives { get; init; }

    /// <summary>Every measured variant, the baseline among them, in the order of their trials.</summary>
    public required ImmutableArray<FrontierVariant> Variants { get; init; }

    /// <summary>Ids of the variants that no other variant dominates.</summary>
    public ImmutableArray<string> Frontier { get; init; } = [];

    /// <summary>The volume that the frontier dominates; null if nothing is dominated.</summary>
    public HypervolumeFigure? Hypervolume { get; init; }

    /// <summary>The id of the frontier's knee; null where a frontier has none.</summary>
    public string? Knee { get; init; }

    /// <summary>The id of the variant with the shortest description of model and data; null where not computed.</summary>
    public string? MdlChoice { get; init; }

    /// <summary>That choice for a tenth of the labels, for these and for ten times as many; null where not computed.</summary>
    public MdlChoices? MdlChoices { get; init; }

    /// <summary>What to know before trusting the study as a whole.</summary>
    public ImmutableArray<Finding> Findings { get; init; } = [];

    /// <summary>The baseline's layers that a method can treat, in the graph's order.</summary>
    public ImmutableArray<LayerFacts> Layers { get; init; } = [];

    /// <summary>How the trials ended; null where not recorded.</summary>
    public TrialCounts? Trials { get; init; }

    /// <summary>What giving up variants early has saved; null where none was.</summary>
    public RacingFacts? Racing { get; init; }

    /// <summary>The trials that gave no variant, with their reasons.</summary>
    public ImmutableArray<FailedTrial> FailedTrials { get; init; } = [];

    /// <summary>What was asked for, by option name, for the record: "seed" → "7".</summary>
    public ImmutableSortedDictionary<string, string> Settings { get; init; } =
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal);

    /// <summary>Wall time of the study so far, over all its processes; null where not recorded.</summary>
    public double? Seconds { get; init; }

    /// <summary>The variant that changes nothing; null if it has not been measured.</summary>
    public FrontierVariant? Baseline => Variants.FirstOrDefault(variant => variant.IsBaseline);

    /// <summary>The variant with an id; null if there is none.</summary>
    public FrontierVariant? Find(string? id) => id is null ? null : Variants.FirstOrDefault(variant => variant.Id == id);

    /// <summary>Reads <c>frontier.json</c>.</summary>
    /// <exception cref="FrontierDocumentException">The file is missing, too large, or not such a document.</exception>
    public static FrontierDocument Read(string file) => FrontierJsonReader.ReadFile(file);

    /// <summary>Reads a document from UTF-8 JSON.</summary>
    /// <param name="json">The whole document.</param>
    /// <param name="source">What to call it in an error: the file's name.</param>
    /// <exception cref="FrontierDocumentException">The text is not such a document.</exception>
    public static FrontierDocument Parse(ReadOnlyMemory<byte> json, string source = "frontier.json") => FrontierJsonReader.Read(json, source);

    /// <summary>The document as UTF-8 JSON, indented, figures in the shortest text that reads back to the same bits.</summary>
    public byte[] ToJson() => FrontierJson.Write(this);

    /// <summary>One line per measured variant, UTF-8, RFC 4180.</summary>
    public byte[] ToCsv() => FrontierCsv.Write(this);
}
