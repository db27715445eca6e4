using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;

namespace Kneepoint.Studies;

/// <summary>What a variant costs, each figure measured when it is first asked for.</summary>
/// <param name="fileBytes">Of the network's file with its external data.</param>
/// <param name="packedBytes">Of its packed file; null where there is none.</param>
/// <param name="counts">Counts operations and bytes.</param>
/// <param name="activations">Measures the peak of activations.</param>
/// <param name="resident">Measures resident memory.</param>
/// <param name="latency">Measures time.</param>
sealed class VariantCosts(long fileBytes, long? packedBytes, Func<VariantCost> counts, Func<ProbedBytes> activations, Func<ProbedBytes> resident, Func<LatencyReport> latency)
{
    readonly Lazy<VariantCost> _counts = new(counts);
    readonly Lazy<ProbedBytes> _activations = new(activations), _resident = new(resident);
    readonly Lazy<LatencyReport> _latency = new(latency);

    /// <summary>The peak of activations, with its doubts.</summary>
    public ProbedBytes Activations => _activations.Value;

    /// <summary>Resident memory, with its doubts.</summary>
    public ProbedBytes Resident => _resident.Value;

    /// <summary>Time, with its doubts.</summary>
    public LatencyReport Latency => _latency.Value;

    /// <summary>All five figures of memory.</summary>
    public MemoryFigures Memory => new(fileBytes, packedBytes, _counts.Value.WeightBytes, Activations.Bytes ?? 0, Resident.Bytes);

    /// <summary>Operations and time.</summary>
    public ComputeFigures Compute => new(_counts.Value.Macs, _counts.Value.BitOps, Latency.Variants[0].Milliseconds, Latency.Variants[0].Ratio);

    /// <summary>A measurement without accuracy that knows what is counted, and of what takes time to measure only what is named.</summary>
    public Measured Named(IEnumerable<string> names)
    {
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        return new Measured(default, default,
            new MemoryFigures(fileBytes, packedBytes, _counts.Value.WeightBytes, wanted.Contains("activationPeakBytes") ? Activations.Bytes ?? 0 : 0, wanted.Contains("residentPeakBytes") ? Resident.Bytes : null),
            new ComputeFigures(_counts.Value.Macs, _counts.Value.BitOps, wanted.Contains("latency") ? Latency.Variants[0].Milliseconds : null, null), []);
    }

    /// <summary>The figures that are known by now.</summary>
    public ImmutableArray<NamedFigure> Known()
    {
        List<string> measured = [];
        if (_activations.IsValueCreated) measured.Add("activationPeakBytes");
        if (_resident.IsValueCreated) measured.Add("residentPeakBytes");
        if (_latency.IsValueCreated) measured.Add("latency");
        var figures = Named(measured);
        return [.. Objective.Names.Where(name => name != "accuracy" && (name != "activationPeakBytes" || measured.Contains(name)))
            .Select(name => (Name: name, Value: Objective.Of(name, accuracyIsMaximized: true).Figure(figures))).Where(figure => figure.Value is not null)
            .Select(figure => new NamedFigure(figure.Name, figure.Value!.Value))];
    }
}
