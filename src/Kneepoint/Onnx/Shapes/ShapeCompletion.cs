using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>Finds the shapes that no rule gives by running the network once.</summary>
/// <remarks>
/// Infers first. Values of the main graph that stay unknown, and conditions that decide which branch of an If runs, are then read from a run, and the inference
/// goes on from them. Such shapes hold for the inputs that were fed: another input may give others. Values inside subgraphs are known by rules alone.
/// </remarks>
public static class ShapeCompletion
{
    const int ValuesPerRun = 32;
    const int MostFailures = 16;

    /// <summary>Finds the shapes of a network's values for the given inputs.</summary>
    /// <param name="runtime">Runs the network where rules end.</param>
    /// <param name="model">The network; not changed.</param>
    /// <param name="feeds">A tensor for each input that must be fed.</param>
    /// <returns>Shapes; what stays unknown has its reason.</returns>
    /// <exception cref="OnnxModelException">The graph is malformed.</exception>
    public static ShapeTable Infer(INetworkRuntime runtime, OnnxModel model, IReadOnlyDictionary<string, Tensor> feeds)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(feeds);
        var shapes = new InputShapes
        {
            Inputs = System.Collections.Immutable.ImmutableDictionary.CreateRange(StringComparer.Ordinal, feeds.Select(feed =>
                KeyValuePair.Create(feed.Key, System.Collections.Immutable.ImmutableArray.CreateRange(feed.Value.Dimensions)))),
        };
        var table = ShapeInference.Infer(model, shapes);
        var index = new GraphIndex(model);
        var conditions = model.Graph.Node.Where(node => node.IsStandard("If"))
            .Select(node => node.InputOrEmpty(0)).Where(value => table.Find(value)?.Integers is null).ToHashSet(StringComparer.Ordinal);
        string[] wanted = [.. table.UnknownValues.Concat(conditions).Where(value => index.Producer(value) is not null).Distinct(StringComparer.Ordinal)];
        if (wanted.Length == 0) return table;
        var measured = new Dictionary<string, KnownValue>(StringComparer.Ordinal);
        int failures = 0;
        foreach (string[] part in wanted.Chunk(ValuesPerRun)) Read(part);
        return measured.Count == 0 ? table : ShapeInference.Infer(model, shapes, measured);

        // A part with a value that cannot be an output fails as a whole: halve it until that value is alone.
        void Read(string[] part)
        {
            if (failures > MostFailures) return;
            try
            {
                foreach (var (name, tensor) in Run(runtime, model, part, feeds))
                {
                    long[]? integers = conditions.Contains(name) && tensor.ElementType == ElementType.Bool ? [.. tensor.Bytes.ToArray().Select(b => (long)b)] : null;
                    measured[name] = new KnownValue(new ValueShape(tensor.ElementType, [.. tensor.Dimensions]), integers);
                }
            }
            catch (OnnxModelException) when (part.Length > 1)
            {
                Read(part[..(part.Length / 2)]);
                Read(part[(part.Length / 2)..]);
            }
            catch (OnnxModelException)
            {
                failures++;
            }
        }
    }

    static IReadOnlyDictionary<string, Tensor> Run(INetworkRuntime runtime, OnnxModel model, string[] values, IReadOnlyDictionary<string, Tensor> feeds)
    {
        var exposed = model.Clone();
        exposed.Graph.Output.Clear();
        exposed.Graph.Output.AddRange(values.Select(name => new ValueInfoProto { Name = name }));
        using var session = runtime.Open(exposed, new SessionSettings { Optimization = GraphOptimization.None });
        return session.Run(feeds);
    }
}
