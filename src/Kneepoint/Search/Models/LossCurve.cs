namespace Kneepoint.Search.Models;

/// <summary>How much of the metric is lost at a divergence: top·(1 − exp(−(D/scale)^power)).</summary>
/// <remarks>
/// Losses of a decision grow with a power of the divergence between a half (the margin that a typical error uses up) and one (the share of samples that a rare error turns), and end where nothing is left to lose.
/// Fitted by least squares over a grid of scales and powers that is refined twice, weighted so that errors relative to the loss count, with a weak prior for when there is little to fit.
/// </remarks>
/// <param name="Top">The loss where nothing is left, as a share of the baseline's figure.</param>
/// <param name="Scale">Of the divergence, nats or the unit that it has.</param>
/// <param name="Power">How steeply it grows.</param>
public sealed record LossCurve(double Top, double Scale, double Power)
{
    // What the prior expects, and how far from it is unusual.
    const double UsualLogScale = 0, LogScaleSpread = 2.5, UsualPower = 0.8, PowerSpread = 0.25;

    // Losses within this are one: what the samples cannot tell.
    const double Floor = 0.005, Relative = 0.3;
    const int Refinements = 3, Steps = 12;

    /// <summary>The expected loss at a divergence of at least 0.</summary>
    public double Of(double divergence) => double.IsPositiveInfinity(divergence) ? Top : Top * -Expm1(-Math.Pow(divergence / Scale, Power));

    /// <summary>How much the loss grows when the divergence grows by a factor e.</summary>
    public double SlopeOf(double divergence)
    {
        double z = Math.Pow(divergence / Scale, Power);
        return double.IsFinite(z) ? Top * Power * z * Math.Exp(-z) : 0;
    }

    /// <summary>Fits a curve.</summary>
    /// <param name="points">Divergence and loss of each variant, and the standard deviation of that loss where it was estimated; infinite divergences are passed over.</param>
    public static LossCurve Fit(IReadOnlyCollection<(double Divergence, double Loss, double Doubt)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        var finite = points.Where(point => double.IsFinite(point.Divergence) && double.IsFinite(point.Loss)).ToArray();
        double top = Math.Max(1, finite.Select(point => point.Loss).DefaultIfEmpty(0).Max());
        var best = new LossCurve(top, 1, UsualPower);
        double least = Misfit(best, finite), logWidth = 9, powerWidth = 0.7;
        for (int refinement = 0; refinement < Refinements; refinement++)
        {
            var center = best;
            for (int i = -Steps; i <= Steps; i++)
            {
                for (int j = -Steps; j <= Steps; j++)
                {
                    double power = center.Power + powerWidth * j / Steps;
                    if (power is < 0.2 or > 2) continue;
                    var curve = new LossCurve(top, center.Scale * Math.Exp(logWidth * i / Steps), power);
                    double misfit = Misfit(curve, finite);
                    if (misfit < least) (best, least) = (curve, misfit);
                }
            }

            (logWidth, powerWidth) = (logWidth / Steps * 1.5, powerWidth / Steps * 1.5);
        }

        return best;
    }

    static double Misfit(LossCurve curve, (double Divergence, double Loss, double Doubt)[] points)
    {
        double sum = Square((Math.Log(curve.Scale) - UsualLogScale) / LogScaleSpread) + Square((curve.Power - UsualPower) / PowerSpread);
        foreach (var (divergence, loss, doubt) in points)
        {
            double expected = curve.Of(divergence);
            double variance = Square(Floor) + Square(Relative * Math.Max(expected, 0)) + Square(doubt);
            sum += Square(loss - expected) / variance + Math.Log(variance);
        }

        return sum;
    }

    static double Square(double x) => x * x;

    // e^x − 1 without the loss of digits near 0.
    static double Expm1(double x) => Math.Abs(x) < 1e-5 ? x + x * x / 2 : Math.Exp(x) - 1;
}
