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

    /// <summary>Collects moments of a network that serves for nothing else.</summary>
    /// <param name="network">The network.</param>
    /// <param name="forms">What is wanted.</param>
    /// <param name="rowsPerColumn">Rows for each column that are enough.</param>
    /// <param name="onCollected">Called once for each form that could be read.</param>
    void Collect(OnnxModel network, IReadOnlyList<InputForm> forms, int rowsPerColumn, Action<InputForm, SplitMoments> onCollected);

    /// <summary>Says how far something that takes long has come.</summary>
    /// <param name="what">What is done.</param>
    /// <param name="done">How much of it is done.</param>
    /// <param name="total">Of how much.</param>
    void Report(string what, long done, long total);
}

/// <summary>What calibration samples show of one network, each fact collected when first asked for.</summary>
public interface ICalibrationFacts
{
    /// <summary>Distributions of at least these values; null if nothing is known of any.</summary>
    ActivationStatistics? Activations(IReadOnlyCollection<string> values);

    /// <summary>Moments of what a layer is fed; null where they cannot be read.</summary>
    SplitMoments? Moments(InputForm form);

    /// <summary>How much the network's outputs diverge for a unit of some error: found once by one change, and kept.</summary>
    /// <param name="what">What is changed: one text for each change.</param>
    /// <param name="change">Makes a network with the change, and says how large its error is.</param>
    /// <returns>Divergence (<see cref="Search.OutputDivergence"/>: nats for classes, relative power for values) over error, in the error's own unit, 0 where the outputs do not move; null where there are no samples.</returns>
    double? Curvature(string what, Func<(OnnxModel Network, double Error)> change);

    /// <summary>Rounds weights by the moments; null if there are no samples to round by.</summary>
    DataRoundings? Roundings { get; }
}
