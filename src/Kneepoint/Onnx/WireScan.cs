using System.Globalization;

namespace Kneepoint.Onnx;

/// <summary>Walks over the wire format of a model file before it is parsed, so that a small file cannot fill the memory.</summary>
/// <remarks>
/// An empty message takes two bytes in a file and more than a hundred in memory, a text of one letter or a field that the format does not
/// have no less, and a number of a packed list one byte in a file and eight in memory. The scan counts them along the format's own fields
/// and skips over raw bytes. Cost: O(fields), and one look at each byte of packed numbers; allocates one buffer.
/// </remarks>
static class WireScan
{
    // Ten times the messages and texts of the largest public language models; about 2 GB once parsed.
    const long MostParts = 20_000_000;

    // As many weights as fit into one file where each takes four bytes; 2 to 4 GB once parsed.
    const long MostNumbers = 1L << 29;

    // The format's own fields have lower numbers; each of the others takes an object.
    const int HighestField = 64;

    const int BufferBytes = 1 << 16;

    // What the parser itself allows.
    const int MostLevels = 100;

    /// <summary>Checks the whole stream.</summary>
    /// <exception cref="OnnxModelException">The file ends in the middle, nests too deep, or holds too many parts or numbers.</exception>
    public static void Check(Stream stream, string file, long mostParts = MostParts, long mostNumbers = MostNumbers)
    {
        long parts = 0, numbers = 0;
        byte[] buffer = new byte[BufferBytes];
        var ends = new Stack<(WireMessage Kind, long End)>();
        ends.Push((WireMessage.Model, stream.Length));
        while (ends.Count > 0)
        {
            var (kind, end) = ends.Peek();
            if (stream.Position >= end)
            {
                ends.Pop();
                continue;
            }

            ulong tag = Varint(stream, end, file);
            int field = (int)Math.Min(tag >> 3, int.MaxValue);
            if (((tag & 7) == 2 || field > HighestField) && ++parts > mostParts) throw TooMuch(file, $"holds more than {mostParts} parts");
            switch (tag & 7)
            {
                case 0:
                    Varint(stream, end, file);
                    numbers++;
                    break;
                case 1:
                    Skip(stream, 8, end, file);
                    break;
                case 5:
                    Skip(stream, 4, end, file);
                    break;
                case 2:
                    ulong length = Varint(stream, end, file);
                    var inner = WireMessages.Inside(kind, field);
                    if (length > (ulong)(end - stream.Position)) throw Truncated(stream, file);
                    if (inner == WireMessage.None)
                    {
                        if (IsPacked(kind, field)) numbers += Numbers(stream, (long)length, buffer, file);
                        else Skip(stream, (long)length, end, file);
                        break;
                    }

                    if (ends.Count >= MostLevels) throw TooMuch(file, $"nests more than {MostLevels} levels");
                    ends.Push((inner, stream.Position + (long)length));
                    break;
                default:
                    throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                        $"'{file}' is not an ONNX model: byte {stream.Position - 1} begins no field of the format."));
            }

            if (numbers > mostNumbers) throw TooMuch(file, $"holds more than {mostNumbers} numbers outside raw data");
        }
    }

    // Lists of numbers that take fewer bytes in the file than in memory.
    static bool IsPacked(WireMessage kind, int field) => (kind, field) switch
    {
        (WireMessage.Tensor, 1 or 5 or 7 or 11) => true,
        (WireMessage.Attribute, 8) => true,
        (WireMessage.Sparse, 3) => true,
        _ => false,
    };

    static long Numbers(Stream stream, long length, byte[] buffer, string file)
    {
        long numbers = 0;
        while (length > 0)
        {
            int read = stream.Read(buffer, 0, (int)Math.Min(length, buffer.Length));
            if (read == 0) throw Truncated(stream, file);
            length -= read;
            foreach (byte part in buffer.AsSpan(0, read)) numbers += part < 0x80 ? 1 : 0;
        }

        return numbers;
    }

    static ulong Varint(Stream stream, long end, string file)
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            int next = stream.Position < end ? stream.ReadByte() : -1;
            if (next < 0) throw Truncated(stream, file);
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return value;
        }

        throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture, $"'{file}' is not an ONNX model: a number at byte {stream.Position} does not end."));
    }

    static void Skip(Stream stream, long count, long end, string file)
    {
        if (count > end - stream.Position) throw Truncated(stream, file);
        stream.Seek(count, SeekOrigin.Current);
    }

    static OnnxModelException Truncated(Stream stream, string file) => new(string.Create(CultureInfo.InvariantCulture,
        $"'{file}' is not an ONNX model or was cut off: what is announced at byte {stream.Position} goes beyond the end."));

    static OnnxModelException TooMuch(string file, FormattableString finding) => new($"'{file}' is refused: it {FormattableString.Invariant(finding)}.");
}
