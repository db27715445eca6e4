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
    /// <param name="threads">How many threads work; each needs up to 16 MB of its own.</param>
    /// <param name="progress">Hears how far it is, often; null if nobody asks.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The bytes of the ONNX model.</returns>
    /// <exception cref="PackedModelException">The file is no packed model, or damaged.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static byte[] Open(string file, int threads = 1, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(file);
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read);
        return Open(stream, threads, progress, cancellation);
    }

    /// <summary>Opens a packed model in memory.</summary>
    /// <inheritdoc cref="Open(string, int, IProgress{PackingProgress}, CancellationToken)"/>
    public static byte[] Open(ReadOnlyMemory<byte> packed, int threads = 1, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        // Most memory is an array already.
        using var stream = MemoryMarshal.TryGetArray(packed, out var array) ? new MemoryStream(array.Array!, array.Offset, array.Count, writable: false) : new MemoryStream(packed.ToArray(), writable: false);
        return Open(stream, threads, progress, cancellation);
    }

    /// <summary>Opens a packed model from a stream, which need not be able to seek; reads to its end.</summary>
    /// <inheritdoc cref="Open(string, int, IProgress{PackingProgress}, CancellationToken)"/>
    public static byte[] Open(Stream packed, int threads = 1, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(packed);
        return Read(packed, null, threads, new PackingCounter(progress, cancellation));
    }

    /// <summary>Opens a packed model, and tells where its bytes go: to the graph, and to each tensor.</summary>
    /// <remarks>Takes as long as opening does.</remarks>
    /// <inheritdoc cref="Open(string, int, IProgress{PackingProgress}, CancellationToken)"/>
    /// <param name="packed">A stream, which need not be able to seek; it is read to its end.</param>
    /// <param name="progress">Hears how far it is, often; null if nobody asks.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>What the file holds, and the model itself.</returns>
    public static PackedContents Describe(Stream packed, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(packed);
        var survey = new PackedSurvey();
        byte[] model = Read(packed, survey, 1, new PackingCounter(progress, cancellation));
        return survey.Contents(model);
    }

    /// <summary>Packs a model without loss.</summary>
    /// <param name="model">The bytes of an ONNX file; data in files beside it stays there.</param>
    /// <param name="settings">The code and the threads; null for the fewest bytes, by one thread.</param>
    /// <param name="progress">Hears how far it is, often; null if nobody asks.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The bytes of the packed file.</returns>
    /// <exception cref="PackedModelException">The bytes are no ONNX model.</exception>
    public static byte[] Pack(ReadOnlyMemory<byte> model, PackingSettings? settings = null, IProgress<PackingProgress>? progress = null, CancellationToken cancellation = default)
    {
        settings ??= new PackingSettings();
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.Threads, 1);
        var counter = new PackingCounter(progress, cancellation);
        var (cuts, graphBytes) = GraphSection.Scan(model.Span);
        counter.Begin(model.Length);
        using var packed = new MemoryStream();
        new PackedHeader(model.Length, graphBytes, PackedBytes.Checksum(model.Span)).Write(packed);
        WriteSection(packed, GraphSection.Write(model.Span, graphBytes, counter));
        IReadOnlyList<TensorPart>[] groups = [.. TensorPart.Groups(cuts)];
        byte[][] sections = new byte[groups.Length][];
        GroupWork.Run(Enumerable.Range(0, groups.Length), settings.Threads, i => sections[i] = Write(model.Span, groups[i], settings, counter));
        foreach (byte[] section in sections) WriteSection(packed, section);
        return packed.ToArray();
    }

    static byte[] Write(ReadOnlySpan<byte> model, IReadOnlyList<TensorPart> group, PackingSettings settings, PackingCounter counter)
    {
        var (writer, plain) = (new BitWriter(), new PlainBytes());
        var codec = new TensorCodec(writer, plain, settings);
        foreach (var part in group)
        {
            codec.Write(model, part);
            counter.Add(part.Bytes);
        }

        return plain.Section(writer);
    }

    static byte[] Read(Stream packed, PackedSurvey? survey, int threads, PackingCounter counter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(threads, 1);
        var bytes = new PackedBytes(packed);
        var header = PackedHeader.Read(bytes);
        survey?.TakeHeader(header, bytes.Position);
        byte[] graph = Section(bytes, "graph");
        survey?.TakeGraph(bytes.Position);
        counter.Begin(header.ModelBytes);
        var (model, cuts) = GraphSection.Read(graph, header, counter);
        survey?.TakeTensors(cuts);
        var next = TensorPart.Groups(cuts).Select(group => (Group: group, Section: Section(bytes, "group of tensors"), bytes.Position));
        GroupWork.Run(next, threads, work => Read(model, work.Group, work.Section, work.Position, survey, counter));
        bytes.ExpectEnd();
        if (PackedBytes.Checksum(model) != header.Checksum) throw new PackedModelException("The model that came out is not the one that was packed: its checksum differs.");
        return model;
    }

    static void Read(byte[] model, IReadOnlyList<TensorPart> group, byte[] section, long position, PackedSurvey? survey, PackingCounter counter)
    {
        var (reader, plain) = (new BitReader(section), new PlainBytes(section));
        var codec = survey?.BeginGroup(reader, plain, position) ?? new TensorCodec(reader, plain);
        foreach (var part in group)
        {
            var form = codec.Read(model, part);
            survey?.TakePart(part, form, codec.LastCode);
            counter.Add(part.Bytes);
        }
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
