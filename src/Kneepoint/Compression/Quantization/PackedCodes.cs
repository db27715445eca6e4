using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Codes of 4 bits that the runtime unpacks once, when it loads the network.</summary>
/// <remarks>
/// Every operator here takes fixed values, so the runtime folds the chain at load under its default settings; a DequantizeLinear it would compute again in every run.
/// From operator set 21 on, Cast reads INT4 itself, so the network is raised to it if it can be. If not, each byte is an index
/// into a table of its two codes; the table is one for the whole network.
/// </remarks>
static class PackedCodes
{
    /// <summary>Adds packed codes.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="stem">A name for what is added.</param>
    /// <param name="codes">[n], −8 to 7.</param>
    /// <param name="dimensions">The shape, n elements.</param>
    /// <param name="type">What the codes become.</param>
    /// <returns>The value that holds the codes in that type and shape.</returns>
    public static string Add(NetworkRewrite rewrite, string stem, ReadOnlySpan<sbyte> codes, ReadOnlySpan<long> dimensions, ElementType type)
    {
        byte[] packed = new byte[Int4Packing.ByteCount(codes.Length)];
        Int4Packing.Pack(codes, packed);
        return rewrite.Add(NetworkOpset.TryRaise(rewrite, NetworkOpset.Int4)
            ? Cast(rewrite, stem, rewrite.AddInitializer(stem + "_p", new Tensor(ElementType.Int4, dimensions, packed)), type)
            : LookUp(rewrite, stem, packed, codes.Length, dimensions, type));
    }

    static NodeProto LookUp(NetworkRewrite rewrite, string stem, byte[] packed, int count, ReadOnlySpan<long> dimensions, ElementType type)
    {
        string bytes = rewrite.AddInitializer(stem + "_p", Tensor.Of<byte>(ElementType.UInt8, [packed.Length], packed));
        string indices = rewrite.Add(Cast(rewrite, stem, bytes, ElementType.Int32));
        string pairs = rewrite.Add(NodeBuilder.Node("Gather", [Table(rewrite), indices], [rewrite.Fresh(stem + "_n")]));
        if (type != ElementType.Int8) pairs = rewrite.Add(Cast(rewrite, stem, pairs, type));
        if (count % 2 != 0) pairs = DropLast(rewrite, stem, pairs, count);
        string shape = rewrite.AddInitializer("shape", Tensor.Of([dimensions.Length], dimensions));
        return NodeBuilder.Node("Reshape", [pairs, shape], [rewrite.Fresh(stem + "_u")]);
    }

    // The last byte of an odd count holds one code too many.
    static string DropLast(NetworkRewrite rewrite, string stem, string pairs, int count)
    {
        string flat = rewrite.Add(NodeBuilder.Node("Reshape", [pairs, rewrite.AddInitializer("shape", Tensor.Of([1], [-1L]))], [rewrite.Fresh(stem + "_f")]));
        return Slices.Add(rewrite, flat, stem, axis: 0, count);
    }

    static string Table(NetworkRewrite rewrite) => rewrite.Once("int4-table", () =>
    {
        sbyte[] table = new sbyte[512];
        for (int b = 0; b < 256; b++) Int4Packing.UnpackSigned([(byte)b], table.AsSpan(2 * b, 2));
        return rewrite.AddInitializer("int4_table", Tensor.Of<sbyte>(ElementType.Int8, [256, 2], table));
    });

    static NodeProto Cast(NetworkRewrite rewrite, string stem, string value, ElementType type) =>
        NodeBuilder.Node("Cast", [value], [rewrite.Fresh(stem + "_c")]).With("to", (long)type);
}
