namespace Kneepoint.Search.Models;

/// <summary>A prediction with its uncertainty.</summary>
/// <param name="Mean">The expected value.</param>
/// <param name="Deviation">Its standard deviation.</param>
public readonly record struct Prediction(double Mean, double Deviation);

/// <summary>Predicts the loss of accuracy on the evaluation samples from the divergence on calibration samples.</summary>
/// <remarks>
/// A <see cref="LossCurve"/> through all measured variants, and a Gaussian process over what it leaves unexplained, in units that grow with the loss, for losses that are twice as large err twice as much, and with the number of samples that turn at all, for
/// where as many turn to the right as to the wrong nothing is lost but much is left to luck: their number goes with the size of a typical error, the root of the divergence. Its covariance has two kinds. One falls
/// with the distance of the divergences' logarithms. The other is luck that variants share: those whose errors correlate by ρ (<see cref="Composition.Correlation"/>) turn partly the same samples. A sample turns where the error is larger than
/// its margin; for margins that are evenly spread near 0 and errors that are normal, the share that both turn is E min(e₁⁺, e₂⁺) / E e⁺ = 1 − √((1 − ρ)/2). What is left is luck of each variant alone. The parameters are those of a small
/// grid that make the measurements most likely.
/// </remarks>
public sealed class AccuracyModel
{
    const int MostMeasured = 300;
    static readonly double[] Turned = [0.006, 0.012, 0.025, 0.05, 0.1];
    static readonly double[] Shares = [0.1, 0.2, 0.4, 0.8];
    static readonly (double Smooth, double Luck)[] Kinds = [(0, 0), (0.3, 0), (0.7, 0), (0, 0.5), (0, 0.9), (0.3, 0.3), (0.3, 0.6), (0.6, 0.3)];
    const double Length = 0.7;

    // Less than this no set of samples can tell.
    const double Floor = 3e-4;

    // Nodes and weights of the expectation over a normal variable.
    static readonly (double Node, double Weight)[] Hermite = [(-1.7320508075688772, 1 / 6d), (0, 2 / 3d), (1.7320508075688772, 1 / 6d)];

    readonly LossCurve _curve;
    readonly Known _known;
    readonly GaussianProcess _process;
    readonly double _turned, _share, _smooth, _luck;

    AccuracyModel(LossCurve curve, Known known, double turned, double share, double smooth, double luck)
    {
        (_curve, _known, _turned, _share, _smooth, _luck) = (curve, known, turned, share, smooth, luck);
        double[] scaled = new double[known.Losses.Length], noises = new double[known.Losses.Length];
        for (int i = 0; i < scaled.Length; i++)
        {
            double unit = UnitOf(Math.Exp(known.Logs[i]));
            scaled[i] = (known.Losses[i] - curve.Of(Math.Exp(known.Logs[i]))) / unit;
            noises[i] = 1 - smooth - luck + known.Doubts[i] * known.Doubts[i] / (unit * unit);
            LogUnits += Math.Log(unit);
        }

        _process = new GaussianProcess((i, j) => Covariance(known.Logs[i], known.Logs[j], known.Alike[i][j]), scaled, noises);
    }

    /// <summary>The curve through all variants.</summary>
    public LossCurve Curve => _curve;

    double LogUnits { get; }

    /// <summary>Learns.</summary>
    /// <param name="measured">Parts, divergence and loss, a share of the baseline's figure, of each variant in the order in which they were measured, and the standard deviation of that loss where it was estimated from some samples; what is not finite is passed over.</param>
    public static AccuracyModel Of(IEnumerable<(Composition Parts, double Divergence, double Loss, double Doubt)> measured)
    {
        ArgumentNullException.ThrowIfNull(measured);
        (Composition Parts, double Divergence, double Loss, double Doubt)[] points = [.. measured.Where(point => double.IsFinite(point.Divergence) && double.IsFinite(point.Loss)).TakeLast(MostMeasured)];
        var curve = LossCurve.Fit([.. points.Select(point => (point.Divergence, point.Loss, point.Doubt))]);
        var known = Known.Of([.. points.Select(point => point.Parts)], [.. points.Select(point => LogOf(point.Divergence))], [.. points.Select(point => point.Loss)], [.. points.Select(point => point.Doubt)]);
        AccuracyModel? best = null;
        foreach (double turned in Turned)
        {
            foreach (double share in Shares)
            {
                foreach (var (smooth, luck) in Kinds)
                {
                    var model = new AccuracyModel(curve, known, turned, share, smooth, luck);
                    if (best is null || model.LogLikelihood > best.LogLikelihood) best = model;
                }
            }
        }

        return best!;
    }

