using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;

namespace Kneepoint.Compression.Restructuring;

/// <summary>What calibration samples show of a network between two steps of a recipe.</summary>
/// <remarks>It is of a snapshot: the network may be changed while it is asked.</remarks>
sealed class CalibrationEvidence
{
    readonly ICalibrator _calibrator;
    readonly ICalibrationFacts _facts;
    readonly string _key;

    CalibrationEvidence(ICalibrator calibrator, ICalibrationFacts facts, string key) => (_calibrator, _facts, _key) = (calibrator, facts, key);

    /// <summary>The same of the baseline.</summary>
    public CalibrationEvidence Original => new(_calibrator, _calibrator.Baseline, "");

    /// <summary>What is known of the baseline.</summary>
    public static CalibrationEvidence OfBaseline(ICalibrator calibrator) => new(calibrator, calibrator.Baseline, "");

    /// <summary>What is known of a network that steps have made.</summary>
    /// <param name="calibrator">Runs the samples.</param>
    /// <param name="rewrite">The network as it is now; it may change afterwards.</param>
    /// <param name="steps">The canonical text of the steps that made it.</param>
    public static CalibrationEvidence Of(ICalibrator calibrator, NetworkRewrite rewrite, string steps) =>
        new(calibrator, calibrator.Of(rewrite.Model.Clone(), steps), steps);

    /// <summary>Distributions of values; null where nothing is known.</summary>
    public ActivationStatistics? Activations(IReadOnlyCollection<string> values) => _facts.Activations(values);

    /// <summary>Moments of what a layer is fed; null where they cannot be read.</summary>
    public SplitMoments? Moments(InputForm form) => _facts.Moments(form);

    /// <summary>The same of the network as it is now, in the midst of a step: the samples are run again.</summary>
    /// <param name="rewrite">The network; it may change afterwards.</param>
    /// <param name="what">What the step has made of it: one text for each network that steps make of the same one.</param>
    public CalibrationEvidence Of(NetworkRewrite rewrite, string what) => Of(_calibrator, rewrite, $"{_key} {what}");
}
