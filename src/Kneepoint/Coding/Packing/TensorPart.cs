using Kneepoint.Coding.Graph;
using Kneepoint.Coding.Indices;
using Kneepoint.Tensors;

namespace Kneepoint.Coding.Packing;

/// <summary>Some rows of a tensor that are coded together.</summary>
/// <param name="Offset">The first byte in the model file.</param>
/// <param name="Bytes">How many bytes.</param>
/// <param name="Type">Of the elements.</param>
/// <param name="Shape">How the elements lie.</param>
readonly record struct TensorPart(long Offset, int Bytes, ElementType Type, IndexShape Shape)
{
    const int MostBytes = 1 << 22;
    const int MostElements = 1 << 20;

    /// <summary>Cuts tensors into parts, and puts the parts into groups that share what they learn.</summary>
    /// <remarks>Writer and reader both call this with the same cuts. A group holds 4 MB of data or little more, so that a reader needs no more memory than that beside the model.</remarks>
    public static IEnumerable<IReadOnlyList<TensorPart>> Groups(IEnumerable<TensorCut> cuts)
    {
        var group = new List<TensorPart>();
        long bytes = 0;
        foreach (var part in cuts.SelectMany(Of))
        {
            if (bytes > 0 && bytes + part.Bytes > MostBytes)
            {
                yield return group;
                group = [];
                bytes = 0;
            }

            group.Add(part);
            bytes += part.Bytes;
        }

        if (group.Count > 0) yield return group;
    }

    /// <summary>The parts of one tensor: whole rows, as many as a part may hold.</summary>
    static IEnumerable<TensorPart> Of(TensorCut cut)
    {
        int statedBits = Tensor.Bits(cut.Type);
        bool isKnown = statedBits is 4 or 8 or 16 or 32 or 64 && cut.Length % Math.Max(1, statedBits / 8) == 0;
        var type = isKnown ? cut.Type : ElementType.UInt8;
        int bits = Tensor.Bits(type);
        long most = Math.Min(MostElements, MostBytes * 8L / bits);
        var (columns, period) = Row(cut, cut.Length * 8 / bits);
        if (columns > most || columns * bits % 8 != 0) (columns, period) = (most, 1);
        long partBytes = most / columns * columns * bits / 8;
        for (long offset = 0; offset < cut.Length; offset += partBytes)
        {
            int length = (int)Math.Min(partBytes, cut.Length - offset);
            int count = (int)(length * 8L / bits);
            var shape = count % columns == 0 ? new IndexShape(count / (int)columns, (int)columns, (int)period) : new IndexShape(1, count, 1);
            yield return new TensorPart(cut.Offset + offset, length, type, shape);
        }
    }

    // What the first dimension counts is a row; a vector is one row, and so is what has another shape than stated.
    static (long Columns, long Period) Row(TensorCut cut, long count)
    {
        // Leading dimensions of one, as of recurrent weights in one direction, are none.
        int first = 0;
        while (first < cut.Dimensions.Length - 1 && cut.Dimensions[first] == 1) first++;
        var dimensions = cut.Dimensions.AsSpan()[first..];
        if (dimensions.Length < 2 || dimensions[0] <= 0 || !Tensor.TryCount(cut.Dimensions.AsSpan(), out long stated) || stated == 0) return (count, 1);
        if (stated != count && !(Tensor.Bits(cut.Type) == 4 && stated == count - 1)) return (count, 1);
        long period = 1;
        for (int i = 2; i < dimensions.Length; i++) period *= dimensions[i];
        return (stated / dimensions[0], period);
    }
}
