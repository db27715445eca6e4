using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Calibration;

/// <summary>Runs a network over samples and takes the distributions of its intermediate values.</summary>
/// <remarks>
/// The values are exposed as outputs of a copy of the graph, which the runtime rewrites only as far as names survive. Their sizes are
/// learned first, by a run that gives out element counts alone. Batches are then cut into pieces, and where one sample's values are still too large, the values are
/// spread over several passes, so that a run gives out at most <see cref="CollectionSettings.RunBytes"/>.
/// Memory depends neither on the number of samples nor on the size of all values together: what one run gives out, and one <see cref="ActivationHistogram"/> for each value.
/// A value without statistics is reported with its reason: unknown, fixed, inside a subgraph, not of floating point, or refused by the runtime.
/// Deterministic: the counts depend on the values alone, so on the batch only as far as the runtime's last bits do, and not on threads.
/// </remarks>
public static class ActivationCollector
{
    /// <summary>Collects.</summary>
    /// <param name="runtime">Runs the network.</param>
    /// <param name="model">The network; not changed.</param>
    /// <param name="batches">The samples; enumerated once for each pass, and the same each time.</param>
    /// <param name="valueNames">The values wanted; inputs of the network may be among them.</param>
    /// <param name="settings">Null for the defaults.</param>
    /// <param name="onProgress">Called after each batch.</param>
    /// <param name="cancellation">Ends the collection.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the network itself, or fails on the samples.</exception>
    /// <exception cref="DataException">The samples cannot be read.</exception>
    /// <exception cref="OperationCanceledException">The caller cancelled.</exception>
    public static ActivationStatistics Collect(INetworkRuntime runtime, OnnxModel model, IEnumerable<SampleBatch> batches, IEnumerable<string> valueNames,
        CollectionSettings? settings = null, Action<CollectionProgress>? onProgress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(valueNames);
        settings ??= new CollectionSettings();
        var wanted = WantedValues.Of(model, valueNames);
        var missing = wanted.Missing.ToList();
        // On one thread, so that no range depends on the cores of the machine; what takes the time is the counting.
        var sessions = new ExposedSessions(runtime, model, threads: 1);
        var made = sessions.Readable(wanted.Made, (name, reason) => missing.Add(new UncollectedValue(name, reason)));
        var fed = new List<string>();
        foreach (var (name, type) in wanted.Fed)
        {
            if (ExposedSessions.IsFloat(type)) fed.Add(name);
            else missing.Add(new UncollectedValue(name, ExposedSessions.NoFloats(type)));
        }

        var histograms = made.Concat(fed).ToDictionary(name => name, _ => new ActivationHistogram(), StringComparer.Ordinal);
        var counting = new CountingPasses(new ExposedPasses(sessions, settings.RunBytes, onProgress, cancellation), settings.Threads, histograms);
        long samples = counting.Run(batches, made, fed);
        return new ActivationStatistics(histograms, samples, missing.OrderBy(value => value.Name, StringComparer.Ordinal));
    }
}

/// <summary>The values that a collection was asked for, sorted by where they come from.</summary>
/// <param name="Made">Made by nodes of the main graph, in its order.</param>
/// <param name="Fed">Inputs of the network, in its order.</param>
/// <param name="Missing">No activations of the main graph.</param>
sealed record WantedValues(List<string> Made, List<(string Name, ElementType Type)> Fed, List<UncollectedValue> Missing)
{
    public static WantedValues Of(OnnxModel model, IEnumerable<string> names)
    {
        var index = new GraphIndex(model);
        var wanted = names.ToHashSet(StringComparer.Ordinal);
        var missing = new List<UncollectedValue>();
        foreach (string name in wanted)
        {
            if (WhyNot(model, index, name) is { } reason) missing.Add(new UncollectedValue(name, reason));
        }

        wanted.ExceptWith(missing.Select(value => value.Name));
        return new WantedValues(
            [.. model.Graph.Node.SelectMany(node => node.Output).Where(wanted.Contains)],
            [.. model.Graph.Input.Where(input => wanted.Contains(input.Name)).Select(input => (input.Name, (ElementType)(input.Type?.TensorType?.ElemType ?? 0)))],
            missing);
    }

    static string? WhyNot(OnnxModel model, GraphIndex index, string name)
    {
        if (index.Initializer(name) is not null || index.TryConstant(name, out _)) return "It is a fixed tensor, not an activation.";
        if (index.IsGraphInput(name) || index.Producer(name) is not null) return null;
        var owner = model.Graph.Node.FirstOrDefault(node => node.Subgraphs().Any(subgraph => Makes(subgraph, name)));
        return owner is null
            ? "The network has no value of that name."
            : $"It is inside a subgraph of {owner.Place()}, from where no values can be given out.";
    }

    static bool Makes(GraphProto subgraph, string name) =>
        subgraph.Node.Any(node => node.Output.Contains(name) || node.Subgraphs().Any(inner => Makes(inner, name)));
}
