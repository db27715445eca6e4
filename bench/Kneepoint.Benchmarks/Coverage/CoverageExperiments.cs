using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Benchmarks.Coverage;

/// <summary>The situations in which the intervals are promised to hold the truth in 94 to 96 % of all cases.</summary>
static class CoverageExperiments
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<CoverageExperiment> All { get; } =
    [
        .. Proportions(), .. Paired(), .. Means(), .. Curves(), .. Scores(), .. Latencies(),
    ];

    static IEnumerable<CoverageExperiment> Proportions()
    {
        foreach (var (n, p) in new[] { (200, 0.8), (1000, 0.9), (1000, 0.93), (4500, 0.918), (10_000, 0.97) })
        {
            yield return new($"Wilson, p = {p}", n, random => (Wilson.Of(Binomial(random, n, p), n), p));
        }

        // For one p coverage swings, since successes are whole numbers: what can be promised for few samples is the average over p.
        foreach (int n in new[] { 30, 50, 100 })
        {
            yield return new("Wilson, p uniform in 0 to 1", n, random =>
            {
                double p = random.NextDouble();
                return (Wilson.Of(Binomial(random, n, p), n), p);
            });
        }

        foreach (int n in new[] { 100, 300, 1000 })
        {
            yield return new("Wilson, p uniform in 0.9 to 1", n, random =>
            {
                double p = 0.9 + 0.1 * random.NextDouble();
                return (Wilson.Of(Binomial(random, n, p), n), p);
            });
        }
    }

    static IEnumerable<CoverageExperiment> Paired()
    {
        foreach (var (n, gain, loss) in new[] { (250, 0.10, 0.05), (300, 0.05, 0.05), (500, 0.03, 0.05), (400, 0.02, 0.08), (1000, 0.01, 0.02), (4500, 0.004, 0.006), (10_000, 0.003, 0.003) })
        {
            yield return new($"paired proportions, {gain} gained and {loss} lost", n, random => (Change(random, n, gain, loss), gain - loss));
        }

        yield return new("paired proportions, gains and losses uniform in 0 to 0.1", 100, random =>
        {
            double gain = 0.1 * random.NextDouble(), loss = 0.1 * random.NextDouble();
            return (Change(random, 100, gain, loss), gain - loss);
        });
    }

    static IEnumerable<CoverageExperiment> Means()
    {
        foreach (int n in new[] { 50, 200 })
        {
            yield return Of("bootstrap, mean of normal numbers", n, 0.3, random => MeanOf(n, random, r => 0.3 + Normal(r)));
        }

        yield return Of("bootstrap, mean of exponential numbers", 200, 1, random => MeanOf(200, random, Exponential));
        // Sequences whose tokens share a part of their loss, of unequal length: a ratio of sums. The true ratio is 2: length and own part are independent.
        yield return Of("bootstrap, nll per token over sequences", 100, 2, random => OfScores(new NegativeLogLikelihood("y"), 100, random, r =>
        {
            int tokens = 5 + r.Below(31);
            double own = Exponential(r), sum = 0;
            for (int t = 0; t < tokens; t++) sum += own + Exponential(r);
            return [(float)sum, tokens];
        }));
        yield return Of("bootstrap, mean squared error", 150, 1, random => OfScores(new SquaredError("y"), 150, random, r =>
        {
            double sum = 0;
            for (int e = 0; e < 4; e++) sum += Math.Pow(Normal(r), 2);
            return [(float)sum, 4];
        }));
        yield return Of("bootstrap, PSNR", 150, 20, random => OfScores(new SquaredError("y", 10), 150, random, r => [(float)Math.Pow(Normal(r), 2), 1]));
        yield return Of("bootstrap, paired change of the mean squared error", 120, 0.1, random =>
        {
            float[] first = new float[240], second = new float[240];
            for (int i = 0; i < 120; i++)
            {
                double difficulty = Exponential(random);
                (first[2 * i], first[2 * i + 1]) = ((float)difficulty, 1);
                (second[2 * i], second[2 * i + 1]) = ((float)(difficulty + 0.2 * Exponential(random) - 0.1 + 0.05 * Normal(random)), 1);
            }

            return Difference(new SquaredError("y"), second, first);
        });
    }

    static IEnumerable<CoverageExperiment> Curves()
    {
        var metric = new AreaUnderCurve("y");
        foreach (var (n, shift, positives) in new[] { (150, 1.2, 0.5), (150, 2.0, 0.3), (200, 0, 0.5), (500, 1.2, 0.5), (500, 2.5, 0.2), (1000, 2.0, 0.1) })
        {
            double truth = NormalDistribution.Cumulative(shift / Math.Sqrt(2));
            yield return new(FormattableString.Invariant($"AUC {truth:F3}, {100 * positives} % positive"), n, random =>
            {
                float[] scores = new float[2 * n];
                for (int i = 0; i < n; i++)
                {
                    int label = random.NextDouble() < positives ? 1 : 0;
                    (scores[2 * i], scores[2 * i + 1]) = ((float)(Normal(random) + shift * label), label);
                }

                return (metric.WithInterval(scores)!.Value, truth);
            });
        }

        // Both see the same evidence; the second through more noise of its own.
        const int Count = 400;
        double better = NormalDistribution.Cumulative(1.5 / Math.Sqrt(2 * (1 + 0.04))), worse = NormalDistribution.Cumulative(1.5 / Math.Sqrt(2 * (1 + 0.25)));
        yield return Of("paired change of AUC", Count, worse - better, random =>
        {
            float[] first = new float[2 * Count], second = new float[2 * Count];
            for (int i = 0; i < Count; i++)
            {
                int label = random.Below(2);
                double evidence = Normal(random) + 1.5 * label;
                (first[2 * i], first[2 * i + 1]) = ((float)(evidence + 0.2 * Normal(random)), label);
                (second[2 * i], second[2 * i + 1]) = ((float)(evidence + 0.5 * Normal(random)), label);
            }

            return Difference(new AreaUnderCurve("y"), second, first);
        });
    }

    static IEnumerable<CoverageExperiment> Scores()
    {
        foreach (int n in new[] { 200, 600 })
        {
            // True positives 0.3 · 0.8, false ones 0.7 · 0.1.
            const double Positives = 0.3, Hit = 0.8, FalseAlarm = 0.1;
            const double Truth = 2 * Positives * Hit / (Positives * Hit + (1 - Positives) * FalseAlarm + Positives);
            yield return Of("F1 of two classes", n, Truth, random => OfScores(new F1("y"), n, random, r =>
            {
                int label = r.NextDouble() < Positives ? 1 : 0;
                int decision = r.NextDouble() < (label == 1 ? Hit : FalseAlarm) ? 1 : 0;
                return [decision, label, 2];
            }));
        }

        // Five classes of unequal size, each decided right at 0.9, else evenly wrong.
        double[] shares = [0.4, 0.25, 0.15, 0.12, 0.08];
        double macro = shares.Average(share => 2 * share * 0.9 / (share * 0.9 + (1 - share) * 0.1 / 4 + share));
        yield return Of("macro F1 of five classes", 500, macro, random => OfScores(new F1("y"), 500, random, r =>
        {
            double at = r.NextDouble();
            int label = 0;
            while (label < 4 && at >= shares[label]) at -= shares[label++];
            int decision = r.NextDouble() < 0.9 ? label : (label + 1 + r.Below(4)) % 5;
            return [decision, label, 5];
        }));
    }

    static IEnumerable<CoverageExperiment> Latencies()
    {
        yield return Latency("latency ratio, sessions differ by 1 %", 0.01, 0.02);
        yield return Latency("latency ratio, sessions alike, visits scatter by 5 %", 0, 0.05);
        yield return Latency("latency ratio, sessions differ by 3 %", 0.03, 0.02);
    }

    // Five sessions of 32 rounds. Each session shifts each network's time by its place in memory; visits scatter, one in ten is disturbed by half of its time and
    // more, and the machine drifts.
    static CoverageExperiment Latency(string name, double betweenSessions, double withinSession)
    {
        const double Truth = 0.8;
        return new(name, 5, random =>
        {
            var sessions = new List<SessionTimes>();
            for (int s = 0; s < 5; s++)
            {
                double first = betweenSessions * Normal(random), second = betweenSessions * Normal(random), drift = 0;
                var times = new SessionTimes(2);
                for (int round = 0; round < 32; round++)
                {
                    drift += 0.002 * Normal(random);
                    double a = 1e6 * Math.Exp(first + drift + Scatter(random, withinSession));
                    double b = Truth * 1e6 * Math.Exp(second + drift + Scatter(random, withinSession));
                    times.Add(0, new RunTime(a, a));
                    times.Add(1, new RunTime(b, b));
                }

                sessions.Add(times);
            }

            return (LatencyFigures.Of(sessions, 1).Variants[0].Ratio, Truth);
        });
    }

    static double Scatter(Xoshiro256 random, double size) =>
        size * Normal(random) + (random.NextDouble() < 0.1 ? 0.5 * Exponential(random) : 0);

    static CoverageExperiment Of(string name, int n, double truth, Func<Xoshiro256, FigureOfCounts> draw) =>
        new(name, n, random => (Bootstrap.Of(draw(random), n, (long)random.Next()), truth)) { IsSlow = true };

    static FigureOfCounts OfScores(IMetric metric, int n, Xoshiro256 random, Func<Xoshiro256, float[]> row)
    {
        float[] scores = new float[n * metric.ScoresPerSample];
        for (int i = 0; i < n; i++) row(random).CopyTo(scores.AsSpan(i * metric.ScoresPerSample));
        return metric.OfCounts(scores);
    }

    static FigureOfCounts Difference(IMetric metric, float[] second, float[] first)
    {
        var ofSecond = metric.OfCounts(second);
        var ofFirst = metric.OfCounts(first);
        return counts => ofSecond(counts) - ofFirst(counts);
    }

    static FigureOfCounts MeanOf(int n, Xoshiro256 random, Func<Xoshiro256, double> number) =>
        OfScores(new Agreement("y", 2), n, random, r => [(float)number(r)]);

    static Interval Change(Xoshiro256 random, int n, double gain, double loss)
    {
        int gained = 0, lost = 0;
        for (int i = 0; i < n; i++)
        {
            double at = random.NextDouble();
            if (at < gain) gained++;
            else if (at < gain + loss) lost++;
        }

        return PairedProportions.Change(gained, lost, n);
    }

    static int Binomial(Xoshiro256 random, int n, double p)
    {
        int successes = 0;
        for (int i = 0; i < n; i++) successes += random.NextDouble() < p ? 1 : 0;
        return successes;
    }

    static double Exponential(Xoshiro256 random) => -Math.Log(1 - random.NextDouble());

    static double Normal(Xoshiro256 random) => Math.Sqrt(2 * Exponential(random)) * Math.Cos(2 * Math.PI * random.NextDouble());
}
