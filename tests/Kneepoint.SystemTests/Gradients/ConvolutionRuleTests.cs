using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of convolutions against differences: one and two axes, and three; groups, strides, dilations and pads of all kinds.</summary>
public sealed class ConvolutionRuleTests
{
    [Theory]
    [InlineData(new long[] { 2, 3, 6, 5 }, new long[] { 4, 3, 3, 3 }, 1, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 0, 0, 0, 0 })]
    [InlineData(new long[] { 2, 3, 6, 5 }, new long[] { 4, 3, 3, 3 }, 1, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 })]
    [InlineData(new long[] { 2, 3, 7, 6 }, new long[] { 4, 3, 3, 2 }, 1, new long[] { 2, 1 }, new long[] { 1, 1 }, new long[] { 0, 1, 2, 0 })]
    [InlineData(new long[] { 2, 3, 7, 8 }, new long[] { 4, 3, 3, 3 }, 1, new long[] { 2, 2 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 })]
    [InlineData(new long[] { 2, 3, 8, 8 }, new long[] { 4, 3, 3, 3 }, 1, new long[] { 2, 3 }, new long[] { 1, 1 }, new long[] { 0, 0, 1, 1 })]
    [InlineData(new long[] { 2, 3, 8, 9 }, new long[] { 4, 3, 3, 2 }, 1, new long[] { 1, 2 }, new long[] { 2, 3 }, new long[] { 2, 0, 1, 3 })]
    [InlineData(new long[] { 2, 4, 6, 5 }, new long[] { 6, 2, 3, 3 }, 2, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 })]
    [InlineData(new long[] { 2, 4, 7, 7 }, new long[] { 6, 2, 3, 3 }, 2, new long[] { 2, 2 }, new long[] { 1, 1 }, new long[] { 1, 0, 0, 1 })]
    [InlineData(new long[] { 2, 4, 6, 5 }, new long[] { 4, 1, 3, 3 }, 4, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 })]
    [InlineData(new long[] { 2, 4, 7, 6 }, new long[] { 8, 1, 3, 3 }, 4, new long[] { 2, 2 }, new long[] { 1, 1 }, new long[] { 0, 0, 1, 1 })]
    [InlineData(new long[] { 2, 16, 4, 3 }, new long[] { 16, 1, 3, 3 }, 16, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 })]
    [InlineData(new long[] { 1, 20, 4, 3 }, new long[] { 40, 2, 2, 3 }, 10, new long[] { 2, 1 }, new long[] { 1, 1 }, new long[] { 0, 1, 1, 1 })]
    [InlineData(new long[] { 1, 6, 3, 7 }, new long[] { 12, 1, 2, 3 }, 6, new long[] { 1, 1 }, new long[] { 1, 2 }, new long[] { 1, 1, 0, 2 })]
    [InlineData(new long[] { 2, 3, 4, 5 }, new long[] { 4, 3, 1, 1 }, 1, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 0, 0, 0, 0 })]
    [InlineData(new long[] { 2, 4, 4, 5 }, new long[] { 6, 2, 1, 1 }, 2, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 0, 0, 0, 0 })]
    [InlineData(new long[] { 2, 3, 5, 6 }, new long[] { 4, 3, 1, 1 }, 1, new long[] { 2, 2 }, new long[] { 1, 1 }, new long[] { 0, 0, 0, 0 })]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 4, 3, 2, 2 }, 1, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 2, 2, 2, 2 })]
    [InlineData(new long[] { 2, 3, 4, 4 }, new long[] { 4, 3, 4, 4 }, 1, new long[] { 1, 1 }, new long[] { 1, 1 }, new long[] { 0, 0, 0, 0 })]
    [InlineData(new long[] { 2, 3, 9 }, new long[] { 4, 3, 3 }, 1, new long[] { 2 }, new long[] { 2 }, new long[] { 1, 2 })]
    [InlineData(new long[] { 2, 4, 9 }, new long[] { 4, 2, 3 }, 2, new long[] { 1 }, new long[] { 1 }, new long[] { 1, 1 })]
    [InlineData(new long[] { 1, 2, 3, 4, 3 }, new long[] { 2, 2, 2, 2, 2 }, 1, new long[] { 1, 2, 1 }, new long[] { 1, 1, 1 }, new long[] { 0, 1, 0, 1, 0, 0 })]
    public void Conv_gives_gradients_of_input_weight_and_bias(long[] x, long[] w, long group, long[] strides, long[] dilations, long[] pads) =>
        OperatorCheck.Run("Conv", [Arg.Of(x), Arg.Of(w), Arg.Of(w[0])],
            node => node.With("group", group).With("strides", strides).With("dilations", dilations).With("pads", pads), opset: 11);

    [Theory]
    [InlineData("SAME_UPPER", 1, FreeSizes.All)]
    [InlineData("SAME_LOWER", 1, FreeSizes.All)]
    [InlineData("SAME_UPPER", 2, FreeSizes.Batch)]
    [InlineData("SAME_LOWER", 2, FreeSizes.Batch)]
    [InlineData("VALID", 2, FreeSizes.All)]
    public void Conv_may_pad_by_itself(string pad, long stride, FreeSizes mostFree) =>
        OperatorCheck.Run("Conv", [Arg.Of(2, 2, 7, 6), Arg.Of(3, 2, 4, 3)], node => node.With("auto_pad", pad).With("strides", [stride, stride]), mostFree: mostFree);

    [Theory]
    [InlineData(new long[] { 2, 3, 4, 3 }, new long[] { 3, 4, 3, 2 }, 1, new long[] { 2, 1 }, new long[] { 1, 2 }, new long[] { 1, 0, 0, 1 }, new long[] { 1, 0 })]
    [InlineData(new long[] { 2, 4, 4, 3 }, new long[] { 4, 3, 3, 3 }, 2, new long[] { 2, 2 }, new long[] { 1, 1 }, new long[] { 1, 1, 1, 1 }, new long[] { 1, 1 })]
    [InlineData(new long[] { 2, 4, 5 }, new long[] { 4, 2, 3 }, 1, new long[] { 3 }, new long[] { 1 }, new long[] { 0, 0 }, new long[] { 0 })]
    public void ConvTranspose_does_too(long[] x, long[] w, long group, long[] strides, long[] dilations, long[] pads, long[] more) =>
        OperatorCheck.Run("ConvTranspose", [Arg.Of(x), Arg.Of(w), Arg.Of(w[1] * group)],
            node => node.With("group", group).With("strides", strides).With("dilations", dilations).With("pads", pads).With("output_padding", more));
}
