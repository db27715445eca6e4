using CsCheck;
using Kneepoint.Compression.Quantization;

namespace Kneepoint.Tests.Compression.Quantization;

public sealed class Int4PackingTests
{
    [Fact]
    public void Packing_equals_the_formula_at_every_length()
    {
        for (int n = 0; n <= 257; n++)
        {
            sbyte[] codes = Enumerable.Range(0, n).Select(i => (sbyte)(i * 7 % 16 - 8)).ToArray();
            byte[] packed = new byte[Int4Packing.ByteCount(n)];

            Int4Packing.Pack(codes, packed);

            Assert.Equal((n + 1) / 2, packed.Length);
            for (int i = 0; i < packed.Length; i++)
            {
                int high = 2 * i + 1 < n ? codes[2 * i + 1] & 15 : 0;
                Assert.Equal((codes[2 * i] & 15) | (high << 4), packed[i]);
            }
        }
    }

    [Fact]
    public void Signed_codes_come_back() => Gen.SByte[-8, 7].Array[0, 300].Sample(codes =>
    {
        byte[] packed = new byte[Int4Packing.ByteCount(codes.Length)];
        sbyte[] unpacked = new sbyte[codes.Length];
        Int4Packing.Pack(codes, packed);
        Int4Packing.UnpackSigned(packed, unpacked);
        return codes.SequenceEqual(unpacked);
    });

    [Fact]
    public void Unsigned_codes_come_back() => Gen.SByte[0, 15].Array[0, 300].Sample(codes =>
    {
        byte[] packed = new byte[Int4Packing.ByteCount(codes.Length)];
        byte[] unpacked = new byte[codes.Length];
        Int4Packing.Pack(codes, packed);
        Int4Packing.UnpackUnsigned(packed, unpacked);
        return codes.Select(code => (byte)code).SequenceEqual(unpacked);
    });

    [Fact]
    public void Short_buffers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => Int4Packing.Pack(new sbyte[3], new byte[1]));
        Assert.Throws<ArgumentException>(() => Int4Packing.UnpackSigned(new byte[1], new sbyte[3]));
        Assert.Throws<ArgumentException>(() => Int4Packing.UnpackUnsigned(new byte[1], new byte[3]));
    }
}
