using Kneepoint.Benchmarks.Coverage;

namespace Kneepoint.Tests.Measurement.Statistics;

/// <summary>The experiments of <c>bench/Kneepoint.Benchmarks -- coverage</c> with fewer simulations; seeded, so that each run gives the same.</summary>
public sealed class CoverageTests
{
    const long Seed = 1;
    const int Simulations = 10_000;
    const int SlowSimulations = 400;
    const int MostSlowSamples = 200;

    public static TheoryData<string, int> Experiments => [.. CoverageExperiments.All.Where(experiment => !experiment.IsSlow || experiment.Samples <= MostSlowSamples).Select(experiment => (experiment.Name, experiment.Samples))];

    // The promise, 94 to 96 %, and three standard errors of the coverage that so many simulations give.
    [Theory]
    [MemberData(nameof(Experiments))]
    public void Intervals_hold_the_truth_in_94_to_96_percent_of_all_cases(string name, int samples)
    {
        var experiment = CoverageExperiments.All.Single(experiment => experiment.Name == name && experiment.Samples == samples);
        var result = experiment.Run(experiment.IsSlow ? SlowSimulations : Simulations, Seed);
        double slack = 3 * Math.Sqrt(0.95 * 0.05 / result.Simulations);

        Assert.InRange(result.Coverage, CoverageExperiment.Lowest - slack, CoverageExperiment.Highest + slack);
    }
}
