using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>A weight as signed codes without zero points and one scale for each output channel, in the layout of the weight.</summary>
/// <param name="Codes">In the weight's shape.</param>
/// <param name="Scales">Of each output channel.</param>
/// <param name="MeanError">By how much the mean of each output is off, to be taken from the layer's bias; empty where the bias is not its own.</param>
sealed record ChannelCodes(sbyte[] Codes, float[] Scales, double[] MeanError)
{
    /// <summary>Rounds so that the layer's outputs on the calibration samples change least (<see cref="DataRounding"/>).</summary>
    /// <returns>Null, and a note, where nothing is known of what the layer is fed.</returns>
    public static ChannelCodes? ByData(NetworkRewrite rewrite, WeightedLayer layer, int bits, bool isSuccessive)
    {
        var rows = WeightRows.Of(rewrite, layer);
        if (layer.OpType is not ("ConvTranspose" or "Gather") && rows.Rows != layer.OutputChannels)
        {
            rewrite.RoundedToNearest(layer, "has several matrices that share their scales");
            return null;
        }

        // Kernels on 8 bits multiply by −127 … 127; 4 bits are widened, so all their codes are used.
        int highest = (1 << (bits - 1)) - 1, lowest = bits == 8 ? -highest : -highest - 1;
        var shape = new WeightGrid(rows.Rows, rows.Columns, rows.Columns, lowest, highest);
        var rounding = new GridRounding(shape, new RoundingWishes(IsSymmetric: true, LayerBias.IsFree(rewrite, layer), StoredScale.Single));
        if (rewrite.Rounded(layer, rows, rounding, isSuccessive, out string reason) is RoundedWeight rounded) return new ChannelCodes(rows.Stored(rounded.Codes), [.. rounded.Grid.Scales], rounded.MeanError);
        rewrite.RoundedToNearest(layer, reason);
        return null;
    }
}
