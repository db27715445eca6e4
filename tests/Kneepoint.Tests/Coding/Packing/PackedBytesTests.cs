using System.Text;
using CsCheck;
using Kneepoint.Coding;
using Kneepoint.Coding.Packing;

namespace Kneepoint.Tests.Coding.Packing;

public sealed class PackedBytesTests
{
    [Fact]
    public void The_checksum_is_that_of_the_standard()
    {
        Assert.Equal(0xE3069283u, PackedBytes.Checksum(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, PackedBytes.Checksum(new byte[32]));
        Assert.Equal(0u, PackedBytes.Checksum([]));
    }

    [Fact]
    public void Numbers_come_back() => Gen.OneOf(Gen.ULong[0, 300], Gen.ULong[0, ulong.MaxValue >> 1]).Sample(number =>
    {
        using var stream = new MemoryStream();
        PackedBytes.WriteNumber(stream, number);
        stream.Position = 0;
        return new PackedBytes(stream).TakeNumber() == number;
    });

    [Fact]
    public void A_number_without_an_end_is_refused() =>
        Assert.Throws<PackedModelException>(() => new PackedBytes(new MemoryStream(Enumerable.Repeat((byte)0xFF, 30).ToArray())).TakeNumber());

    [Fact]
    public void A_length_beyond_all_arrays_is_refused_at_once() =>
        Assert.Throws<PackedModelException>(() => new PackedBytes(new MemoryStream(new byte[200_000])).Take(long.MaxValue));

    [Fact]
    public void A_length_that_is_not_there_takes_no_memory()
    {
        long before = GC.GetAllocatedBytesForCurrentThread();

        Assert.Throws<PackedModelException>(() => new PackedBytes(new MemoryStream(new byte[100])).Take(2_000_000_000));

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 200_000);
    }
}
