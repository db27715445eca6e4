using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Tests.Measurement.Latency;

public sealed class LatencyFiguresTests
{
    [Fact]
    public void The_interval_of_the_ratio_is_that_of_the_bootstrap_over_all_resamples_of_the_sessions()
    {
        double[] logRatios = [-0.20, -0.17, -0.26, -0.21, -0.19];

        var ratio = LatencyFigures.Of([.. logRatios.Select(Session)], 1).Variants[0].Ratio;

        // All 5^5 resamples, one after the other.
        double sum = 0, squares = 0;
        for (int resample = 0; resample < 3125; resample++)
        {
            double mean = 0;
            for (int draw = 0, rest = resample; draw < 5; draw++, rest /= 5) mean += logRatios[rest % 5] / 5;
            sum += mean;
            squares += mean * mean;
        }

        double center = sum / 3125, standardError = Math.Sqrt(squares / 3125 - center * center);
        double half = StudentDistribution.TwoSided(0.95, 4) * standardError * Math.Sqrt(5 / 4.0);
        Assert.Equal(Math.Exp(-0.20), ratio.Value, 1e-12);
        Assert.Equal(Math.Exp(center - half), ratio.Low, 1e-9);
        Assert.Equal(Math.Exp(center + half), ratio.High, 1e-9);
    }

    static SessionTimes Session(double logRatio)
    {
        var times = new SessionTimes(2);
        for (int round = 0; round < 4; round++)
        {
            times.Add(0, new RunTime(1e6, 1e6));
            times.Add(1, new RunTime(1e6 * Math.Exp(logRatio), 1e6 * Math.Exp(logRatio)));
        }

        return times;
    }
}
