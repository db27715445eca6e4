using System.Diagnostics;
using System.Globalization;

namespace Kneepoint.Benchmarks.Coverage;

/// <summary>Prints how often each interval holds the truth: <c>coverage [SIMULATIONS] [NAME-PART]</c>.</summary>
static class CoverageCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "coverage";

    const int DefaultSimulations = 20_000;
    const long Seed = 20_260_101;

    /// <summary>Runs the experiments whose name contains a text.</summary>
    /// <returns>0 if every coverage is between 94 and 96 %, else 1.</returns>
    public static int Run(string[] arguments)
    {
        int simulations = arguments.Length > 0 ? int.Parse(arguments[0], NumberStyles.None, CultureInfo.InvariantCulture) : DefaultSimulations;
        string part = arguments.Length > 1 ? arguments[1] : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{simulations} simulations, seed {Seed}"));
        Console.WriteLine($"{"",-62} {"n",6} {"coverage",9} {"± s.e.",7} {"truth below",12} {"above",7} {"seconds",8}");
        bool isKept = true;
        foreach (var experiment in CoverageExperiments.All.Where(experiment => experiment.Name.Contains(part, StringComparison.OrdinalIgnoreCase)))
        {
            long started = Stopwatch.GetTimestamp();
            var result = experiment.Run(simulations, Seed);
            bool isInside = result.Coverage is >= CoverageExperiment.Lowest and <= CoverageExperiment.Highest;
            isKept &= isInside;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{experiment.Name,-62} {experiment.Samples,6} {100 * result.Coverage,7:F2} % {100 * result.StandardError,7:F2} {100 * result.BelowLow,10:F2} % {100 * (1 - result.Coverage - result.BelowLow),5:F2} % {Stopwatch.GetElapsedTime(started).TotalSeconds,8:F1}{(isInside ? "" : "  outside 94 to 96 %")}"));
        }

        return isKept ? 0 : 1;
    }
}
