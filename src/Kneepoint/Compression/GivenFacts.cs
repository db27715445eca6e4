using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;

namespace Kneepoint.Compression;

/// <summary>Facts on the baseline that a caller has collected; nothing is known of other networks.</summary>
sealed class GivenFacts(ActivationStatistics? statistics, DataRoundings? roundings) : ICalibrator, ICalibrationFacts
{
    static readonly GivenFacts None = new(null, null);

    public ICalibrationFacts Baseline => this;

    public DataRoundings? Roundings => roundings;

    public ICalibrationFacts Of(OnnxModel network, string key) => None;

    public void Collect(OnnxModel network, IReadOnlyList<InputForm> forms, int rowsPerColumn, Action<InputForm, SplitMoments> onCollected)
    {
        // There are no samples: weights are fitted to the original's inputs.
    }

    public void Report(string what, long done, long total)
    {
    }

    public ActivationStatistics? Activations(IReadOnlyCollection<string> values) => statistics;

    public SplitMoments? Moments(InputForm form) => roundings?.MomentsOf(form);

    public double? Curvature(string what, Func<(OnnxModel Network, double Error)> change) => null;
}
