using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Graph;

namespace Kneepoint.Coding.Packing;

/// <summary>The part of a packed file that holds the graph: all of the model but the data of larger tensors.</summary>
static class GraphSection
{
    // A bit costs at least log2(65536/65514) bits, so a byte of code tells no more than 2,065 of the graph, and a short file cannot keep a reader busy for hours.
    const long MostFromByte = 2100;

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

        byte[] packed = writer.End();
        // The code of bytes that all are 255 is nothing but zeros, which the writer leaves out.
        if (IsTooShort(packed, graphBytes)) Array.Resize(ref packed, (int)(graphBytes / MostFromByte));
        return packed;
    }

    /// <summary>Reads the graph and puts it in its places.</summary>
    /// <remarks>A model that only the header knows of takes no memory: room for it is made when the graph has told of as many bytes.</remarks>
    /// <param name="packed">The section.</param>
    /// <param name="header">What the file announces.</param>
    /// <param name="counter">Counts the bytes; null if nobody asks.</param>
    /// <returns>The model, filled but for the data of tensors, and where that belongs.</returns>
    /// <exception cref="PackedModelException">The bytes do not fit the announced numbers.</exception>
    public static (byte[] Model, List<TensorCut> Cuts) Read(byte[] packed, PackedHeader header, PackingCounter? counter = null)
    {
        if (IsTooShort(packed, header.GraphBytes)) throw Mismatch();
        var reader = new BitReader(packed);
        var at = new WireTracker();
        var bytes = new GraphModel(header.GraphBytes);
        byte[] graph = new byte[header.GraphBytes];
        var cuts = new List<TensorCut>();
        for (int i = 0; i < graph.Length; i++)
        {
            if (at.Position >= header.ModelBytes) throw Mismatch();
            graph[i] = bytes.Code(reader, 0, at);
            counter?.Add(1);
            if (at.Take(graph[i]) is not { } cut) continue;
            if (cut.Length > header.ModelBytes - cut.Offset) throw Mismatch();
            cuts.Add(cut);
        }

        return at.Position == header.ModelBytes ? (Spread(graph, cuts, header.ModelBytes), cuts) : throw Mismatch();
    }

    static byte[] Spread(ReadOnlySpan<byte> graph, List<TensorCut> cuts, long modelBytes)
    {
        byte[] model = new byte[modelBytes];
        int place = 0;
        foreach (var cut in cuts)
        {
            int length = (int)cut.Offset - place;
            graph[..length].CopyTo(model.AsSpan(place));
            graph = graph[length..];
            place += length + (int)cut.Length;
        }

        graph.CopyTo(model.AsSpan(place));
        return model;
    }

    static bool IsTooShort(byte[] packed, long graphBytes) => graphBytes / MostFromByte > packed.Length + 1;

    static PackedModelException Mismatch() => new("The graph does not have the size that the header announces.");
}
