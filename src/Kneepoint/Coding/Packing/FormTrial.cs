using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;

namespace Kneepoint.Coding.Packing;

/// <summary>Tells which form a part takes fewest bits in, where it may have several: by coding its first numbers in each.</summary>
/// <remarks>Only a writer asks. A trial takes some milliseconds for its models, which parts below <see cref="LeastBytes"/> are not worth.</remarks>
static class FormTrial
{
    const int SampleNumbers = 1 << 15;
    const int LeastBytes = 1 << 8;
    const int BitsPerByte = 8;

    /// <summary>Whether what is told to be whole numbers of 8 bits rather is something else, as fields of fewer bits or noise.</summary>
    /// <param name="data">The bytes.</param>
    /// <param name="distances">The same as distances from a number.</param>
    public static bool AreBytes(ReadOnlySpan<byte> data, int[] distances)
    {
        if (data.Length < LeastBytes) return false;
        byte[] bytes = Sample(data);
        double asNumbers = BitsOf(distances[..bytes.Length], new IndexShape(1, bytes.Length, 1), null);
        return asNumbers > BitsPerByte * bytes.Length || BitsOf(bytes) < asNumbers;
    }

    /// <summary>Whether no model makes bytes smaller.</summary>
    public static bool IsNoise(ReadOnlySpan<byte> data) => data.Length >= LeastBytes && Sample(data) is var bytes && BitsOf(bytes) > BitsPerByte * bytes.Length;

    /// <summary>Whether the indices of chains take fewer bits than the multiples that they stand for: few numbers may be chains by chance.</summary>
    /// <param name="chains">The chains.</param>
    /// <param name="indices">Their indices.</param>
    /// <param name="multiples">The multiples.</param>
    /// <param name="shape">The plane.</param>
    public static bool Saves(TrellisChains chains, int[] indices, int[] multiples, IndexShape shape)
    {
        var sample = shape with { Rows = Math.Clamp(SampleNumbers / shape.Columns, 1, shape.Rows) };
        double begins = chains.HasBegins ? (double)TrellisChains.StateBits * chains.Begins.Length * sample.Rows / shape.Rows : 0;
        return BitsOf(indices[..sample.Count], sample, chains) + begins < BitsOf(multiples[..sample.Count], sample, null);
    }

    static byte[] Sample(ReadOnlySpan<byte> data) => data[..Math.Min(data.Length, SampleNumbers)].ToArray();

    static double BitsOf(byte[] bytes)
    {
        var meter = new BitMeter(new NoCoder());
        new ByteModel().Code(meter, bytes);
        return meter.TotalBits;
    }

    static double BitsOf(int[] numbers, IndexShape shape, TrellisChains? chains)
    {
        var meter = new BitMeter(new NoCoder());
        MixedIndexModel.Primed().Code(meter, numbers, shape, IndexBits.ShiftFor(IndexBits.MeanMagnitude(numbers)), chains);
        return meter.TotalBits;
    }
}
