using Kneepoint.Onnx;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Rules of operators that move, repeat, join, cut and pick elements, against differences.</summary>
public sealed class MovementRuleTests
{
    [Fact]
    public void Shapes_are_given_back()
    {
        OperatorCheck.Run("Reshape", [Arg.Of(2, 3, 4), Arg.Ints(0, -1)]);
        OperatorCheck.Run("Flatten", [Arg.Of(2, 3, 4)], node => node.With("axis", 2L));
        OperatorCheck.Run("Squeeze", [Arg.Of(2, 1, 4), Arg.Ints(-2)]);
        OperatorCheck.Run("Unsqueeze", [Arg.Of(2, 4), Arg.Ints(0, -1)]);
        OperatorCheck.Run("Squeeze", [Arg.Of(2, 1, 4)], node => node.With("axes", [1]), opset: 9);
        OperatorCheck.Run("Unsqueeze", [Arg.Of(2, 4)], node => node.With("axes", [1, 3]), opset: 9);
    }

    [Fact]
    public void Transpose_is_undone_by_the_inverse_order()
    {
        OperatorCheck.Run("Transpose", [Arg.Of(2, 3, 4, 5)], node => node.With("perm", [2, 0, 3, 1]));
        OperatorCheck.Run("Transpose", [Arg.Of(2, 3, 4)]);
    }

    [Fact]
    public void Copies_add_up()
    {
        OperatorCheck.Run("Expand", [Arg.Of(3, 1), Arg.Ints(2, 1, 4)]);
        OperatorCheck.Run("Tile", [Arg.Of(2, 3), Arg.Ints(3, 2)]);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-1)]
    public void Joined_parts_are_parted(long axis) =>
        OperatorCheck.Run("Concat", [Arg.Of(2, 3, 3), Arg.Of(axis == 1 ? [2, 1, 3] : [2, 3, 1]), Arg.Of(2, 3, 3)], node => node.With("axis", axis));

    [Fact]
    public void Parts_are_joined()
    {
        OperatorCheck.Run("Split", [Arg.Of(2, 7, 2), Arg.Ints(3, 0, 4)], node => node.With("axis", 1L), outputs: 3);
        OperatorCheck.Run("Split", [Arg.Of(2, 7)], node => node.With("axis", -1L).With("num_outputs", 3L), outputs: 3);
        OperatorCheck.Run("Split", [Arg.Of(2, 6)], node => node.With("axis", 1L).With("split", [2, 4]), outputs: 2, opset: 7);
    }

    [Theory]
    [InlineData(new long[] { 1 }, new long[] { 4 }, new long[] { 1 }, new long[] { 1 })]
    [InlineData(new long[] { 0, 0 }, new long[] { 9, 9 }, new long[] { 1, 2 }, new long[] { 2, 3 })]
    [InlineData(new long[] { 1 }, new long[] { 6 }, new long[] { -1 }, new long[] { 2 })]
    [InlineData(new long[] { -1 }, new long[] { -9 }, new long[] { 1 }, new long[] { -1 })]
    [InlineData(new long[] { 3 }, new long[] { 0 }, new long[] { 1 }, new long[] { -2 })]
    [InlineData(new long[] { -2, 5 }, new long[] { -7, 0 }, new long[] { 1, 2 }, new long[] { -3, -1 })]
    [InlineData(new long[] { -2 }, new long[] { long.MaxValue }, new long[] { 2 }, new long[] { 1 })]
    [InlineData(new long[] { 1 }, new long[] { 2 }, new long[] { 0 }, new long[] { 1 })]
    public void Cut_elements_go_back_to_their_places(long[] starts, long[] ends, long[] axes, long[] steps) =>
        OperatorCheck.Run("Slice", [Arg.Of(2, 5, 6), Arg.Ints(starts), Arg.Ints(ends), Arg.Ints(axes), Arg.Ints(steps)]);

    [Fact]
    public void Slice_of_old_operator_sets_has_attributes() =>
        OperatorCheck.Run("Slice", [Arg.Of(2, 5, 6)], node => node.With("starts", [1, -3]).With("ends", [4, -1]).With("axes", [1, 2]), opset: 9);

    [Fact]
    public void Padding_is_cut_off()
    {
        OperatorCheck.Run("Pad", [Arg.Of(2, 3, 4), Arg.Ints(0, 1, 2, 1, 0, 3)]);
        OperatorCheck.Run("Pad", [Arg.Of(2, 3, 4), Arg.Ints(0, 1, -1, 0, 0, 2)]);
        OperatorCheck.Run("Pad", [Arg.Of(2, 3, 4), Arg.Ints(0, 1, 1, 0, 0, 2), Arg.Number(0.7)]);
        OperatorCheck.Run("Pad", [Arg.Of(2, 3, 4), Arg.Ints(1, 2), Arg.None, Arg.Ints(-1)]);
        OperatorCheck.Run("Pad", [Arg.Of(2, 3, 4)], node => node.With("pads", [0, 1, 0, 0, 0, 2]), opset: 7);
    }

    [Theory]
    [InlineData(0, new long[] { 2, 3 }, new long[] { 0, 2, 2, -1, 1, 2 })]
    [InlineData(1, new long[] { 4 }, new long[] { 3, 0, 3, -2 })]
    [InlineData(-1, new long[] { 1, 2 }, new long[] { 1, 1 })]
    [InlineData(1, new long[] { }, new long[] { 2 })]
    [InlineData(-2, new long[] { 2 }, new long[] { 2, 2 })]
    public void Picked_rows_add_up(long axis, long[] shape, long[] indices) =>
        OperatorCheck.Run("Gather", [Arg.Of(3, 4, 2), Arg.Indices(shape, indices)], node => node.With("axis", axis));

    [Fact]
    public void Picked_elements_add_up() =>
        OperatorCheck.Run("GatherElements", [Arg.Of(2, 3), Arg.Indices([2, 4], 0, 0, -1, 1, 2, 2, 2, 0)], node => node.With("axis", 1L));

    [Theory]
    [InlineData("DCR")]
    [InlineData("CRD")]
    public void Blocks_are_put_back(string mode)
    {
        OperatorCheck.Run("DepthToSpace", [Arg.Of(2, 8, 2, 3)], node => node.With("blocksize", 2L).With("mode", mode), opset: 13);
        OperatorCheck.Run("SpaceToDepth", [Arg.Of(2, 2, 4, 6)], node => node.With("blocksize", 2L), opset: 13);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(0, 1)]
    [InlineData(1, 1)]
    public void Running_sums_run_back(long exclusive, long reverse) =>
        OperatorCheck.Run("CumSum", [Arg.Of(2, 5), Arg.Indices([], 1)], node => node.With("exclusive", exclusive).With("reverse", reverse));

    [Fact]
    public void Triangles_stay() => OperatorCheck.Run("Trilu", [Arg.Of(2, 3, 4), Arg.Indices([], 1)], node => node.With("upper", 0L));
}
