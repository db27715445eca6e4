using System.Globalization;
using Google.Protobuf;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Onnx;

/// <summary>Writes a model and, where needed, its data file: whole or not at all.</summary>
static class ModelWriter
{
    // Protocol buffers count bytes in 31 bits; the margin is for all that is no weight.
    const long MostInlineBytes = 1_900_000_000;

    // The runtime maps files into memory by pages.
    const int Alignment = 4096;

    // Smaller tensors are shapes and scales, which shape inference wants to see inside.
    const int LeastExternalBytes = 1024;

    const long MostVarintBytes = 10;

    const int CopyBytes = 1 << 20;

    public static void Write(OnnxModel model, string file, bool external)
    {
        long bytes = ModelTensors.All(model.Proto).Sum(tensor => DataBytes(tensor, model.Folder));
        bool writesBeside = external || bytes > MostInlineBytes;
        var temporary = new List<(string From, string To)>();
        if (SpecialFile.Is(file)) throw new IOException($"'{file}' cannot be written: it is a pipe or a device, expected the name of a file.");
        try
        {
            var proto = model.Proto;
            if (writesBeside)
            {
                (string From, string To) data = (TemporaryFor(file + ".data"), file + ".data");
                temporary.Add(data);
                proto = proto.Clone();
                MoveOut(model, proto, data.From, Path.GetFileName(data.To));
            }
            else if (model.HasExternalData)
            {
                proto = proto.Clone();
                foreach (var tensor in ModelTensors.All(proto).Where(TensorData.IsExternal)) MoveIn(tensor, model);
            }

            (string From, string To) main = (TemporaryFor(file), file);
            temporary.Add(main);
            using (var stream = new FileStream(main.From, FileMode.CreateNew, FileAccess.Write))
            {
                proto.WriteTo(stream);
                stream.Flush(flushToDisk: true);
            }

            foreach (var (from, to) in temporary) File.Move(from, to, overwrite: true);
        }
        catch (Exception exception) when (WriteFailure.Is(exception))
        {
            throw WriteFailure.Of(file, exception);
        }
        finally
        {
            foreach (var (from, _) in temporary) Remove(from);
        }
    }

    /// <summary>The model as one file has it, its external data inside.</summary>
    /// <exception cref="OnnxModelException">It is too large for one file, or external data cannot be read.</exception>
    public static byte[] ToBytes(OnnxModel model)
    {
        long bytes = ModelTensors.All(model.Proto).Sum(tensor => DataBytes(tensor, model.Folder));
        if (bytes > MostInlineBytes)
        {
            throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                $"The model and the files beside it hold {bytes / 1e9:0.00} GB of weights; one file of the format takes 2 GB with all that is in it."));
        }

        var proto = model.Proto.Clone();
        foreach (var tensor in ModelTensors.All(proto).Where(TensorData.IsExternal)) MoveIn(tensor, model);
        return proto.ToByteArray();
    }

    static void MoveOut(OnnxModel model, ModelProto proto, string dataFile, string location)
    {
        var placed = new Dictionary<ExternalData.Part, long>();
        var initializers = ModelTensors.Initializers(proto).ToHashSet(ReferenceEqualityComparer.Instance);
        using (var stream = new FileStream(dataFile, FileMode.CreateNew, FileAccess.Write))
        {
            foreach (var tensor in ModelTensors.All(proto))
            {
                long length = DataBytes(tensor, model.Folder);
                if (TensorData.IsExternal(tensor))
                {
                    var part = ExternalData.Locate(tensor, model.Folder, length) with { Place = "" };
                    if (!placed.TryGetValue(part, out long offset)) placed.Add(part, offset = Copy(part, stream));
                    Refer(tensor, location, offset, length);
                }
                else if (length >= LeastExternalBytes && TensorData.TypeOf(tensor) != Tensors.ElementType.String && initializers.Contains(tensor))
                {
                    long offset = Align(stream);
                    stream.Write(tensor.HasRawData ? tensor.RawData.Span : TensorData.Read(tensor, model).Bytes.Span);
                    length = stream.Position - offset;
                    Refer(tensor, location, offset, length);
                }
            }

            stream.Flush(flushToDisk: true);
        }

        long inside = ModelTensors.All(proto).Where(tensor => !TensorData.IsExternal(tensor))
            .Sum(tensor => DataBytes(tensor, model.Folder));
        if (inside > MostInlineBytes)
        {
            throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                $"The model holds {inside} bytes in constants that cannot be put beside it; the format allows 2 GB in one file."));
        }
    }

    static void MoveIn(TensorProto tensor, OnnxModel model)
    {
        var bytes = TensorData.Read(tensor, model).Bytes;
        tensor.ExternalData.Clear();
        tensor.ClearDataLocation();
        tensor.RawData = UnsafeByteOperations.UnsafeWrap(bytes);
    }

    static void Refer(TensorProto tensor, string location, long offset, long length)
    {
        tensor.ClearRawData();
        tensor.FloatData.Clear();
        tensor.DoubleData.Clear();
        tensor.Int32Data.Clear();
        tensor.Int64Data.Clear();
        tensor.Uint64Data.Clear();
        tensor.ExternalData.Clear();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        Add("location", location);
        Add("offset", offset.ToString(CultureInfo.InvariantCulture));
        Add("length", length.ToString(CultureInfo.InvariantCulture));

        void Add(string key, string value) => tensor.ExternalData.Add(new StringStringEntryProto { Key = key, Value = value });
    }

    static long Copy(ExternalData.Part part, FileStream destination)
    {
        long offset = Align(destination);
        using var source = new FileStream(part.Path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
        source.Seek(part.Offset, SeekOrigin.Begin);
        byte[] buffer = new byte[Math.Min(CopyBytes, part.Length)];
        for (long left = part.Length; left > 0;)
        {
            int count = (int)Math.Min(left, buffer.Length);
            source.ReadExactly(buffer, 0, count);
            destination.Write(buffer, 0, count);
            left -= count;
        }

        return offset;
    }

    static long Align(FileStream stream)
    {
        long past = stream.Position % Alignment;
        if (past > 0) stream.Write(new byte[Alignment - past]);
        return stream.Position;
    }

    // What the tensor adds to the file at most; an external part was found in its file, so the sum cannot overflow.
    static long DataBytes(TensorProto tensor, string? folder) => TensorData.IsExternal(tensor)
        ? ExternalData.Locate(tensor, folder, TensorData.StoredBytes(tensor)).Length
        : tensor.RawData.Length + 4L * tensor.FloatData.Count + 8L * tensor.DoubleData.Count
            + MostVarintBytes * (tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.Uint64Data.Count)
            + tensor.StringData.Sum(text => (long)text.Length);

    // Known to the folder of a study, which removes what a killed run left.
    internal static string TemporaryFor(string file) => Path.Combine(Path.GetDirectoryName(file)!, $".{Path.GetFileName(file)}.{Path.GetRandomFileName()}.tmp");

    static void Remove(string file)
    {
        try
        {
            File.Delete(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // The failure to write is already on its way to the caller; a leftover temporary file is the lesser news.
        }
    }
}
