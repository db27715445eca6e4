using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Kneepoint.Coding;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Recipes;

/// <summary>Claim: what the pages of the methods say of their effect. Makes variants by recipes given on the command line and measures them beside their baseline.</summary>
/// <remarks>Accuracy on all evaluation samples, latency paired at one thread and batch 1, in one run. The divergence of the outputs on the first evaluation samples tells variants apart that the metric does not.</remarks>
static class RecipesCommand
{
    public const string Name = "recipes";
    const int Threads = 2;
    const int DivergenceSamples = 2000;

    /// <summary>Arguments: MODEL DATA RECIPE…; a recipe is steps joined by " + ", a step is "method option=value …" on all layers, or on those of "layers=a,b".</summary>
    public static int Run(string[] args)
    {
        if (args is not [var file, var dataPath, .. { Length: > 0 } recipes])
        {
            Console.Error.WriteLine($"{Name}: expected MODEL DATA RECIPE…, a recipe as 'prune-channels ratio=0.5 + weight-int4'");
            return 2;
        }

        var model = OnnxModel.Load(file);
        var runtime = new OrtRuntime(Threads);
        using var session = runtime.Open(file, new SessionSettings());
        using var data = DatasetFile.Open(dataPath, session.Inputs, session.Outputs, new SkiaImageDecoder(), 1);
        bool isProbability = OutputKind.IsProbability(model, MetricChoice.Scored(session.Outputs, data.Output).Name);
        var metric = MetricChoice.Of(data.Metric, session.Outputs, data.Output, isProbability, data.Peak ?? 1);
        int? fixedBatch = FixedBatch.Of(session);
        var evaluation = new AccuracyEvaluation { Metric = metric, BatchSize = fixedBatch ?? 32, Parallelism = Threads };
        SampleScores Scores(INetworkSession variant) => evaluation.Run(variant, data, metric.NeedsBaseline ? session : null);

        var subject = new Subject(model, file, data, metric, runtime) { FixedBatchSize = fixedBatch };
        var settings = new ExplorationSettings { EvaluationThreads = Threads };
        var calibrator = new StudyCalibration(subject, new BytesInMemory(), settings).With(_ => { }, CancellationToken.None);
        var baseline = Scores(session);
        var inputs = data.Read(DataPart.Evaluate, fixedBatch ?? 1, fixedBatch ?? 1).First().Inputs;
        var latency = new PairedLatency { Clock = new ThreadCpuClock() };
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}: {metric.Name} {AccuracyFigure.Of(metric, baseline, 1).Value:F4} on {baseline.Count} samples, {new FileInfo(file).Length} bytes, {Macs(model)} MACs"));
        Console.WriteLine($"{"change",-28}{"divergence",19}{"bytes",10}{"packed",10}{"MACs",12}{"MAC ratio",10}{"latency ratio",26}{"s",7}  recipe");
        foreach (string text in recipes)
        {
            var clock = Stopwatch.StartNew();
            CompressedNetwork variant;
            try
            {
                variant = Compressor.Apply(model, Parse(text), calibrator);
            }
            catch (RecipeNotApplicableException exception)
            {
                Console.WriteLine($"{text}: {exception.Message}");
                continue;
            }

            double seconds = clock.Elapsed.TotalSeconds;
            string made = Path.GetTempFileName();
            variant.Model.Save(made);
            using var opened = runtime.Open(made, new SessionSettings());
            var change = PairedChange.Of(metric, Scores(opened), baseline, 1).Change;
            var ratio = latency.Measure(() => runtime.Open(file, new SessionSettings { Threads = 1 }), [() => runtime.Open(made, new SessionSettings { Threads = 1 })], inputs).Variants[0].Ratio;
            var apart = Divergence(session, opened, data, metric, fixedBatch ?? 32);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{$"{change.Value:F4} [{change.Low:F4}, {change.High:F4}]",-28}{$"{apart.Loss:F5} ± {apart.StandardError:F5}",19}{new FileInfo(made).Length,10}{PackedModel.Pack(File.ReadAllBytes(made)).Length,10}{Macs(variant.Model),12}"
                + $"{(double)Macs(variant.Model) / Macs(model),10:F3}{$"{ratio.Value:F3} [{ratio.Low:F3}, {ratio.High:F3}]",26}{seconds,7:F1}  {text}"));
            File.Delete(made);
        }

        return 0;
    }

    static Sensitivity Divergence(OrtSession baseline, OrtSession variant, IDataset data, IMetric metric, int batchSize)
    {
        var divergence = new OutputDivergence(metric.Name is "mse" or "psnr" || metric.Unit == "dB" ? DivergenceKind.Values : DivergenceKind.Classes);
        foreach (var batch in data.Read(DataPart.Evaluate, batchSize, DivergenceSamples))
        {
            if (batch.Count == batchSize) divergence.Add(baseline.Run(batch.Inputs), variant.Run(batch.Inputs), batch.Count);
        }

        return divergence.Result();
    }

    static Recipe Parse(string text) => new([.. text.Split('+', StringSplitOptions.TrimEntries).Select(ParseStep)]);

    static Step ParseStep(string text)
    {
        string[] words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var options = words[1..].Select(word => word.Split('=', 2)).ToImmutableSortedDictionary(pair => pair[0], pair => pair[1], StringComparer.Ordinal);
        ImmutableArray<string> layers = options.TryGetValue("layers", out string? names) ? [.. names.Split(',')] : [Step.WholeNetwork];
        return new Step(words[0], layers, options.Remove("layers"));
    }

    static long Macs(OnnxModel model) => NetworkCost.Of(model, ShapeInference.Infer(model, new InputShapes())).Macs;
}
