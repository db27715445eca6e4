using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of pooling against differences.</summary>
public sealed class PoolingRuleTests
{
    public static TheoryData<long[], long[], long[], long[], long> Windows => new()
    {
        { [2, 3, 6, 6], [2, 2], [2, 2], [0, 0, 0, 0], 0 },
        { [2, 3, 7, 6], [3, 2], [2, 1], [1, 0, 0, 1], 0 },
        { [2, 3, 7, 8], [3, 3], [2, 2], [0, 0, 0, 0], 1 },
        { [1, 2, 7, 8], [3, 3], [2, 3], [1, 1, 1, 1], 1 },
        { [1, 2, 6, 6], [2, 2], [3, 3], [0, 0, 0, 0], 1 },
        { [2, 3, 9], [3], [2], [1, 1], 0 },
    };

    [Theory]
    [MemberData(nameof(Windows))]
    public void MaxPool_gives_to_the_greatest(long[] x, long[] kernel, long[] strides, long[] pads, long ceiling) =>
        OperatorCheck.Run("MaxPool", [Arg.Of(x)], node => node.With("kernel_shape", kernel).With("strides", strides).With("pads", pads).With("ceil_mode", ceiling));

    [Theory]
    [MemberData(nameof(Windows))]
    public void AveragePool_gives_to_all_that_count(long[] x, long[] kernel, long[] strides, long[] pads, long ceiling) =>
        OperatorCheck.Run("AveragePool", [Arg.Of(x)], node => node.With("kernel_shape", kernel).With("strides", strides).With("pads", pads).With("ceil_mode", ceiling), opset: 19);

    [Theory]
    [MemberData(nameof(Windows))]
    public void AveragePool_may_count_padding(long[] x, long[] kernel, long[] strides, long[] pads, long ceiling) =>
        OperatorCheck.Run("AveragePool", [Arg.Of(x)], node => node.With("kernel_shape", kernel).With("strides", strides).With("pads", pads).With("ceil_mode", ceiling)
            .With("count_include_pad", 1L), opset: 19);

    [Fact]
    public void MaxPool_dilates() => OperatorCheck.Run("MaxPool", [Arg.Of(2, 2, 8, 7)], node => node.With("kernel_shape", [3, 2]).With("dilations", [2, 3]).With("pads", [1, 1, 1, 1]));

    [Theory]
    [InlineData("MaxPool", "SAME_UPPER")]
    [InlineData("MaxPool", "SAME_LOWER")]
    [InlineData("AveragePool", "SAME_UPPER")]
    [InlineData("AveragePool", "SAME_LOWER")]
    public void Pools_may_pad_by_themselves(string operation, string pad) =>
        OperatorCheck.Run(operation, [Arg.Of(2, 2, 7, 6)], node => node.With("kernel_shape", [3, 3]).With("strides", [2, 2]).With("auto_pad", pad), mostFree: FreeSizes.Batch);

    [Theory]
    [InlineData("GlobalAveragePool")]
    [InlineData("GlobalMaxPool")]
    public void Whole_pictures_are_windows_too(string operation)
    {
        OperatorCheck.Run(operation, [Arg.Of(2, 3, 4, 5)]);
        OperatorCheck.Run(operation, [Arg.Of(2, 3, 4)]);
    }
}
