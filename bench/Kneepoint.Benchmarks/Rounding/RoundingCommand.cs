using System.Diagnostics;
using System.Globalization;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Benchmarks.Rounding;

/// <summary>Claim: weights rounded by the calibration samples keep the accuracy that rounding to nearest loses, and no layer's output error grows.</summary>
/// <remarks>Real variants, measured on the evaluation samples: weight-only, every layer that the method can treat.</remarks>
static class RoundingCommand
{
    public const string Name = "rounding";
    const int Threads = 2;
    const int UsualSamples = 500;
    static readonly BlockWeights[] Shapes =
    [
        new() { BlockSize = 0 }, new() { BlockSize = 64, ScaleBits = 8 },
        new() { Bits = 3, BlockSize = 0 }, new() { Bits = 3, BlockSize = 64, ScaleBits = 8 }, new() { Bits = 2, BlockSize = 64, IsSymmetric = false, ScaleBits = 8 },
    ];

    /// <summary>Arguments: MODEL DATA [calibration samples].</summary>
    public static int Run(string[] args)
    {
        if (args is not [var file, var dataPath, ..])
        {
            Console.Error.WriteLine($"{Name}: expected MODEL DATA [samples]");
            return 2;
        }

        int samples = args.Length > 2 ? int.Parse(args[2], CultureInfo.InvariantCulture) : UsualSamples;
        var model = OnnxModel.Load(file);
        var runtime = new OrtRuntime(Threads);
        using var session = runtime.Open(file, new SessionSettings());
        using var data = DatasetFile.Open(dataPath, session.Inputs, session.Outputs, new SkiaImageDecoder(), 1);
        bool isProbability = OutputKind.IsProbability(model, MetricChoice.Scored(session.Outputs, data.Output).Name);
        var metric = MetricChoice.Of(data.Metric, session.Outputs, data.Output, isProbability, data.Peak ?? 1);
        int batch = FixedBatch.Of(session) ?? 32;
        var evaluation = new AccuracyEvaluation { Metric = metric, BatchSize = batch, Parallelism = Threads };
        SampleScores Scores(INetworkSession variant) => evaluation.Run(variant, data, metric.NeedsBaseline ? session : null);

        var subject = new Subject(model, file, data, metric, runtime) { FixedBatchSize = FixedBatch.Of(session) };
        var calibrator = new StudyCalibration(subject, new BytesInMemory(), new ExplorationSettings { EvaluationThreads = Threads, MomentSamples = samples }).With(_ => { }, CancellationToken.None);
        var clock = Stopwatch.StartNew();
        int forms = Compressor.LayersOf(model).Select(layer => InputForm.Of(layer, out _)).OfType<InputForm>().DistinctBy(form => form.Key).Count(form => calibrator.Baseline.Moments(form) is not null);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(file)}: moments of {forms} inputs from {Math.Min(samples, data.Count(DataPart.Calibrate))} samples in {clock.Elapsed.TotalSeconds:F1} s, "
            + $"peak memory {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} MiB"));
        var baseline = Scores(session);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"baseline {metric.Name} {AccuracyFigure.Of(metric, baseline, 1).Value:F4} on {baseline.Count} samples; changes with 95 % intervals"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"",-46}{"bits/weight",12}{"nearest",28}{"balanced",28}{"by data",28}{"layers no worse",17}{"median error ratio",20}{"s",7}{"successive",28}{"s",7}"));
        foreach (var shape in Shapes)
        {
            var nearest = Measure(Compressor.Apply(model, RecipeOf(shape with { Rounding = WeightRounding.Nearest })));
            var balanced = Measure(Compressor.Apply(model, RecipeOf(shape)));
            var roundings = new DataRoundings(calibrator.Baseline.Moments, Threads);
            clock.Restart();
            var variant = Compressor.Apply(model, RecipeOf(shape with { Rounding = WeightRounding.Data }), null, roundings);
            double seconds = clock.Elapsed.TotalSeconds;
            var change = Measure(variant);
            double[] ratios = [.. roundings.Known.Where(known => known.NearestError > 0).Select(known => known.Error / known.NearestError).Order()];
            clock.Restart();
            var successive = Compressor.Apply(model, RecipeOf(shape with { Rounding = WeightRounding.Successive }), calibrator);
            double successiveSeconds = clock.Elapsed.TotalSeconds;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shape.ToText(),-46}{BitsPerWeight(model, shape),12:F3}{Text(nearest),28}{Text(balanced),28}{Text(change),28}"
                + $"{$"{ratios.Count(ratio => ratio <= 1)} of {ratios.Length}",17}{ratios[ratios.Length / 2],20:F3}{seconds,7:F1}{Text(Measure(successive)),28}{successiveSeconds,7:F1}"));
        }

        return 0;

        PairedChange Measure(CompressedNetwork variant)
        {
            using var opened = runtime.Open(variant.Model, new SessionSettings());
            return PairedChange.Of(metric, Scores(opened), baseline, 1);
        }
    }

    // Kernels on codes round activations as well; here weights alone are compared.
    static Recipe RecipeOf(BlockWeights method) => new([(method with { Kernel = WeightKernel.Load }).ToStep(Step.WholeNetwork)]);

    // Codes, scales as stored, zero points, of everything but embeddings.
    static double BitsPerWeight(OnnxModel model, BlockWeights shape)
    {
        double bits = 0, weights = 0;
        foreach (var layer in Compressor.LayersOf(model).Where(layer => layer.OpType != "Gather"))
        {
            int columns = (int)Math.Max(1, layer.OpType == "ConvTranspose" ? layer.WeightCount / layer.WeightDimensions[0] : layer.ReductionLength);
            int block = LoadedWeight.BlockSize(columns, shape.BlockSize);
            double blocks = layer.WeightCount / columns * ((columns + block - 1) / block);
            bits += layer.WeightCount * shape.Bits + blocks * (shape.ScaleBits + (shape.IsSymmetric ? 0 : shape.Bits));
            weights += layer.WeightCount;
        }

        return bits / weights;
    }

    static string Text(PairedChange change) => string.Create(CultureInfo.InvariantCulture, $"{change.Change.Value:F4} [{change.Change.Low:F4}, {change.Change.High:F4}]");

}
