using Kneepoint.Measurement;

namespace Kneepoint.Reports;

/// <summary>A figure of memory or compute that reports can put on an axis or into a column.</summary>
/// <param name="Name">Its name as an objective and in <c>frontier.json</c>.</param>
/// <param name="Label">What people call it.</param>
/// <param name="Text">A value with its unit.</param>
/// <param name="Of">The value of a variant with its interval; null where not measured. Counts have intervals of no width.</param>
public sealed record FigureKind(string Name, string Label, Func<double, string> Text, Func<FrontierVariant, Interval?> Of)
{
    /// <summary>The five figures of memory, in bytes.</summary>
    public static IReadOnlyList<FigureKind> Memory { get; } =
    [
        new("fileBytes", "model file", Bytes, v => Exact(v.Memory.FileBytes)),
        new("packedBytes", "packed file", Bytes, v => Exact(v.Memory.PackedBytes)),
        new("weightBytes", "weights", Bytes, v => Exact(v.Memory.WeightBytes)),
        new("activationPeakBytes", "activations, peak", Bytes, v => Exact(v.Memory.ActivationPeakBytes)),
        new("residentPeakBytes", "resident memory, peak", Bytes, v => Exact(v.Memory.ResidentPeakBytes)),
    ];

    /// <summary>The figures of compute.</summary>
    public static IReadOnlyList<FigureKind> Compute { get; } =
    [
        new("latency", "latency", Format.Milliseconds, v => v.Compute.LatencyMilliseconds),
        new("macs", "MACs", Counts, v => Exact(v.Compute.Macs)),
        new("bitOps", "bit operations", Counts, v => Exact(v.Compute.BitOps)),
    ];

    /// <summary>The figure of memory that a study is about: its first objective of that kind; the file's bytes if none is.</summary>
    public static FigureKind MemoryOf(FrontierDocument document) => First(document, Memory) ?? Memory[0];

    /// <summary>The figure of compute that a study is about: its first objective of that kind; if none is, latency where it was measured, and MACs otherwise.</summary>
    public static FigureKind ComputeOf(FrontierDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return First(document, Compute) ?? (document.Variants.Any(v => v.Compute.LatencyMilliseconds is not null) ? Compute[0] : Compute[1]);
    }

    /// <summary>The value of a variant; NaN where not measured.</summary>
    internal double Value(FrontierVariant variant) => Of(variant)?.Value ?? double.NaN;

    static FigureKind? First(FrontierDocument document, IReadOnlyList<FigureKind> kinds) => document.Objectives
        .Select(objective => kinds.FirstOrDefault(kind => kind.Name == objective.Name)).FirstOrDefault(kind => kind is not null);

    static string Bytes(double bytes) => Format.Bytes((long)Math.Round(bytes));

    static string Counts(double count) => Format.Count((long)Math.Round(count));

    static Interval? Exact(long? number) => number is { } n ? new Interval(n, n, n) : null;
}
