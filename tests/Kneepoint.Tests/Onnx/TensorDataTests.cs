using CsCheck;
using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Onnx;

public sealed class TensorDataTests
{
    static readonly OnnxModel NoModel = new(new ModelProto { Graph = new GraphProto() });

    static readonly Gen<ElementType> AnyType = Gen.OneOf(
        Enum.GetValues<ElementType>().Where(type => type is not (ElementType.Undefined or ElementType.String)).Select(Gen.Const).ToArray());

    [Fact]
    public void What_is_written_reads_back_the_same() =>
        Gen.Select(AnyType, Gen.Long[0, 5].Array[0, 4]).SelectMany((type, dimensions) =>
            Gen.Byte.Array[(int)Tensor.ByteCount(type, dimensions)].Select(bytes => (type, dimensions, bytes)))
        .Sample(t =>
        {
            var read = TensorData.Read(TensorData.Write("w", new Tensor(t.type, t.dimensions, t.bytes)), NoModel);

            return read.ElementType == t.type && read.Dimensions.SequenceEqual(t.dimensions) && read.Bytes.Span.SequenceEqual(t.bytes);
        });

    [Fact]
    public void Typed_lists_read_like_raw_bytes()
    {
        Check(ElementType.Float32, t => t.FloatData.Add([1.5f, -2]), [0, 0, 0xC0, 0x3F, 0, 0, 0, 0xC0]);
        Check(ElementType.Float64, t => t.DoubleData.Add([0, 1]), [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF0, 0x3F]);
        Check(ElementType.Int64, t => t.Int64Data.Add([1, -1]), [1, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
        Check(ElementType.UInt64, t => t.Uint64Data.Add([2, ulong.MaxValue]), [2, 0, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255, 255, 255]);
        Check(ElementType.UInt32, t => t.Uint64Data.Add([3, uint.MaxValue]), [3, 0, 0, 0, 255, 255, 255, 255]);
        Check(ElementType.Int32, t => t.Int32Data.Add([-2, 4]), [254, 255, 255, 255, 4, 0, 0, 0]);
        Check(ElementType.Int16, t => t.Int32Data.Add([-2, 4]), [254, 255, 4, 0]);
        Check(ElementType.UInt16, t => t.Int32Data.Add([65535, 4]), [255, 255, 4, 0]);
        Check(ElementType.Float16, t => t.Int32Data.Add([0x3C00, 0xC000]), [0, 0x3C, 0, 0xC0]);
        Check(ElementType.BFloat16, t => t.Int32Data.Add([0x3F80, 0xC000]), [0x80, 0x3F, 0, 0xC0]);
        Check(ElementType.Int8, t => t.Int32Data.Add([-128, 127]), [128, 127]);
        Check(ElementType.UInt8, t => t.Int32Data.Add([255, 0]), [255, 0]);
        Check(ElementType.Bool, t => t.Int32Data.Add([1, 0]), [1, 0]);
        Check(ElementType.Int4, t => t.Int32Data.Add(0x7F), [0x7F]);
        Check(ElementType.UInt4, t => t.Int32Data.Add(0xF1), [0xF1]);
        Check(ElementType.Float8E4M3FN, t => t.Int32Data.Add([0x38, 0xFF]), [0x38, 0xFF]);

        static void Check(ElementType type, Action<TensorProto> fill, byte[] expected)
        {
            var proto = new TensorProto { Name = "w", DataType = (int)type, Dims = { 2 } };
            fill(proto);
            Assert.Equal(expected, TensorData.Read(proto, NoModel).Bytes.ToArray());
        }
    }

    [Fact]
    public void Floating_point_of_every_width_becomes_binary32()
    {
        float[] expected = [1, -0.5f, float.PositiveInfinity, 0];

        Assert.Equal(expected, Read(ElementType.Float16, expected.Select(v => (Half)v).ToArray()));
        Assert.Equal(expected, Read(ElementType.BFloat16, expected.Select(v => (ushort)(BitConverter.SingleToUInt32Bits(v) >> 16)).ToArray()));
        Assert.Equal(expected, Read(ElementType.Float64, expected.Select(v => (double)v).ToArray()));
        Assert.Equal(expected, Read(ElementType.Float32, expected));

        static float[] Read<T>(ElementType type, T[] values) where T : unmanaged =>
            TensorData.ReadFloat32(TensorData.Write("w", Tensor.Of<T>(type, [values.Length], values)), NoModel);
    }

    [Fact]
    public void Signed_nibbles_keep_their_sign() =>
        Assert.Equal([-8, 7, -1], TensorData.ReadInt64(TensorData.Write("w", new Tensor(ElementType.Int4, [3], new byte[] { 0x78, 0x0F })), NoModel));

    [Fact]
    public void A_shape_that_does_not_fit_the_data_is_refused_with_both_numbers()
    {
        var raw = new TensorProto { Name = "w", DataType = 1, Dims = { 2, 3 }, RawData = ByteString.CopyFrom(new byte[20]) };
        Assert.Equal("Initializer 'w': Float32 [2, 3] takes 24 bytes, the file holds 20 bytes of raw data.", Message(raw));

        var typed = new TensorProto { Name = "w", DataType = 1, Dims = { 1000000, 1000000 }, FloatData = { 1, 2 } };
        Assert.StartsWith("Initializer 'w': [1000000, 1000000] takes 4000000000000 bytes; at most ", Message(typed), StringComparison.Ordinal);

        var empty = new TensorProto { Name = "w", DataType = 7, Dims = { 4 } };
        Assert.Equal("Initializer 'w': Int64 [4] takes 4 entries, the file holds 0 in int64_data.", Message(empty));

        var wide = new TensorProto { Name = "w", DataType = 2, Dims = { 1 }, Int32Data = { 256 } };
        Assert.Equal("Initializer 'w', int32_data entry 0: expected 0 to 255 for UInt8, found 256.", Message(wide));
    }

    [Theory]
    [InlineData(-1L, 2L)]
    [InlineData(long.MaxValue, long.MaxValue)]
    [InlineData(1L << 40, 1L << 40)]
    public void Impossible_dimensions_are_refused(long first, long second) =>
        Assert.Contains("expected dimensions of at least 0", Message(new TensorProto { Name = "w", DataType = 1, Dims = { first, second } }), StringComparison.Ordinal);

    [Theory]
    [InlineData(0)]
    [InlineData(8)]
    [InlineData(99)]
    [InlineData(-5)]
    public void Types_without_numbers_are_refused(int type) =>
        Assert.StartsWith("Initializer 'w': ", Message(new TensorProto { Name = "w", DataType = type, Dims = { 2 } }), StringComparison.Ordinal);

    [Fact]
    public void A_dimension_of_zero_takes_no_bytes_whatever_the_others_are() =>
        Assert.Equal(0, TensorData.Read(new TensorProto { Name = "w", DataType = 1, Dims = { long.MaxValue, 0, 3 } }, NoModel).Bytes.Length);

    static string Message(TensorProto tensor) => Assert.Throws<OnnxModelException>(() => TensorData.Read(tensor, NoModel)).Message;
}
