using Kneepoint.Compression;
using Kneepoint.Onnx;

namespace Kneepoint.Studies;

/// <summary>What fitting a network in succession takes: a run of the samples for every layer.</summary>
public static class SuccessiveWork
{
    /// <summary>As much as is worth it as a rule, in multiply-accumulates: some four minutes on two cores.</summary>
    public const double Usual = 4e12;

    /// <summary>The work for one network: its multiply-accumulates, times samples, times layers.</summary>
    /// <param name="baseline">The network.</param>
    /// <param name="macsOf">Multiply-accumulates of a layer for one sample.</param>
    /// <param name="samples">Calibration samples.</param>
    public static double Of(OnnxModel baseline, Func<WeightedLayer, long> macsOf, int samples)
    {
        var layers = Compressor.LayersOf(baseline);
        return layers.Sum(layer => (double)macsOf(layer)) * samples * layers.Length;
    }
}