    /// <summary>The loss at a divergence.</summary>
    /// <param name="parts">What makes the divergence.</param>
    /// <param name="logMean">Expected logarithm of the divergence.</param>
    /// <param name="logVariance">Its variance; 0 where the divergence was measured.</param>
    public Prediction Of(Composition parts, double logMean, double logVariance)
    {
        if (double.IsPositiveInfinity(logMean)) return new Prediction(_curve.Top, _share * _curve.Top);
        double[] alike = _known.AlikeTo(parts);
        double mean = 0, square = 0, deviation = Math.Sqrt(logVariance);
        foreach (var (node, weight) in Hermite)
        {
            double log = Math.Max(LogOf(0), logMean + node * deviation), unit = UnitOf(Math.Exp(log));
            double[] covariances = Covariances(log, alike);
            double value = _curve.Of(Math.Exp(log)) + unit * _process.Mean(covariances);
            double variance = unit * unit * (_process.Variance(covariances, _smooth + _luck) + 1 - _smooth - _luck);
            mean += weight * value;
            square += weight * (value * value + variance);
        }

        return new Prediction(mean, Math.Sqrt(Math.Max(0, square - mean * mean)));
    }

    /// <summary>The model once a variant has come out as expected: nothing is expected otherwise, but of those like it less is left to find out.</summary>
    /// <param name="parts">What makes its divergence.</param>
    /// <param name="logMean">Expected logarithm of the divergence.</param>
    public AccuracyModel After(Composition parts, double logMean)
    {
        if (!double.IsFinite(logMean)) return this;
        double log = Math.Max(LogOf(0), logMean);
        double loss = _curve.Of(Math.Exp(log)) + UnitOf(Math.Exp(log)) * _process.Mean(Covariances(log, _known.AlikeTo(parts)));
        return new AccuracyModel(_curve, _known.With(parts, log, loss), _turned, _share, _smooth, _luck);
    }

    double LogLikelihood => _process.LogLikelihood - LogUnits;

    static double LogOf(double divergence) => Math.Log(Math.Max(divergence, Composition.Least));

    double UnitOf(double divergence)
    {
        double loss = _curve.Of(divergence);
        return Math.Sqrt(Floor * Floor + _turned * _turned * Math.Sqrt(divergence) + _share * _share * loss * loss);
    }

    double[] Covariances(double log, double[] alike) => [.. _known.Logs.Select((known, i) => Covariance(known, log, alike[i]))];

    double Covariance(double one, double other, double alike) => (_smooth == 0 ? 0 : _smooth * Math.Exp(-(one - other) * (one - other) / (2 * Length * Length))) + _luck * alike;

    // What was measured: logarithms of divergences, losses, the deviations of those that were estimated, and the share of turned samples that each two turn alike.
    sealed record Known(Composition[] Parts, double[] Logs, double[] Losses, double[] Doubts, double[][] Alike)
    {
        public static Known Of(Composition[] parts, double[] logs, double[] losses, double[] doubts) =>
            new(parts, logs, losses, doubts, [.. parts.Select((one, i) => (double[])[.. parts.Select((other, j) => i == j ? 1 : TurnedAlike(one, other))])]);

        public Known With(Composition parts, double log, double loss)
        {
            double[] alike = AlikeTo(parts);
            return new([.. Parts, parts], [.. Logs, log], [.. Losses, loss], [.. Doubts, 0], [.. Alike.Select((row, i) => (double[])[.. row, alike[i]]), [.. alike, 1]]);
        }

        public double[] AlikeTo(Composition parts) => [.. Parts.Select(known => TurnedAlike(known, parts))];

        static double TurnedAlike(Composition one, Composition other) => 1 - Math.Sqrt((1 - one.Correlation(other)) / 2);
    }
}
