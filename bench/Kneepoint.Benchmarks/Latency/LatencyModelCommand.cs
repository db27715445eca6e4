using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Search.Models;
using Kneepoint.Studies;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Benchmarks.Latency;

/// <summary>Claim: the time of a variant that was never run is predicted within a tenth. Measures random mixtures of methods, paired with the baseline, and predicts each from the others.</summary>
static class LatencyModelCommand
{
    public const string Name = "latency-model";

    // Not that of the mixtures on which the settings of the model were chosen.
    const int Seed = 2;
    const int Mixtures = 6;
    const int Repeats = 10;
    static readonly int[] Known = [0, 5, 10, 20];

    // With the accuracy that they are taken to lose in this order: a method that rounds more loses more.
    static readonly string[] MethodNames = ["static-int8", "dynamic-int8", "weight-int8", "weight-int4", "fp16-weights"];
    static readonly double[] AssumedLosses = [4, 3, 2, 5, 1];

    /// <summary>Arguments: MODEL DATA VARIANTS.</summary>
    public static int Run(string[] args)
    {
        if (args is not [var file, var dataPath, var variants])
        {
            Console.Error.WriteLine($"{Name}: expected MODEL DATA VARIANTS");
            return 2;
        }

        Measure(file, dataPath, int.Parse(variants, NumberStyles.None, CultureInfo.InvariantCulture));
        return 0;
    }

    static void Measure(string file, string dataPath, int variants)
    {
        using var timed = new TimedNetwork(file, dataPath);
        var (runtime, inputs, model, made) = (timed.Runtime, timed.Inputs, timed.Subject.Baseline, timed.Made);
        var table = TableOf(model);
        var profiles = LatencyProfiles.Of(table, new ProfilingSubject(model, file, inputs, new OrtNodeProfiler(runtime, threads: 1)), Make, Mixtures, Seed, _ => { }, CancellationToken.None);
        Console.WriteLine($"{Path.GetFileName(file)}: {table.Groups.Length} groups, {table.Methods.Length} methods, {profiles.Layout.Neighbors.Length} pairs of neighbors");
        foreach (var profile in profiles.Observations) Print("profile", profile);
        PrintMethods(table, profiles);
        var latency = new PairedLatency { Clock = new ThreadCpuClock(), TimePerVariant = TimeSpan.FromSeconds(3) };
        var random = new Xoshiro256(Seed);
        var measured = new List<LatencyObservation>();
        for (int i = 0; i < variants; i++)
        {
            var assignment = Draw(table, random);
            var (_, network) = Make(table.Compose(assignment));
            var report = latency.Measure(() => runtime.Open(file, new SessionSettings()), [() => runtime.Open(made, new SessionSettings())], inputs);
            measured.Add(profiles.Observe(assignment, made, network, report.Variants[0].Ratio, CancellationToken.None));
            Print(string.Create(CultureInfo.InvariantCulture, $"{report.BaselineMilliseconds.Value:F3} ms {report.Clock} {report.WallOverCpu:F2}"), measured[^1]);
        }

        Report(profiles, measured);

        (string, CompressedNetwork) Make(Recipe recipe) => (made, timed.Make(recipe));
    }

