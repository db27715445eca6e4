using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Compression.LowRank;

/// <summary>The window of a layer and how often it is applied; a matrix has one element.</summary>
/// <param name="Sizes">Of the window's axes.</param>
/// <param name="Positions">Output positions of a sample; 1 where they are not known.</param>
/// <param name="ColumnPositions">Positions of a window of one column: rows of the output, columns of the input.</param>
sealed record Window(long[] Sizes, long Positions, long ColumnPositions)
{
    /// <summary>Rows of a window over two axes, else 1.</summary>
    public int Height => Sizes.Length == 2 ? (int)Sizes[0] : 1;

    /// <summary>Columns of a window over two axes, else 1.</summary>
    public int Width => Sizes.Length == 2 ? (int)Sizes[1] : 1;

    /// <summary>Of a layer.</summary>
    public static Window Of(WeightedLayer layer, ShapeTable shapes)
    {
        long[] sizes = layer.OpType == "Conv" ? [.. layer.WeightDimensions.Skip(2)] : [];
        var output = shapes[layer.Id]?.Dimensions;
        var input = shapes[layer.ActivationInput]?.Dimensions;
        if (layer.OpType != "Conv" || output is null || input is null || output.Value.Length != input.Value.Length)
        {
            long rows = layer.OpType == "Conv" || output is null ? 1 : output.Value.Aggregate(1L, (a, b) => a * b) / layer.OutputChannels;
            return new Window(sizes, rows, rows);
        }

        long positions = output.Value.Skip(2).Aggregate(1L, (a, b) => a * b);
        return new Window(sizes, positions, sizes.Length == 2 ? output.Value[2] * input.Value[3] : positions);
    }

    /// <summary>Multiply-accumulates of two factors.</summary>
    public double MacsOf(LayerFactors factors) =>
        (double)factors.First.Length * (factors.Form == LowRankForm.Spatial ? ColumnPositions : Positions) + (double)factors.Second.Length * Positions;

    /// <summary>The first factor's weight as a convolution takes it.</summary>
    public long[] FirstDimensions(LayerFactors factors, WeightedLayer layer) =>
        factors.Form == LowRankForm.Spatial ? [factors.Rank, layer.WeightDimensions[1], Sizes[0], 1] : [factors.Rank, .. layer.WeightDimensions.Skip(1)];

    /// <summary>The second factor's weight as a convolution takes it.</summary>
    public long[] SecondDimensions(LayerFactors factors, WeightedLayer layer) =>
        factors.Form == LowRankForm.Spatial ? [layer.OutputChannels, factors.Rank, 1, Sizes[1]] : [layer.OutputChannels, factors.Rank, .. Sizes.Select(_ => 1L)];

    /// <summary>Divides the attributes of a convolution between its factors; both hold all of them before.</summary>
    public void Split(NodeProto first, NodeProto second, LayerFactors factors)
    {
        if (factors.Form != LowRankForm.Spatial)
        {
            foreach (string name in new[] { "strides", "pads", "dilations", "auto_pad" }) second.Without(name);
            second.With("kernel_shape", [.. Sizes.Select(_ => 1L)]);
            return;
        }

        first.With("kernel_shape", [Sizes[0], 1]);
        second.With("kernel_shape", [1, Sizes[1]]);
        foreach (string name in new[] { "strides", "dilations" })
        {
            if (second.GetInts(name) is not [var rows, var columns]) continue;
            first.With(name, [rows, 1]);
            second.With(name, [1, columns]);
        }

        if (second.GetInts("pads") is not [var top, var left, var bottom, var right]) return;
        first.With("pads", [top, 0, bottom, 0]);
        second.With("pads", [0, left, 0, right]);
    }
}
