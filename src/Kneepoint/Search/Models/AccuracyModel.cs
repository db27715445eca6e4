namespace Kneepoint.Search.Models;

/// <summary>A prediction with its uncertainty.</summary>
/// <param name="Mean">The expected value.</param>
/// <param name="Deviation">Its standard deviation.</param>
public readonly record struct Prediction(double Mean, double Deviation);

/// <summary>Predicts the loss of accuracy on the evaluation samples from the divergence on calibration samples.</summary>
/// <remarks>
/// A <see cref="LossCurve"/> through all measured variants, and a Gaussian process over what it leaves unexplained, in units of floor and share of the loss: losses that are twice as large err twice as much. The covariance falls with the
/// distance of the divergences' logarithms; what is left is noise, the luck of single samples. Its parameters are those of a small grid that make the measurements most likely.
/// </remarks>
public sealed class AccuracyModel
{
    const int MostMeasured = 300;
    static readonly double[] Floors = [0.0015, 0.003, 0.006, 0.012];
    static readonly double[] Shares = [0.1, 0.2, 0.4, 0.8];
    static readonly double[] Smooth = [0, 0.3, 0.7];
    const double Length = 0.7;

    // Nodes and weights of the expectation over a normal variable.
    static readonly (double Node, double Weight)[] Hermite = [(-1.7320508075688772, 1 / 6d), (0, 2 / 3d), (1.7320508075688772, 1 / 6d)];

    readonly LossCurve _curve;
    readonly double[] _logs;
    readonly GaussianProcess _process;
    readonly double _floor, _share, _smooth;

    AccuracyModel(LossCurve curve, double[] logs, double[] losses, double[] doubts, double floor, double share, double smooth)
    {
        (_curve, _logs, _floor, _share, _smooth) = (curve, logs, floor, share, smooth);
        double[] scaled = new double[losses.Length], noises = new double[losses.Length];
        for (int i = 0; i < losses.Length; i++)
        {
            double unit = UnitOf(Math.Exp(logs[i]));
            scaled[i] = (losses[i] - curve.Of(Math.Exp(logs[i]))) / unit;
            noises[i] = 1 - smooth + doubts[i] * doubts[i] / (unit * unit);
            LogUnits += Math.Log(unit);
        }

        _process = new GaussianProcess((i, j) => Covariance(logs[i], logs[j]), scaled, noises);
    }

    /// <summary>The curve through all variants.</summary>
    public LossCurve Curve => _curve;

    double LogUnits { get; }

    /// <summary>Learns.</summary>
    /// <param name="measured">Divergence and loss, a share of the baseline's figure, of each variant in the order in which they were measured, and the standard deviation of that loss where it was estimated from some samples; what is not finite is passed over.</param>
    public static AccuracyModel Of(IEnumerable<(double Divergence, double Loss, double Doubt)> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        (double Divergence, double Loss, double Doubt)[] points = [.. measured.Where(point => double.IsFinite(point.Divergence) && double.IsFinite(point.Loss)).TakeLast(MostMeasured)];
        var curve = LossCurve.Fit(points);
        double[] logs = [.. points.Select(point => LogOf(point.Divergence))], losses = [.. points.Select(point => point.Loss)], doubts = [.. points.Select(point => point.Doubt)];
        AccuracyModel? best = null;
        foreach (double floor in Floors)
        {
            foreach (double share in Shares)
            {
                foreach (double smooth in Smooth)
                {
                    var model = new AccuracyModel(curve, logs, losses, doubts, floor, share, smooth);
                    if (best is null || model.LogLikelihood > best.LogLikelihood) best = model;
                }
            }
        }

        return best!;
    }

    /// <summary>The loss at a divergence.</summary>
    /// <param name="logMean">Expected logarithm of the divergence.</param>
    /// <param name="logVariance">Its variance; 0 where the divergence was measured.</param>
    public Prediction Of(double logMean, double logVariance)
    {
        if (double.IsPositiveInfinity(logMean)) return new Prediction(_curve.Top, _share * _curve.Top);
        double mean = 0, square = 0, deviation = Math.Sqrt(logVariance);
        foreach (var (node, weight) in Hermite)
        {
            double log = Math.Max(LogOf(0), logMean + node * deviation), unit = UnitOf(Math.Exp(log));
            double[] covariances = [.. _logs.Select(known => Covariance(known, log))];
            double value = _curve.Of(Math.Exp(log)) + unit * _process.Mean(covariances);
            double variance = unit * unit * (_process.Variance(covariances, _smooth) + 1 - _smooth);
            mean += weight * value;
            square += weight * (value * value + variance);
        }

        return new Prediction(mean, Math.Sqrt(Math.Max(0, square - mean * mean)));
    }

    double LogLikelihood => _process.LogLikelihood - LogUnits;

    static double LogOf(double divergence) => Math.Log(Math.Max(divergence, Composition.Least));

    double UnitOf(double divergence)
    {
        double loss = _curve.Of(divergence);
        return Math.Sqrt(_floor * _floor + _share * _share * loss * loss);
    }

    double Covariance(double one, double other) => _smooth == 0 ? 0 : _smooth * Math.Exp(-(one - other) * (one - other) / (2 * Length * Length));
}
