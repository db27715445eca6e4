using CsCheck;
using Kneepoint.Data;
using Kneepoint.Data.Preprocessing;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Data.Preprocessing;

public sealed class ScalingTests
{
    static readonly Gen<double> Number = Gen.Double[-3, 3].Where(value => Math.Abs(value) > 0.01);

    [Fact]
    public void Tables_and_plain_computation_give_the_bits_of_the_formula()
    {
        Gen.Select(Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[0, 3], Number, Number, Number.Array[4], Number.Array[4], Gen.Bool).Sample(
            (channels, inner, outer, zero, scale, means, stds, isSigned) =>
            {
                var constants = new ScalingConstants(zero, scale, means[..channels], stds[..channels]);
                byte[] bytes = [.. Enumerable.Range(0, outer * channels * inner).Select(i => (byte)(i * 37))];
                short[] wide = [.. bytes.Select(value => (short)(isSigned ? (sbyte)value : value))];
                float[] expected = [.. wide.Select((value, i) =>
                {
                    int channel = i / inner % channels;
                    return (float)(((value - zero) * scale - means[channel]) / stds[channel]);
                })];

                Assert.Equal(expected, Apply(isSigned ? ElementType.Int8 : ElementType.UInt8, bytes, channels, inner, constants));
                Assert.Equal(expected, Apply(ElementType.Int16, System.Runtime.InteropServices.MemoryMarshal.AsBytes(wide.AsSpan()).ToArray(), channels, inner, constants));
            }, iter: 300);
    }

    [Theory]
    [InlineData(ElementType.Int64, 0.5, "expected whole numbers from -9007199254740992 to 9007199254740992 for Int64, found 0.5")]
    [InlineData(ElementType.UInt8, 256, "expected whole numbers from 0 to 255 for UInt8, found 256")]
    [InlineData(ElementType.Float16, 1e6, "expected a finite number for Float16, found 1000000")]
    public void Values_that_do_not_fit_the_network_are_errors(ElementType to, double value, string expected)
    {
        var scaling = new Scaling(ElementType.Float64, to, 1, int.MaxValue, null);

        var exception = Assert.Throws<DataException>(() => scaling.Apply(BitConverter.GetBytes(value), new byte[Tensor.Bits(to) / 8]));

        Assert.Equal(expected, exception.Message);
    }

    [Fact]
    public void Integers_of_every_width_are_read_and_written()
    {
        ElementType[] types = [ElementType.UInt8, ElementType.Int8, ElementType.UInt16, ElementType.Int16, ElementType.UInt32, ElementType.Int32,
            ElementType.UInt64, ElementType.Int64, ElementType.Float16, ElementType.BFloat16, ElementType.Float32, ElementType.Float64];
        double[] values = [0, 1, 2, 100];
        foreach (var type in types)
        {
            byte[] bytes = new byte[values.Length * Tensor.Bits(type) / 8];
            double[] back = new double[values.Length];
            ElementConversion.Write(values, type, bytes);
            ElementConversion.Read(type, bytes, back);

            Assert.Equal(values, back);
        }
    }

    static float[] Apply(ElementType from, byte[] bytes, int channels, int inner, ScalingConstants constants)
    {
        float[] output = new float[bytes.Length / (Tensor.Bits(from) / 8)];
        new Scaling(from, ElementType.Float32, channels, inner, constants).Apply(bytes, System.Runtime.InteropServices.MemoryMarshal.AsBytes(output.AsSpan()));
        return output;
    }
}
