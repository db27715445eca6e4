using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;

namespace Kneepoint.Compression;

/// <summary>Runs calibration samples through the networks on the way from a baseline to a variant.</summary>
public interface ICalibrator
{
    /// <summary>What the samples show of the baseline.</summary>
    ICalibrationFacts Baseline { get; }

    /// <summary>What the samples show of a network that steps have made of the baseline.</summary>
    /// <param name="network">The network; not changed afterwards.</param>
    /// <param name="key">One text for each such network: the same key means the same network.</param>
    ICalibrationFacts Of(OnnxModel network, string key);
}

/// <summary>What calibration samples show of one network, each fact collected when first asked for.</summary>
public interface ICalibrationFacts
{
    /// <summary>Distributions of at least these values; null if nothing is known of any.</summary>
    ActivationStatistics? Activations(IReadOnlyCollection<string> values);

    /// <summary>Moments of what a layer is fed; null where they cannot be read.</summary>
    SplitMoments? Moments(InputForm form);

    /// <summary>Rounds weights by the moments; null if there are no samples to round by.</summary>
    DataRoundings? Roundings { get; }
}
