using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Measurement;
using Kneepoint.Reports;
using Kneepoint.Search;

namespace Kneepoint.Tests.Reports;

/// <summary>Makes documents that look like those of real studies, from a seed: a small convolutional network, mixed recipes, plausible figures.</summary>
static class SyntheticStudy
{
    static readonly (string Method, double WeightBits, double ActivationBits, double Loss, double Speed)[] Methods =
    [
        ("none", 32, 32, 0, 1), ("fp16-weights", 16, 32, 0.00002, 1.01), ("weight-int8", 8, 32, 0.0002, 1.03),
        ("static-int8", 8, 8, 0.0008, 0.42), ("dynamic-int8", 8, 8, 0.0006, 0.62), ("weight-int4", 4, 32, 0.006, 1.1),
    ];

    /// <summary>A study of a network with <paramref name="layerCount"/> layers and so many measured variants, the baseline first.</summary>
    public static FrontierDocument Of(int variantCount, int seed = 1, int layerCount = 12, string? untrusted = null)
    {
        var random = new Random(seed);
        var layers = Layers(random, layerCount, untrusted);
        var variants = new List<FrontierVariant>();
        var seen = new HashSet<string>();
        while (variants.Count < variantCount)
        {
            int[] choice = Choice(random, variants.Count, layers.Length);
            var recipe = RecipeOf(layers, choice);
            if (seen.Add(recipe.Id)) variants.Add(Variant(random, layers, recipe, choice));
        }

        variants = Relate(variants);
        string? knee = Knee(variants);
        return new FrontierDocument
        {
            Kneepoint = "0.1.0",
            Model = new ModelFacts(untrusted ?? "glyphs.onnx", new string('5', 60) + "e0f1"),
            Data = new DataFacts(2000, 500, new ObjectiveFacts("top1", Direction.Maximize)),
            Machine = new MachineFacts(untrusted ?? "Example CPU @ 2.60GHz", ["avx2", "avx512-vnni"], 2, "ONNX Runtime 1.31.1", 1, 1),
            Objectives = [new("accuracy", Direction.Maximize), new("fileBytes", Direction.Minimize), new("latency", Direction.Minimize)],
            Variants = [.. variants],
            Frontier = [.. variants.Where(v => v.OnFrontier).Select(v => v.Id)],
            Hypervolume = new HypervolumeFigure(0.7431250000000001 * variantCount, [0.1, 2_000_000, 4]),
            Knee = knee,
            Findings = [new("few-samples", FindingSeverity.Note,
                "2000 samples tell accuracies apart from 0.9 points on. More evaluation samples make the intervals narrower.")],
            Layers = layers,
            Trials = new TrialCounts(variantCount, 2, 1, 0, 3),
            Racing = new RacingFacts(0.99, 128, (variantCount + 2) * 1000, (variantCount + 3) * 2000),
            FailedTrials = Failed(layers, untrusted),
            Settings = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal,
                [KeyValuePair.Create("seed", "7"), KeyValuePair.Create("trials", variantCount.ToString(CultureInfo.InvariantCulture))]),
            Seconds = 73.25,
        };
    }

    static ImmutableArray<LayerFacts> Layers(Random random, int count, string? untrusted)
    {
        var layers = ImmutableArray.CreateBuilder<LayerFacts>();
        for (int i = 0; i < count; i++)
        {
            bool isLast = i == count - 1;
            long weights = isLast ? 64 * 10 : 288L << Math.Min(i, 9);
            layers.Add(new LayerFacts(
                i == 1 && untrusted is not null ? untrusted : string.Create(CultureInfo.InvariantCulture, $"{(isLast ? "/head/Gemm" : $"/stage{i / 3}/conv{i % 3}/Conv")}_output_0"),
                isLast ? "Gemm" : "Conv", weights, weights * random.Next(16, 200)));
        }

        return layers.ToImmutable();
    }

    static int[] Choice(Random random, int number, int layerCount)
    {
        if (number < Methods.Length) return [.. Enumerable.Repeat(number, layerCount)];
        int low = random.Next(2, Methods.Length), high = random.Next(0, 4);
        double share = random.NextDouble();
        return [.. Enumerable.Range(0, layerCount).Select(_ => random.NextDouble() < share ? low : high)];
    }

    static Recipe RecipeOf(ImmutableArray<LayerFacts> layers, int[] choice) => new([.. Enumerable.Range(1, Methods.Length - 1)
        .Where(method => choice.Contains(method))
        .Select(method => new Step(Methods[method].Method, [.. layers.Where((_, i) => choice[i] == method).Select(l => l.Layer)],
            ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal)))]);

    static FrontierVariant Variant(Random random, ImmutableArray<LayerFacts> layers, Recipe recipe, int[] choice)
    {
        double loss = 0, bits = 0, work = 0, bitOps = 0;
        double macs = layers.Sum(l => (double)l.Macs!.Value);
        for (int i = 0; i < layers.Length; i++)
        {
            var method = Methods[choice[i]];
            loss += method.Loss * (i == 0 || i == layers.Length - 1 ? 4 : 1) * 12.0 / layers.Length;
            bits += layers[i].WeightCount * method.WeightBits;
            work += layers[i].Macs!.Value / macs * method.Speed;
            bitOps += layers[i].Macs!.Value * method.WeightBits * method.ActivationBits;
        }

        bool isBaseline = recipe.Equals(Recipe.Baseline);
        double change = isBaseline ? 0 : Math.Round((-loss + (random.NextDouble() - 0.5) * 0.004) * 2000) / 2000;
        double accuracy = 0.9515 + change;
        double half = 1.96 * Math.Sqrt(accuracy * (1 - accuracy) / 2000);
        double paired = isBaseline ? 0 : 0.0012 + Math.Abs(change) * 0.3;
        double ratio = isBaseline ? 1 : work * (0.97 + random.NextDouble() * 0.06) + 0.06;
        long weightBytes = (long)(bits / 8) + layers.Length * 96L;
        return new FrontierVariant
        {
            Recipe = recipe,
            IsBaseline = isBaseline,
            Accuracy = new Interval(accuracy, accuracy - half * 1.05, accuracy + half * 0.95),
            AccuracyChange = new Interval(change, change - paired, change + paired),
            Memory = new MemoryFigures(weightBytes + 9_400 + choice.Count(c => c is 3 or 4) * 900L, isBaseline ? null : (long)(weightBytes * 0.81) + 4_000,
                weightBytes, 401_408, 6_291_456 + weightBytes * 2),
            Compute = new ComputeFigures((long)macs, (long)bitOps,
                new Interval(1.84 * ratio, 1.84 * ratio * 0.985, 1.84 * ratio * 1.02),
                isBaseline ? new Interval(1, 1, 1) : new Interval(ratio, ratio * 0.99, ratio * 1.012)),
            Layers = [.. layers.Select((layer, i) => (layer, method: Methods[choice[i]])).Where(pair => pair.method.Method != "none")
                .Select(pair => new LayerTreatment(pair.layer.Layer, pair.method.Method, pair.method.WeightBits, pair.method.ActivationBits,
                    pair.method.Method == "static-int8" ? true : null))],
            Findings = ratio > 1.02 && !isBaseline && weightBytes > 1 ?
                [new("slower-than-baseline", FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
                    $"This variant takes {ratio:0.00} times as long as the baseline."))] : [],
            Seconds = 1.5,
        };
    }

    static List<FrontierVariant> Relate(List<FrontierVariant> variants)
    {
        bool Dominates(FrontierVariant a, FrontierVariant b)
        {
            double[] x = Costs(a), y = Costs(b);
            return x.Zip(y).All(pair => pair.First <= pair.Second) && x.Zip(y).Any(pair => pair.First < pair.Second);
        }

        var front = variants.Where(v => !variants.Any(other => Dominates(other, v))).Select(v => v.Id).ToHashSet();
        return [.. variants.Select(v => front.Contains(v.Id)
            ? v with
            {
                OnFrontier = true,
                File = $"variants/{v.Id}.onnx",
                Packed = v.IsBaseline ? null : $"variants/{v.Id}.knp",
                TiedWith = [.. variants.Where(o => o.Id != v.Id && front.Contains(o.Id)
                    && Math.Abs(o.AccuracyChange!.Value.Value - v.AccuracyChange!.Value.Value) < 0.0008).Select(o => o.Id)],
            }
            : v with { Layers = [] })];
    }

    static double[] Costs(FrontierVariant v) => [-v.Accuracy!.Value.Value, v.Memory.FileBytes, v.Compute.LatencyMilliseconds!.Value.Value];

    static string? Knee(List<FrontierVariant> variants) => variants.Where(v => v.OnFrontier && !v.IsBaseline)
        .OrderBy(v => -v.AccuracyChange!.Value.Value / 0.02 + v.Memory.FileBytes / 1e6 + v.Compute.LatencyRatio!.Value.Value)
        .Select(v => v.Id).FirstOrDefault();

    static ImmutableArray<FailedTrial> Failed(ImmutableArray<LayerFacts> layers, string? untrusted)
    {
        Recipe One(string method, int layer) => new([new Step(method, [layers[Math.Min(layer, layers.Length - 1)].Layer],
            ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal))]);

        return
        [
            new(One("weight-int4", 11), "rejected", "Layer '/head/Gemm_output_0': 640 weights are fewer than one block of 32 rows.", 0.02),
            new(One("fp16-network", 0), "rejected", untrusted ?? "The outputs differ from the expected ones by more than the tolerance.", 0.9),
            new(One("static-int8", 4), "crashed", "The runtime refused the variant: Conv_4 has no kernel for INT4 activations.", 0.4),
        ];
    }
}
