using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Weights of less than a byte that the runtime unpacks once, when it loads the network.</summary>
/// <remarks>
/// Every operator here takes fixed values, so the runtime folds the chain at load under its default settings; DequantizeLinear it would compute again in every run.
/// From operator set 21 on, Cast reads INT4 itself. Before, each byte is an index into a table of its two codes: the table is one for the whole network.
/// </remarks>
static class PackedWeight
{
    const int Int4Set = 21;

    /// <summary>Adds codes of −8 to 7 as packed INT4.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="stem">A name for what is added.</param>
    /// <param name="codes">[n].</param>
    /// <param name="dimensions">The shape, n elements.</param>
    /// <returns>The value that holds the codes as int8 in that shape.</returns>
    public static string AddInt4AsInt8(NetworkRewrite rewrite, string stem, ReadOnlySpan<sbyte> codes, ReadOnlySpan<long> dimensions)
    {
        byte[] packed = new byte[Int4Packing.ByteCount(codes.Length)];
        Int4Packing.Pack(codes, packed);
        return rewrite.Add(AddInt4(rewrite, stem, packed, codes.Length, dimensions, ElementType.Int8));
    }

    /// <summary>Adds codes of −8 to 7 as packed INT4.</summary>
    /// <returns>The value that holds the codes as float32 in that shape.</returns>
    public static string AddInt4AsFloat(NetworkRewrite rewrite, string stem, ReadOnlySpan<sbyte> codes, ReadOnlySpan<long> dimensions)
    {
        byte[] packed = new byte[Int4Packing.ByteCount(codes.Length)];
        Int4Packing.Pack(codes, packed);
        return rewrite.Add(AddInt4(rewrite, stem, packed, codes.Length, dimensions, ElementType.Float32));
    }

    static Onnx.Protocol.NodeProto AddInt4(
        NetworkRewrite rewrite, string stem, byte[] packed, int count, ReadOnlySpan<long> dimensions, ElementType type)
    {
        if (Opsets.Version(rewrite.Model.Proto) >= Int4Set)
        {
            Opsets.RaiseIr(rewrite.Model.Proto, Opsets.IrOf(Int4Set));
            string int4 = rewrite.AddInitializer(stem + "_p", new Tensor(ElementType.Int4, dimensions, packed));
            return NodeBuilder.Node("Cast", [int4], [rewrite.Fresh(stem + "_q")]).With("to", (long)type);
        }

        string bytes = rewrite.AddInitializer(stem + "_p", Tensor.Of<byte>(ElementType.UInt8, [packed.Length], packed));
        string indices = rewrite.Add(NodeBuilder.Node("Cast", [bytes], [rewrite.Fresh(stem + "_i")]).With("to", (long)ElementType.Int32));
        string pairs = rewrite.Add(NodeBuilder.Node("Gather", [Table(rewrite), indices], [rewrite.Fresh(stem + "_n")]));
        if (type != ElementType.Int8) pairs = rewrite.Add(NodeBuilder.Node("Cast", [pairs], [rewrite.Fresh(stem + "_c")]).With("to", (long)type));
        if (count % 2 != 0) pairs = DropLast(rewrite, stem, pairs, count);
        string shape = rewrite.AddInitializer("shape", Tensor.Of([dimensions.Length], dimensions));
        return NodeBuilder.Node("Reshape", [pairs, shape], [rewrite.Fresh(stem + "_q")]);
    }

    // The last byte of an odd count holds one code too many.
    static string DropLast(NetworkRewrite rewrite, string stem, string pairs, int count)
    {
        string flat = rewrite.Add(NodeBuilder.Node("Reshape", [pairs, rewrite.AddInitializer("shape", Tensor.Of([1], [-1L]))], [rewrite.Fresh(stem + "_f")]));
        var slice = NodeBuilder.Node("Slice", [flat], [rewrite.Fresh(stem + "_o")]);
        if (Opsets.Version(rewrite.Model.Proto) < 10) return rewrite.Add(slice.With("starts", [0L]).With("ends", [(long)count]));
        slice.Input.Add([rewrite.AddInitializer("start", Tensor.Of([1], [0L])), rewrite.AddInitializer("end", Tensor.Of([1], [(long)count]))]);
        return rewrite.Add(slice);
    }

    static string Table(NetworkRewrite rewrite) => rewrite.Once("int4-table", () =>
    {
        sbyte[] table = new sbyte[512];
        for (int b = 0; b < 256; b++) Int4Packing.UnpackSigned([(byte)b], table.AsSpan(2 * b, 2));
        return rewrite.AddInitializer("int4_table", Tensor.Of<sbyte>(ElementType.Int8, [256, 2], table));
    });
}
