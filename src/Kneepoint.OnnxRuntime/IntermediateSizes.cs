using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>Finds the size of every value of a graph by running it with its values exposed as outputs.</summary>
/// <remarks>
/// Exact also for operators that no shape inference knows. The runtime keeps exposed values until the run ends, so they are exposed part by
/// part: as many as fit into about <see cref="PartBytes"/>. Values that cannot be exposed, and those inside subgraphs, are left out.
/// </remarks>
static class IntermediateSizes
{
    const long PartBytes = 256L << 20;
    const int FirstPartValues = 64;
    const int MostPartValues = 1024;
    const int MostFailures = 16;

    /// <summary>The size of each value that nodes of the main graph make, as far as it is a dense tensor of numbers.</summary>
    /// <param name="runtime">The runtime.</param>
    /// <param name="model">A graph that the runtime runs as it is.</param>
    /// <param name="inputs">What to feed.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model.</exception>
    public static Dictionary<string, ValueSize> Read(OrtRuntime runtime, OnnxModel model, IReadOnlyDictionary<string, Tensor> inputs)
    {
        var exposed = model.Clone();
        var sizes = new Dictionary<string, ValueSize>(StringComparer.Ordinal);
        string[] names = [.. model.Graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0).Distinct(StringComparer.Ordinal)];
        int failures = 0;
        int partValues = FirstPartValues;
        for (int start = 0; start < names.Length;)
        {
            var part = names.AsSpan(start, Math.Min(partValues, names.Length - start));
            long bytes = Expose(part.ToArray());
            if (failures > MostFailures) break;
            start += part.Length;
            double fill = (double)Math.Max(bytes, 1) / PartBytes;
            partValues = (int)Math.Clamp(part.Length / fill, 1, Math.Min(MostPartValues, 4 * partValues));
        }

        return sizes;

        // A part with a value that cannot be an output fails as a whole: halve it until that value is alone.
        long Expose(string[] part)
        {
            try
            {
                return ReadPart(runtime, exposed, part, inputs, sizes);
            }
            catch (OnnxModelException) when (failures <= MostFailures)
            {
                if (part.Length == 1)
                {
                    failures++;
                    return 0;
                }

                return Expose(part[..(part.Length / 2)]) + Expose(part[(part.Length / 2)..]);
            }
        }
    }

    static long ReadPart(OrtRuntime runtime, OnnxModel exposed, string[] names, IReadOnlyDictionary<string, Tensor> inputs,
        Dictionary<string, ValueSize> sizes)
    {
        exposed.Graph.Output.Clear();
        exposed.Graph.Output.AddRange(names.Select(name => new ValueInfoProto { Name = name }));
        using var session = runtime.Create("The optimized model", new SessionSettings { Optimization = GraphOptimization.None },
            options => OrtRuntime.FromMemory(exposed, options));
        using var pinned = new PinnedInputs(session.InputNames, inputs);
        using var options = new RunOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        try
        {
            using var values = session.Run(options, session.InputNames, pinned.Values, names);
            long sum = 0;
            for (int i = 0; i < names.Length; i++)
            {
                if (SizeOf(values[i]) is not { } size) continue;
                sizes[names[i]] = size;
                sum += size.Bytes;
            }

            return sum;
        }
        catch (OnnxRuntimeException exception)
        {
            throw new OnnxModelException($"The optimized model does not run: {RuntimeSentence.Of(exception.Message, runtime.Name)}", exception);
        }
    }

    static ValueSize? SizeOf(OrtValue value)
    {
        if (!value.IsTensor) return null;
        var information = value.GetTensorTypeAndShape();
        var type = (ElementType)(int)information.ElementDataType;
        return Tensor.Bits(type) > 0 ? new ValueSize(type, Tensor.ByteCount(type, information.Shape)) : null;
    }
}
