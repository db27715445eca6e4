using System.Collections.Immutable;
using Kneepoint.Measurement;

namespace Kneepoint.Studies;

/// <summary>A figure of a variant that a study wants small or large.</summary>
/// <param name="Name">As on the command line: "fileBytes".</param>
/// <param name="IsMaximized">Larger is better.</param>
/// <param name="Figure">Reads the figure from a measurement; null where it was not measured.</param>
public sealed record Objective(string Name, bool IsMaximized, Func<Measured, double?> Figure)
{
    /// <summary>The objectives of a study that names none.</summary>
    public static readonly ImmutableArray<string> DefaultNames = ["accuracy", "fileBytes", "latency"];

    /// <summary>Every name that <see cref="Of"/> knows.</summary>
    public static readonly ImmutableArray<string> Names =
    [
        "accuracy", "fileBytes", "packedBytes", "weightBytes", "activationPeakBytes", "residentPeakBytes", "macs", "bitOps", "latency",
    ];

    /// <summary>Objectives that come out a little otherwise each time they are measured.</summary>
    public static readonly ImmutableArray<string> Fluctuating = ["residentPeakBytes", "latency"];

    /// <summary>The figure where smaller is better, whatever the objective's own direction; infinite where it was not measured.</summary>
    public double Cost(Measured measured)
    {
        double? figure = Figure(measured);
        if (figure is not { } value) return double.PositiveInfinity;
        return IsMaximized ? -value : value;
    }

    /// <summary>The objective of a name.</summary>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="accuracyIsMaximized">The direction of the study's metric.</param>
    /// <exception cref="ArgumentException">Nothing is called so.</exception>
    public static Objective Of(string name, bool accuracyIsMaximized) => name switch
    {
        "accuracy" => new(name, accuracyIsMaximized, m => m.Accuracy.Value),
        "fileBytes" => new(name, false, m => m.Memory.FileBytes),
        "packedBytes" => new(name, false, m => m.Memory.PackedBytes),
        "weightBytes" => new(name, false, m => m.Memory.WeightBytes),
        "activationPeakBytes" => new(name, false, m => m.Memory.ActivationPeakBytes),
        "residentPeakBytes" => new(name, false, m => m.Memory.ResidentPeakBytes),
        "macs" => new(name, false, m => m.Compute.Macs),
        "bitOps" => new(name, false, m => m.Compute.BitOps),
        "latency" => new(name, false, m => m.Compute.LatencyMilliseconds?.Value),
        _ => throw new ArgumentException($"Expected one of {string.Join(", ", Names)}; found '{name}'.", nameof(name)),
    };
}
