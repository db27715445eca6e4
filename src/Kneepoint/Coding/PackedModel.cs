using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Coding;

/// <summary>Packs ONNX models into the fewest bytes, and opens them again, byte for byte.</summary>
/// <remarks>
/// A packed file (<c>.knp</c>) holds the graph and the numbers of all tensors in the code of an adaptive binary arithmetic coder; docs/packed-format.md describes it byte by byte.
/// What is opened is what was packed, to the bit. Opening needs no native library and no temporary file, and as much memory as the model takes, plus twice the graph (which is all but the data of larger tensors), plus at most 16 MB.
/// </remarks>
/// <example>
/// <code>
/// using var session = new InferenceSession(PackedModel.Open("network.knp"));
/// </code>
/// </example>
public static class PackedModel
{
    /// <summary>Opens a packed file.</summary>
    /// <param name="file">Its path.</param>
    /// <param name="progress">Hears how far it is, often; null if nobody asks.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The bytes of the ONNX model.</returns>
    /// <exception cref="PackedModelException">The file is no packed model, or damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Open(string file, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Open(stream, progress, cancellation);
    }

    /// <summary>Opens a packed model in memory.</summary>
    /// <inheritdoc cref="Open(string, IProgress{PackingProgress}, CancellationToken)"/>
    public static byte[] Open(ReadOnlyMemory<byte> packed, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        // Most memory is an array already.
        using var stream = MemoryMarshal.TryGetArray(packed, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(packed.ToArray(), writable: false);
        return Open(stream, progress, cancellation);
    }

    /// <summary>Opens a packed model from a stream, which need not be able to seek; reads to its end.</summary>
    /// <inheritdoc cref="Open(string, IProgress{PackingProgress}, CancellationToken)"/>
    public static byte[] Open(Stream packed, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(packed);
        return Read(packed, null, new PackingCounter(progress, cancellation));
    }

    /// <summary>Opens a packed model, and tells where its bytes go: to the graph, and to each tensor.</summary>
    /// <remarks>Takes as long as opening does.</remarks>
    /// <inheritdoc cref="Open(string, IProgress{PackingProgress}, CancellationToken)"/>
    /// <param name="packed">A stream, which need not be able to seek; it is read to its end.</param>
    /// <param name="progress">Hears how far it is, often; null if nobody asks.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>What the file holds, and the model itself.</returns>
    public static PackedContents Describe(Stream packed, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(packed);
        var survey = new PackedSurvey();
        byte[] model = Read(packed, survey, new PackingCounter(progress, cancellation));
        return survey.Contents(model);
    }

    /// <summary>Packs a model without loss.</summary>
    /// <param name="model">The bytes of an ONNX file; data in files beside it stays there.</param>
    /// <param name="progress">Hears how far it is, often; null if nobody asks.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The bytes of the packed file.</returns>
    /// <exception cref="PackedModelException">The bytes are no ONNX model.</exception>
    public static byte[] Pack(ReadOnlySpan<byte> model, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var counter = new PackingCounter(progress, cancellation);
        var (cuts, graphBytes) = GraphSection.Scan(model);
        counter.Begin(model.Length);
        using var packed = new MemoryStream();
        new PackedHeader(model.Length, graphBytes, PackedBytes.Checksum(model)).Write(packed);
        WriteSection(packed, GraphSection.Write(model, graphBytes, counter));
        foreach (var group in TensorPart.Groups(cuts))
        {
            var writer = new BitWriter();
            var codec = new TensorCodec(writer);
            foreach (var part in group)
            {
                codec.Write(model, part);
                counter.Add(part.Bytes);
            }

            WriteSection(packed, writer.End());
        }

        return packed.ToArray();
    }

    static byte[] Read(Stream packed, PackedSurvey? survey, PackingCounter counter)
    {
        var bytes = new PackedBytes(packed);
        var header = PackedHeader.Read(bytes);
        survey?.TakeHeader(header, bytes.Position);
        byte[] graph = Section(bytes, "graph");
        survey?.TakeGraph(bytes.Position);
        counter.Begin(header.ModelBytes);
        var (model, cuts) = GraphSection.Read(graph, header, counter);
        survey?.TakeTensors(cuts);
        foreach (var group in TensorPart.Groups(cuts))
        {
            var reader = new BitReader(Section(bytes, "group of tensors"));
            var codec = survey?.BeginGroup(reader, bytes.Position) ?? new TensorCodec(reader);
            foreach (var part in group)
            {
                var form = codec.Read(model, part);
                survey?.TakePart(part, form);
                counter.Add(part.Bytes);
            }
        }

        bytes.ExpectEnd();
        if (PackedBytes.Checksum(model) != header.Checksum) throw new PackedModelException("The model that came out is not the one that was packed: its checksum differs.");
        return model;
    }

    static byte[] Section(PackedBytes bytes, string what)
    {
        ulong length = bytes.TakeNumber();
        byte[] section = bytes.Take((long)Math.Min(length, long.MaxValue));
        bytes.ExpectChecksum(what);
        return section;
    }

    static void WriteSection(MemoryStream packed, byte[] section)
    {
        long start = packed.Position;
        PackedBytes.WriteNumber(packed, (ulong)section.Length);
        packed.Write(section);
        uint checksum = PackedBytes.Checksum(packed.GetBuffer().AsSpan((int)start, (int)(packed.Position - start)));
        Span<byte> word = stackalloc byte[sizeof(uint)];
        BinaryPrimitives.WriteUInt32LittleEndian(word, checksum);
        packed.Write(word);
    }
}
