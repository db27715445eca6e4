using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Calibration;

/// <summary>Opens copies of a network that give intermediate values out, and finds the values that the runtime does not give.</summary>
sealed class ExposedSessions(INetworkRuntime runtime, OnnxModel model, int threads, GraphOptimization optimization = GraphOptimization.Basic)
{
    /// <summary>Opens the network with the values as its outputs.</summary>
    /// <exception cref="OnnxModelException">The runtime refuses it.</exception>
    public INetworkSession Open(IReadOnlyList<string> values) => Open(ExposedGraph.Of(model, values));

    /// <summary>Finds the values that can be read as numbers of floating point.</summary>
    /// <param name="values">Values that nodes of the main graph make.</param>
    /// <param name="onRefused">Called for each other value with the reason.</param>
    /// <returns>The others, in their order.</returns>
    /// <exception cref="OnnxModelException">The runtime refuses the network itself.</exception>
    public List<string> Readable(IReadOnlyList<string> values, Action<string, string> onRefused)
    {
        if (values.Count == 0) return [];
        var refused = new HashSet<string>(StringComparer.Ordinal);
        var types = TypesOf(values);
        if (types is null)
        {
            // If the network does not even run as it is, its sentence is the one to show.
            using (runtime.Open(model, new SessionSettings { Threads = threads }))
            {
            }

            FindRefused(values, refused, onRefused);
            values = [.. values.Where(value => !refused.Contains(value))];
            if (values.Count == 0) return [];
            using var session = Open(values);
            types = Types(session);
        }

        foreach (string value in values)
        {
            if (IsFloat(types[value])) continue;
            refused.Add(value);
            onRefused(value, NoFloats(types[value]));
        }

        return [.. values.Where(value => !refused.Contains(value))];
    }

    /// <summary>The bytes that each value takes as float32 in a run on a batch, in the order of the values.</summary>
    /// <param name="values">Values that can be exposed.</param>
    /// <param name="batch">Samples.</param>
    /// <param name="canCut">Whether the network runs parts of a batch as well.</param>
    /// <exception cref="OnnxModelException">The runtime fails on the inputs.</exception>
    public long[] Bytes(IReadOnlyList<string> values, SampleBatch batch, out bool canCut)
    {
        using var session = Open(ExposedGraph.Sizes(model, values));
        canCut = BatchPieces.CanCut(batch, session.Inputs);
        if (canCut && batch.Count > 1)
        {
            try
            {
                // One sample says what all take.
                return BytesOf(session, BatchPieces.Cut(batch, 1).First(), batch.Count);
            }
            catch (OnnxModelException)
            {
                // The batch is part of the network, though its inputs do not say so.
                canCut = false;
            }
        }

        return BytesOf(session, batch, 1);
    }

    static long[] BytesOf(INetworkSession session, SampleBatch batch, long times)
    {
        var counts = session.Run(batch.Inputs);
        return [.. session.Outputs.Select(output => times * sizeof(float) * counts[output.Name].Values<long>()[0])];
    }

    /// <summary>Whether values of a type can be counted.</summary>
    public static bool IsFloat(ElementType type) => type is ElementType.Float32 or ElementType.Float16 or ElementType.BFloat16 or ElementType.Float64;

    /// <summary>Why values of another type are not counted.</summary>
    public static string NoFloats(ElementType type) => $"It holds {type}, not numbers of floating point.";

    static Dictionary<string, ElementType> Types(INetworkSession session) =>
        session.Outputs.ToDictionary(output => output.Name, output => output.ElementType, StringComparer.Ordinal);

    Dictionary<string, ElementType>? TypesOf(IReadOnlyList<string> values)
    {
        try
        {
            using var session = Open(values);
            return Types(session);
        }
        catch (OnnxModelException)
        {
            return null;
        }
    }

    // Halves that are refused are halved again: few refusals among many values take few sessions.
    void FindRefused(IReadOnlyList<string> values, HashSet<string> refused, Action<string, string> onRefused)
    {
        try
        {
            using var session = Open(values);
        }
        catch (OnnxModelException exception) when (values.Count == 1)
        {
            refused.Add(values[0]);
            onRefused(values[0], $"The runtime does not give it out: {exception.Message}");
        }
        catch (OnnxModelException)
        {
            int middle = values.Count / 2;
            FindRefused([.. values.Take(middle)], refused, onRefused);
            FindRefused([.. values.Skip(middle)], refused, onRefused);
        }
    }

    // Basic rewriting keeps the names of values, the layouts for this processor those of outputs; where it fails on a graph with so many outputs, the graph runs as it is.
    INetworkSession Open(OnnxModel exposed)
    {
        try
        {
            return runtime.Open(exposed, new SessionSettings { Threads = threads, Optimization = optimization });
        }
        catch (OnnxModelException)
        {
            return runtime.Open(exposed, new SessionSettings { Threads = threads, Optimization = GraphOptimization.None });
        }
    }
}
