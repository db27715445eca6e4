using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>Codes of any number of bits, stored in planes of 4, 2 and 1 bits that become numbers when the network is loaded.</summary>
/// <remarks>
/// A byte of a plane is the index into a table of what its 2, 4 or 8 entries stand for, the place of the plane and the offset of the codes included; the planes are added. All
/// is fixed, so the runtime folds it at load under its default settings. Bits in the file: those of the codes, rounded up to bytes. Tables are shared by the layers.
/// </remarks>
static class CodePlanes
{
    static readonly int[] Widths = [4, 2, 1];

    /// <summary>Planes of a code.</summary>
    public static int Count(int bits) => int.PopCount(bits);

    /// <summary>Adds codes.</summary>
    /// <param name="rewrite">The network.</param>
    /// <param name="stem">A name for what is added.</param>
    /// <param name="codes">[n], 0 to 2^bits − 1.</param>
    /// <param name="bits">1 to 7.</param>
    /// <param name="offset">Subtracted from each code.</param>
    /// <param name="dimensions">The shape, n elements.</param>
    /// <returns>The value that holds codes − offset as binary32 in that shape.</returns>
    public static string Add(NetworkRewrite rewrite, string stem, ReadOnlySpan<byte> codes, int bits, int offset, ReadOnlySpan<long> dimensions)
    {
        string? sum = null;
        int shift = bits;
        foreach (int width in Widths)
        {
            if ((bits & width) == 0) continue;
            shift -= width;
            string plane = Plane(rewrite, stem, codes, width, shift, sum is null ? offset : 0);
            sum = sum is null ? plane : rewrite.Add(NodeBuilder.Node("Add", [sum, plane], [rewrite.Fresh(stem + "_a")]));
        }

        string shape = rewrite.AddInitializer("shape", Tensor.Of([dimensions.Length], dimensions));
        return rewrite.Add(NodeBuilder.Node("Reshape", [sum!, shape], [rewrite.Fresh(stem + "_u")]));
    }

    static string Plane(NetworkRewrite rewrite, string stem, ReadOnlySpan<byte> codes, int width, int shift, int offset)
    {
        int perByte = 8 / width, mask = (1 << width) - 1;
        byte[] packed = new byte[(codes.Length + perByte - 1) / perByte];
        for (int i = 0; i < codes.Length; i++) packed[i / perByte] |= (byte)(((codes[i] >> shift) & mask) << (i % perByte * width));
        string bytes = rewrite.AddInitializer(stem + "_p", Tensor.Of<byte>(ElementType.UInt8, [packed.Length], packed));
        string indices = rewrite.Add(NodeBuilder.Node("Cast", [bytes], [rewrite.Fresh(stem + "_i")]).With("to", (long)ElementType.Int32));
        string entries = rewrite.Add(NodeBuilder.Node("Gather", [Table(rewrite, width, shift, offset), indices], [rewrite.Fresh(stem + "_n")]));
        string flat = rewrite.Add(NodeBuilder.Node("Reshape", [entries, rewrite.AddInitializer("shape", Tensor.Of([1], [-1L]))], [rewrite.Fresh(stem + "_f")]));
        return packed.Length * perByte == codes.Length ? flat : Slices.Add(rewrite, flat, stem, axis: 0, codes.Length);
    }

    // [256, entries of a byte], put together from the 16 values of a half byte, which take a hundredth of its place in the file.
    static string Table(NetworkRewrite rewrite, int width, int shift, int offset) => rewrite.Once($"planes {width} {shift} {offset}", () =>
    {
        const int Halves = 16;
        int perHalf = 4 / width, mask = (1 << width) - 1;
        float[] half = new float[Halves * perHalf];
        for (int i = 0; i < half.Length; i++) half[i] = (((i / perHalf) >> (i % perHalf * width)) & mask) * (1 << shift) - offset;
        string values = rewrite.AddInitializer("planes", Tensor.Of([Halves, perHalf], half));
        string low = rewrite.Add(NodeBuilder.Node("Tile", [values, Integers(Halves, 1)], [rewrite.Fresh("planes_l")]));
        string wide = rewrite.Add(NodeBuilder.Node("Tile", [values, Integers(1, Halves)], [rewrite.Fresh("planes_w")]));
        string high = rewrite.Add(NodeBuilder.Node("Reshape", [wide, Integers(Halves * Halves, perHalf)], [rewrite.Fresh("planes_h")]));
        return rewrite.Add(NodeBuilder.Node("Concat", [low, high], [rewrite.Fresh("planes")]).With("axis", 1L));

        string Integers(params long[] numbers) => rewrite.AddInitializer("shape", Tensor.Of([numbers.Length], numbers));
    });
}
