using System.Globalization;
using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;

namespace Kneepoint.Benchmarks.Latency;

/// <summary>Claim: what the runtime executes tells without a clock which variants are slow. Prints, for a network under each method on all its layers and in each form, the estimated and the profiled time, and each node's on request.</summary>
static class TimeEstimateCommand
{
    public const string Name = "time-estimates";

    /// <summary>Arguments: MODEL DATA [nodes].</summary>
    public static int Run(string[] args)
    {
        if (args is not [var file, var dataPath, .. { Length: <= 1 } rest])
        {
            Console.Error.WriteLine($"{Name}: expected MODEL DATA [nodes]");
            return 2;
        }

        Measure(file, dataPath, rest is ["nodes"]);
        return 0;
    }

    static void Measure(string file, string dataPath, bool showsNodes)
    {
        using var timed = new TimedNetwork(file, dataPath);
        var (runtime, inputs) = (timed.Runtime, timed.Inputs);
        var profiler = new OrtNodeProfiler(runtime, threads: 1);
        bool hasDotProducts = !Measurement.Findings.SaturationRisk.Saturates(MachineDescription.Current(runtime.Name, 1, 1).InstructionSets);
        Console.WriteLine($"{Path.GetFileName(file)}, {(hasDotProducts ? "with" : "without")} dot products of bytes; microseconds, and ratios to the baseline's");
        Console.WriteLine($"{"recipe",-34}{"profiled",10}{"estimated",10}{"profiled",10}{"estimated",10}");
        (double Profiled, double Estimated) baseline = default;
        var ratios = new List<(double Profiled, double Estimated)>();
        foreach (var recipe in Recipes())
        {
            try
            {
                var network = timed.Make(recipe);
                var profiles = profiler.Profile([file, timed.Made], inputs);
                var shapes = ShapeCompletion.Infer(runtime, network.Model, inputs);
                var work = ExecutedWork.Of(profiles[1].Marked, profiles[1].Executed, NetworkCost.Of(network.Model, shapes), shapes);
                double estimated = TimeEstimate.Nanoseconds(work, hasDotProducts) / 1000;
                if (baseline == default) baseline = (profiles[1].RunMicroseconds, estimated);
                ratios.Add((profiles[1].RunMicroseconds / profiles[0].RunMicroseconds, estimated / baseline.Estimated));
                string name = recipe.Steps.IsEmpty ? "baseline" : string.Join(' ', recipe.Steps[0].Options.Select(option => $"{option.Key}={option.Value}").Prepend(recipe.Steps[0].Method));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-34}{profiles[1].RunMicroseconds,10:F1}{estimated,10:F1}{ratios[^1].Profiled,10:F3}{ratios[^1].Estimated,10:F3}"));
                for (int i = 0; showsNodes && i < work.Length; i++)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"  {work[i].Operator,-40} macs {work[i].Macs,10} weights {work[i].Weights,8} in {work[i].InputElements,8} out {work[i].OutputElements,8}: {(i < profiles[1].Nodes.Length ? profiles[1].Nodes[i].Microseconds : double.NaN),9:F2} {TimeEstimate.Nanoseconds(work[i], hasDotProducts) / 1000,9:F2}"));
                }
            }
            catch (Exception exception) when (exception is RecipeNotApplicableException or OnnxModelException)
            {
                // Not every method suits every network.
            }
        }

        double[] errors = [.. ratios.Skip(1).Select(ratio => Math.Abs(ratio.Estimated / ratio.Profiled - 1)).Order()];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"ratios off by {errors[errors.Length / 2]:P0} in the median, {errors[errors.Length * 9 / 10]:P0} at the 90th percentile"));
    }

    // The usual variation of each method, and every form.
    static IEnumerable<Recipe> Recipes() =>
    [
        Recipe.Baseline,
        .. MethodCatalog.Grid.Where(method => !method.TreatsWholeNetwork).DistinctBy(method => method.Name).Concat(MethodCatalog.Restructuring)
            .Select(method => new Recipe([method.ToStep(Step.WholeNetwork)])),
    ];
}
