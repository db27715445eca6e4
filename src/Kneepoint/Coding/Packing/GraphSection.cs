using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Graph;

namespace Kneepoint.Coding.Packing;

/// <summary>The part of a packed file that holds the graph: all of the model but the data of larger tensors.</summary>
static class GraphSection
{
    /// <summary>Where the data of tensors is in a model file, and how many bytes are left beside it.</summary>
    /// <exception cref="PackedModelException">The bytes are no model: a tensor goes beyond their end.</exception>
    public static (List<TensorCut> Cuts, long GraphBytes) Scan(ReadOnlySpan<byte> model)
    {
        var at = new WireTracker();
        var cuts = new List<TensorCut>();
        long graphBytes = 0;
        while (at.Position < model.Length)
        {
            graphBytes++;
            if (at.Take(model[(int)at.Position]) is { } cut) cuts.Add(cut);
        }

        return at.Position == model.Length ? (cuts, graphBytes) : throw new PackedModelException("The bytes are no ONNX model: a tensor goes beyond their end.");
    }

    /// <summary>Packs the graph.</summary>
    /// <param name="model">The model file.</param>
    /// <param name="graphBytes">How many bytes of it are no data of tensors.</param>
    /// <param name="counter">Counts them; null if nobody asks.</param>
    public static byte[] Write(ReadOnlySpan<byte> model, long graphBytes, PackingCounter? counter = null)
    {
        var writer = new BitWriter();
        var at = new WireTracker();
        var bytes = new GraphModel(graphBytes);
        while (at.Position < model.Length)
        {
            byte value = model[(int)at.Position];
            bytes.Code(writer, value, at);
            at.Take(value);
            counter?.Add(1);
        }

        return writer.End();
    }

    /// <summary>Puts the graph in its places.</summary>
    /// <param name="packed">The section.</param>
    /// <param name="model">Filled but for the data of tensors.</param>
    /// <param name="graphBytes">How many bytes come.</param>
    /// <param name="counter">Counts them; null if nobody asks.</param>
    /// <returns>Where the data of tensors belongs.</returns>
    /// <exception cref="PackedModelException">The bytes do not fit the announced numbers.</exception>
    public static List<TensorCut> Read(byte[] packed, Span<byte> model, long graphBytes, PackingCounter? counter = null)
    {
        var reader = new BitReader(packed);
        var at = new WireTracker();
        var bytes = new GraphModel(graphBytes);
        var cuts = new List<TensorCut>();
        for (long i = 0; i < graphBytes; i++)
        {
            if (at.Position >= model.Length) throw Mismatch();
            byte value = bytes.Code(reader, 0, at);
            model[(int)at.Position] = value;
            counter?.Add(1);
            if (at.Take(value) is not { } cut) continue;
            if (cut.Length > model.Length - cut.Offset) throw Mismatch();
            cuts.Add(cut);
        }

        return at.Position == model.Length ? cuts : throw Mismatch();
    }

    static PackedModelException Mismatch() => new("The graph does not have the size that the header announces.");
}
