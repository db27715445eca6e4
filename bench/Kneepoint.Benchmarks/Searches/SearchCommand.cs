using System.Diagnostics;
using System.Globalization;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Searches;

/// <summary>Claim: the planned search reaches in 60 trials what NSGA-II and random search do not reach in 600. Hypervolume over trials, the same space, one shared store of measured recipes.</summary>
static class SearchCommand
{
    public const string Name = "searches";
    static readonly int[] Marks = [10, 20, 40, 60, 100, 200, 400, 600];

    /// <summary>Arguments: MODEL DATA STORE OBJECTIVES SEARCH:TRIALS:SEEDS…, such as "m.onnx data.yaml store.db accuracy,fileBytes exact:60:3 random:600:3"; METHODS may follow the objectives after a slash.</summary>
    public static int Run(string[] args)
    {
        if (args is not [var file, var dataPath, var storeFile, var aims, .. { Length: > 0 } searches])
        {
            Console.Error.WriteLine($"{Name}: expected MODEL DATA STORE OBJECTIVES[/METHODS] SEARCH:TRIALS:SEEDS…, a search one of exact, nsga2, random");
            return 2;
        }

        const int Samples = 1000;
        string[] parts = aims.Split('/');
        var model = OnnxModel.Load(file);
        var runtime = new OrtRuntime(1);
        using var session = runtime.Open(file, new SessionSettings());
        using var data = DatasetFile.Open(dataPath, session.Inputs, session.Outputs, new SkiaImageDecoder(), 1);
        bool isProbability = OutputKind.IsProbability(model, MetricChoice.Scored(session.Outputs, data.Output).Name);
        var metric = MetricChoice.Of(data.Metric, session.Outputs, data.Output, isProbability, data.Peak ?? 1);
        var subject = new Subject(model, file, data, metric, runtime) { FixedBatchSize = FixedBatch.Of(session) };
        using var shared = SqliteStudyStore.Open(storeFile);
        var settings = new ExplorationSettings
        {
            Objectives = [.. parts[0].Split(',')],
            Methods = parts.Length > 1 ? [.. parts[1].Split(',')] : [],
            FitsInSuccession = false,
            EvaluationThreads = Environment.ProcessorCount,
            IntegerSumsSaturate = SaturationRisk.Saturates(MachineDescription.Current(runtime.Name, 1, 1).InstructionSets),
        };
        var costs = new CostModel(subject);
        var calibration = new StudyCalibration(subject, shared, settings);
        var runner = new SharedTrials(subject, calibration, shared, settings, costs, Samples);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}: {metric.Name}, objectives {parts[0]}, {Math.Min(Samples, data.Count(DataPart.Evaluate))} evaluation samples"));
        bool isFirst = true;
        foreach (string search in searches)
        {
            string[] words = search.Split(':');
            int trials = int.Parse(words[1], CultureInfo.InvariantCulture), seeds = int.Parse(words[2], CultureInfo.InvariantCulture);
            for (int seed = 1; seed <= seeds; seed++)
            {
                var own = settings with { Search = Enum.Parse<SearchKind>(words[0], ignoreCase: true), TrialCount = trials, Seed = seed };
                var store = new TrialsInMemory(shared);
                using var probes = new ProbePass(subject, calibration, store, own, costs.Of);
                var source = new SpaceSource(subject, probes, own, costs.MacsOf);
                var objectives = own.Objectives.Select(name => Objective.Of(name, metric.IsMaximized)).ToArray();
                var volumes = new List<double>();
                var clock = Stopwatch.StartNew();
                var predictions = new List<(double Mean, double Deviation, double Measured)>();
                new Exploration(store, runner, source, own, TimeProvider.System).Run(trial =>
                {
                    volumes.Add(ParetoView.Of(store.Trials(), objectives).Volume ?? 0);
                    if (source.Planned.FirstOrDefault(planned => planned.Recipe.Equals(trial.Recipe)) is { } planned && trial.Outcome is TrialOutcome.Measured { Figures: var figures })
                    {
                        double loss = -figures.AccuracyChange.Value / (figures.Accuracy.Value - figures.AccuracyChange.Value);
                        predictions.Add((planned.Loss.Mean, planned.Loss.Deviation, loss));
                        if (Environment.GetEnvironmentVariable("VERBOSE") is not null)
                        {
                            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {trial.Number}: loss {loss:F4}, expected {planned.Loss.Mean:F4} ± {planned.Loss.Deviation:F4}; bytes {figures.Memory.FileBytes}, expected {planned.Costs[0]:F0}; worth {planned.Worth:E2}; form {planned.Genome.Form}{(planned.Genome.IsFitted ? " fitted" : "")}; volume {volumes[^1]:G6}"));
                        }
                    }
                }, _ => { }, CancellationToken.None);
                bool isShown = isFirst;
                isFirst = false;
                if (isShown && source.Space is { } space)
                {
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{space.Table.Groups.Length} groups of layers, {space.Table.Methods.Length} methods, {space.Forms.Length} forms: 10^{space.LogSize:F1} places"));
                    foreach (var form in space.Forms) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  form {string.Join(" + ", form.Steps.Select(step => string.Join(' ', step.Options.Select(option => $"{option.Key}={option.Value}").Prepend(step.Method))))}: divergence {form.Loss:F4}"));
                    Console.WriteLine($"{"search",-8}{"seed",5}{"trials",8}{"seconds",9}{"new",6}  {string.Join("", Marks.Select(mark => $"{mark,12}"))}");
                }

                double inside = predictions.Count == 0 ? double.NaN : predictions.Average(p => Math.Abs(p.Measured - p.Mean) <= 1.96 * p.Deviation ? 1d : 0);
                string row = string.Concat(Marks.Select(mark => mark <= volumes.Count || mark <= trials ? volumes[Math.Min(mark, volumes.Count) - 1].ToString("G7", CultureInfo.InvariantCulture).PadLeft(12) : "".PadLeft(12)));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{words[0],-8}{seed,5}{volumes.Count,8}{clock.Elapsed.TotalSeconds,9:F1}{runner.Measured,6}  {row}"));
                if (predictions.Count > 0) Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {inside:P0} of {predictions.Count} losses within their 95 % interval"));
            }
        }

        return 0;
    }
}
