using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Repair;

/// <summary>Mean and standard deviation of each channel that a convolution gives on the calibration samples.</summary>
/// <param name="Mean">[C].</param>
/// <param name="Deviation">[C], not negative.</param>
sealed record ChannelStatistics(double[] Mean, double[] Deviation)
{
    /// <summary>Computed from what the layer is fed: W·E[x] + b, and W·Cov(x)·Wᵀ on the diagonal.</summary>
    /// <returns>Null where nothing is known of the input, or the numbers are not finite.</returns>
    public static ChannelStatistics? Of(NetworkRewrite rewrite, WeightedLayer layer, CalibrationEvidence evidence)
    {
        if (InputForm.Of(layer, out _) is not { SlicedColumns: null } form || evidence.Moments(form)?.All() is not { Rows: > 0 } moments) return null;
        float[] weights = rewrite.WeightOf(layer);
        float[]? bias = LayerBias.Of(rewrite, layer);
        int channels = (int)layer.OutputChannels, columns = moments.Columns, height = channels / moments.Groups;
        if (weights.Length != channels * columns) return null;
        var made = new ChannelStatistics(new double[channels], new double[channels]);
        for (int group = 0; group < moments.Groups; group++)
        {
            double[] mean = SecondMoment.MeanOf(moments, group), upper = SecondMoment.Of(moments, group, isCentered: true).Upper;
            for (int channel = group * height; channel < (group + 1) * height; channel++)
            {
                var row = weights.AsSpan(channel * columns, columns);
                made.Mean[channel] = bias is null ? 0 : bias[channel];
                double variance = 0;
                for (int i = 0; i < columns; i++)
                {
                    made.Mean[channel] += row[i] * mean[i];
                    double sum = 0;
                    for (int j = i + 1; j < columns; j++) sum += upper[i * columns + j] * row[j];
                    variance += row[i] * (row[i] * upper[i * columns + i] + 2 * sum);
                }

                made.Deviation[channel] = Math.Sqrt(Math.Max(0, variance));
            }
        }

        return made.Mean.All(double.IsFinite) && made.Deviation.All(double.IsFinite) ? made : null;
    }

    /// <summary>Those of some channels.</summary>
    public ChannelStatistics Of(int[] channels) => new([.. channels.Select(channel => Mean[channel])], [.. channels.Select(channel => Deviation[channel])]);
}
