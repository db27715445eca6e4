using System.Globalization;
using System.Text;
using Kneepoint.Tensors;

namespace Kneepoint.OnnxRuntime;

/// <summary>Named tensors in a file, for handing inputs from one process to another.</summary>
/// <remarks>
/// Little-endian: the 8 bytes "KNPTENS1"; int32 count of tensors; for each its name (int32 count of bytes, UTF-8), int32 element type (the
/// numbers of the ONNX format), int32 rank, int64 dimensions, and the bytes that type and dimensions take. Nothing follows the last tensor.
/// The form is made for reading with one copy, so that the reader's peak of memory is the tensors themselves.
/// </remarks>
static class TensorFile
{
    const int MostTensors = 1024;
    const int MostNameBytes = 4096;
    const int MostRank = 64;
    static readonly byte[] Magic = "KNPTENS1"u8.ToArray();

    /// <summary>Writes the tensors.</summary>
    public static void Write(string file, IReadOnlyDictionary<string, Tensor> tensors)
    {
        using var writer = new BinaryWriter(new FileStream(file, FileMode.Create, FileAccess.Write));
        writer.Write(Magic);
        writer.Write(tensors.Count);
        foreach (var (name, tensor) in tensors)
        {
            byte[] text = Encoding.UTF8.GetBytes(name);
            writer.Write(text.Length);
            writer.Write(text);
            writer.Write((int)tensor.ElementType);
            writer.Write(tensor.Dimensions.Count);
            foreach (long dimension in tensor.Dimensions) writer.Write(dimension);
            writer.Write(tensor.Bytes.Span);
        }
    }

    /// <summary>Reads the tensors.</summary>
    /// <exception cref="InvalidDataException">The file is not of this form.</exception>
    public static Dictionary<string, Tensor> Read(string file)
    {
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read);
        using var reader = new BinaryReader(stream);
        try
        {
            if (!reader.ReadBytes(Magic.Length).AsSpan().SequenceEqual(Magic)) throw Wrong(file, "expected 'KNPTENS1' at its start");
            int count = Bounded(reader.ReadInt32(), MostTensors, file, "tensors");
            var tensors = new Dictionary<string, Tensor>(count, StringComparer.Ordinal);
            for (int i = 0; i < count; i++)
            {
                byte[] name = reader.ReadBytes(Bounded(reader.ReadInt32(), MostNameBytes, file, "bytes of a name"));
                tensors[Encoding.UTF8.GetString(name)] = ReadTensor(reader, stream, file);
            }

            return stream.Position == stream.Length ? tensors : throw Wrong(file, "expected nothing after the last tensor");
        }
        catch (EndOfStreamException exception)
        {
            throw new InvalidDataException($"'{file}' is cut off.", exception);
        }
    }

    static Tensor ReadTensor(BinaryReader reader, FileStream stream, string file)
    {
        var type = (ElementType)reader.ReadInt32();
        long[] dimensions = new long[Bounded(reader.ReadInt32(), MostRank, file, "dimensions")];
        for (int i = 0; i < dimensions.Length; i++) dimensions[i] = reader.ReadInt64();
        long bytes;
        try
        {
            bytes = Tensor.ByteCount(type, dimensions);
        }
        catch (ArgumentException exception)
        {
            throw new InvalidDataException($"'{file}' holds a tensor that cannot be: {exception.Message}", exception);
        }

        if (bytes > stream.Length - stream.Position || bytes > Array.MaxLength) throw new EndOfStreamException();
        byte[] content = GC.AllocateUninitializedArray<byte>((int)bytes);
        reader.BaseStream.ReadExactly(content);
        return new Tensor(type, dimensions, content);
    }

    static int Bounded(int value, int most, string file, string what) => value >= 0 && value <= most
        ? value
        : throw Wrong(file, string.Create(CultureInfo.InvariantCulture, $"expected 0 to {most} {what}, found {value}"));

    static InvalidDataException Wrong(string file, string why) => new($"'{file}' holds no tensors: {why}.");
}
