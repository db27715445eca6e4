using CsCheck;
using Kneepoint.Coding;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Tests.Coding.Packing;

public sealed class PlainBytesTests
{
    [Fact]
    public void Bits_and_blocks_come_back_from_one_section() => Gen.Select(Gen.Select(Gen.Int[0, 1], Gen.Int[1, 65_535]).Array[0, 100], Gen.Byte.Array[0, 20].Array[0, 4]).Sample((bits, blocks) =>
    {
        var (writer, plain) = (new BitWriter(), new PlainBytes());
        foreach (var (bit, probability) in bits) writer.Code(bit, (uint)probability);
        foreach (byte[] block in blocks) plain.Add(block);
        byte[] section = plain.Section(writer);

        var (reader, taken) = (new BitReader(section), new PlainBytes(section));
        foreach (var (bit, probability) in bits) Assert.Equal(bit, reader.Code(0, (uint)probability));
        foreach (byte[] block in blocks) Assert.Equal(block, taken.Take((ulong)block.Length).ToArray());
        Assert.Equal(blocks.Sum(block => block.Length), taken.Count);
    });

    [Fact]
    public void More_than_the_section_has_is_refused()
    {
        var plain = new PlainBytes(new byte[10]);
        plain.Take(7);

        Assert.Throws<PackedModelException>(() => plain.Take(4).ToArray());
        Assert.Throws<PackedModelException>(() => plain.Take(ulong.MaxValue).ToArray());
        Assert.Equal(3, plain.Take(3).Length);
    }
}