    static void Report(LatencyProfiles profiles, List<LatencyObservation> measured)
    {
        var plain = profiles.Observations.Where((_, i) => i < profiles.Observations.Length - Mixtures).ToArray();
        Console.WriteLine($"{"measured",-10}{"constant",20}{"ratios only",20}{"uniform profiles",20}{"+ mixtures",20}{"+ own profiles",20}{"z rms",8}   median and 90th percentile of |predicted / measured - 1| over unseen variants");
        foreach (int known in Known.Where(known => known < measured.Count))
        {
            var random = new Xoshiro256(Seed);
            var errors = Enumerable.Range(0, 5).Select(_ => new List<double>()).ToArray();
            var scores = new List<double>();
            for (int repeat = 0; repeat < (known == 0 ? 1 : Repeats); repeat++)
            {
                var order = measured.ToList();
                for (int i = order.Count - 1; i > 0; i--)
                {
                    int other = random.Below(i + 1);
                    (order[i], order[other]) = (order[other], order[i]);
                }

                var seen = order[..known];
                var bare = seen.Select(observation => observation with { Parts = null });
                LatencyModel[] models =
                [
                    LatencyModel.Of(profiles.Layout, plain[..1].Concat(bare)),
                    LatencyModel.Of(profiles.Layout, plain.Concat(bare)),
                    LatencyModel.Of(profiles.Layout, profiles.Observations.Concat(bare)),
                    LatencyModel.Of(profiles.Layout, profiles.Observations.Concat(seen)),
                ];
                double constant = known == 0 ? 1 : seen.Select(observation => observation.Ratio).Order().ElementAt(known / 2);
                foreach (var unseen in order[known..])
                {
                    errors[0].Add(Math.Abs(constant / unseen.Ratio - 1));
                    for (int m = 0; m < models.Length; m++) errors[m + 1].Add(Math.Abs(models[m].Predict(unseen.Assignment).Mean / unseen.Ratio - 1));
                    var (mean, deviation) = models[^1].Predict(unseen.Assignment);
                    scores.Add((mean - unseen.Ratio) / Math.Sqrt(deviation * deviation + unseen.Deviation!.Value * unseen.Deviation.Value));
                }
            }

            Console.WriteLine($"{known,-10}" + string.Concat(errors.Select(list => string.Create(CultureInfo.InvariantCulture, $"{Quantile(list, 0.5),12:P1}{Quantile(list, 0.9),8:P1}")))
                + string.Create(CultureInfo.InvariantCulture, $"{Math.Sqrt(scores.Average(score => score * score)),8:F2}"));
        }

        var checks = LatencyModel.Of(profiles.Layout, profiles.Observations.Concat(measured)).CrossValidate();
        double[] left = [.. checks.Select(check => check.RelativeError)];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"each predicted from all others: median {Quantile([.. left], 0.5):P1}, 90th percentile {Quantile([.. left], 0.9):P1}, largest {left.Max():P1}"));
    }

    static void PrintMethods(ChoiceTable table, LatencyProfiles profiles)
    {
        Console.WriteLine("layers of a kernel treated by one method: time and bytes against keeping them");
        var kinds = table.Groups.SelectMany((group, place) => group.Choices.Select((choice, i) => (group, place, choice, i))).Where(entry => !entry.choice.Method.IsKeep)
            .GroupBy(entry => (Float: profiles.Layout.Kernels[entry.place][0], Method: entry.choice.Method.Text, Kernel: profiles.Layout.Kernels[entry.place][entry.i]));
        foreach (var kind in kinds)
        {
            double time = kind.Sum(entry => profiles.ChoiceTimes[entry.place][entry.i]) / kind.Sum(entry => profiles.ChoiceTimes[entry.place][0]);
            double bytes = kind.Sum(entry => entry.choice.FileBytes) / kind.Sum(entry => entry.group.Choices[0].FileBytes);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {kind.Count(),3} x {kind.Key.Float,-26} {kind.Key.Method,-13} {kind.Key.Kernel,-36} time x {time:F2}  bytes x {bytes:F2}"));
        }

        var pruned = OptionPruning.Of(table, profiles.ChoiceTimes);
        Console.WriteLine($"{pruned.Length} of {table.Groups.Sum(group => group.Choices.Length)} options cannot pay, if what rounds more loses more:");
        foreach (var option in pruned) Console.WriteLine($"  {option.Reason}");
    }

    static void Print(string what, LatencyObservation observation) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"{what,-22} {string.Join(',', observation.Assignment)} {observation.Ratio:F4} ± {observation.Deviation ?? 0:F4} | {string.Join(' ', observation.Parts!.Value.Select(part => part.ToString("F1", CultureInfo.InvariantCulture)))}"));

    static double Quantile(List<double> values, double share)
    {
        values.Sort();
        return values[Math.Min(values.Count - 1, (int)(share * values.Count))];
    }

    // The weights of the methods differ from variant to variant, so that not all variants lie near the mean.
    static ImmutableArray<int> Draw(ChoiceTable table, Xoshiro256 random)
    {
        double[] weights = [.. Enumerable.Range(0, 1 + MethodNames.Length).Select(_ => Math.Pow(-Math.Log(1 - random.NextDouble()), 3))];
        return [.. table.Groups.Select(group =>
        {
            double[] own = [.. group.Choices.Select(choice => weights[choice.Method.IsKeep ? 0 : 1 + Array.IndexOf(MethodNames, choice.Method.Name)])];
            double left = random.NextDouble() * own.Sum();
            int pick = 0;
            while (pick < own.Length - 1 && (left -= own[pick]) >= 0) pick++;
            return pick;
        })];
    }

    static ChoiceTable TableOf(OnnxModel baseline)
    {
        var layers = Compressor.LayersOf(baseline);
        var index = new GraphIndex(baseline);
        var methods = MethodNames.Select(name => MethodCatalog.Parse(new Step(name, [Step.WholeNetwork], ImmutableSortedDictionary<string, string>.Empty))).ToArray();
        var choices = layers.SelectMany(layer => methods.Where(method => method.WhyNot(layer, index) is null)
            .Select(method => new LayerChoice(layer.Id, new LayerMethod(method.Name, method.Options), method.EstimateBytes(layer), 0, AssumedLosses[Array.IndexOf(MethodNames, method.Name)]))
            .Prepend(new LayerChoice(layer.Id, LayerMethod.Keep, layer.WeightCount * sizeof(float), 0, 0)));
        return ChoiceTable.Of([.. layers.Select(layer => layer.Id)], choices, layers.Where(layer => layer.SharedWith.Length > 0).Select(layer => (IReadOnlyCollection<string>)[layer.Id, .. layer.SharedWith]));
    }
}
