using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Proposes the recipes of a study: the baseline, each method on all layers, then a ladder of mixed recipes, then restructured networks and the gaps.</summary>
/// <remarks>
/// Uniform recipes come first, so that every method and every way to calibrate is on record. Of the variations of one method the one that moves
/// the outputs least on calibration samples goes into the ladder, with sensitivities measured layer by layer. What is chosen here is chosen on
/// calibration samples; evaluation samples only enter through the measured trials whose gaps are filled.
/// The same seed gives the same recipes on the same machine (one that saturates tries weights of 7 bits as well): what depends on the clock does not steer, with one exception that the user asks for. The cost of running is
/// therefore a model: where latency is an objective, multiply-accumulates weighted by the time of the kernel that computes them (weights that are unpacked at load
/// save none), else bit operations. A budget of latency is translated into the model by the baseline's measured latency.
/// </remarks>
public sealed class LadderSource(
    Subject subject, SensitivityPass sensitivity, ExplorationSettings settings, Func<WeightedLayer, long> macsOf) : IRecipeSource
{
    const int ProbesPerMethod = 48;

    // Time of a multiply-accumulate against binary32, as integer kernels with VNNI take it. Only the order of recipes depends on it.
    const double StaticIntegerTime = 0.35, DynamicIntegerTime = 0.6;
    readonly RestructuringSource _restructuring = new(subject.Baseline, settings);
    readonly double _successiveWork = SuccessiveWork.Of(subject.Baseline, macsOf, settings.MomentSamples);
    PriceSource? _prices;
    ImmutableArray<Recipe>? _uniform;
    ChoiceTable? _ladder;

    /// <inheritdoc/>
    public IReadOnlyList<Recipe> Propose(IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var known = trials.Select(trial => trial.Recipe.Id).ToHashSet(StringComparer.Ordinal);
        if (!known.Contains(Recipe.Baseline.Id)) return [Recipe.Baseline];
        _restructuring.Learn(trials);
        var uniform = _uniform ??= Uniform();
        if (uniform.Any(recipe => !known.Contains(recipe.Id))) return uniform;
        if (NextPrice(trials, known) is { } priced) return [priced];
        var ladder = _ladder ??= Ladder(onProgress, cancellation);
        int wanted = settings.TrialCount - trials.Count;
        if (wanted <= 0 || ladder.Methods.IsEmpty) return [];

        // A quarter of what is left goes to rungs at evenly spread sizes; the rest to what these then show.
        LadderAxis[] axes = [LadderAxis.FileBytes, LadderAxis.Cost];
        int rungsWanted = Math.Max(1, (settings.TrialCount - uniform.Length - 1) / 4);
        bool hasRungs = trials.Count > uniform.Length + rungsWanted;
        var rungs = hasRungs ? [] : Search.Ladder.Propose(ladder, Math.Min(wanted, Math.Max(1, uniform.Length + 1 + rungsWanted - trials.Count)), axes, known);
        if (!rungs.IsEmpty) return rungs;
        var measured = trials.Select(trial => AsMeasured(trial, ladder)).OfType<MeasuredRecipe>().ToArray();
        if (wanted <= SuccessiveSource.TrialsKept(settings.TrialCount - uniform.Length - 1, _successiveWork) && SuccessiveSource.Next(measured, known) is { } successive) return [successive];
        if (NextPricedCombination(trials, known) is { } both) return [both];
        var structured = _restructuring.Propose(trials, measured, axes, Math.Min(wanted, 2), settings.TrialCount - uniform.Length - 1, known);
        if (!structured.IsEmpty) return structured;
        var refined = LadderRefinement.Propose(ladder, measured, Math.Min(wanted, 4), axes, Goals(trials, measured), known);
        return refined.IsEmpty ? Search.Ladder.Propose(ladder, Math.Min(wanted, 4), axes, known) : refined;
    }

    // Packed variants get half of the trials that the uniform recipes leave; all of them where nothing else is asked for.
    Recipe? NextPrice(IReadOnlyList<Trial> trials, IReadOnlySet<string> known)
    {
        const string name = RateConstrainedWeights.MethodName;
        bool isWanted = settings.Methods.IsEmpty ? settings.AimsAtPackedBytes : settings.Methods.Contains(name);
        int left = settings.TrialCount - (_uniform?.Length ?? 0) - 1, spent = trials.Count(trial => trial.Recipe.Steps.Any(step => step.Method == name));
        if (!isWanted || spent >= (settings.Methods is [name] ? left : (left + 1) / 2)) return null;
        var measured = trials.Where(trial => trial.Outcome is TrialOutcome.Measured)
            .Select(trial => (trial.Recipe, ((TrialOutcome.Measured)trial.Outcome).Figures)).Select(trial => (trial.Recipe, trial.Figures.Memory.PackedBytes ?? 0, LossOf(trial.Figures)));
        return (_prices ??= new PriceSource(_successiveWork <= SuccessiveWork.Usual)).Next(measured, known);
    }

    // Where both the download and the arithmetic count.
    Recipe? NextPricedCombination(IReadOnlyList<Trial> trials, IReadOnlySet<string> known)
    {
        if (!settings.AimsAtPackedBytes || !settings.Objectives.Any(objective => objective is "latency" or "macs" or "bitOps")) return null;
        return PricedCombinations.Next(
            [.. trials.Select(trial => (trial.Recipe, Figures: (trial.Outcome as TrialOutcome.Measured)?.Figures)).Where(trial => trial.Figures is not null)
                .Select(trial => (trial.Recipe, (double)trial.Figures!.Compute.Macs, LossOf(trial.Figures!)))], known);
    }

    double LossOf(Measured figures)
    {
        double loss = subject.Metric.IsMaximized ? -figures.AccuracyChange.Value : figures.AccuracyChange.Value;
        return loss / BudgetGoals.LossUnit(figures.Accuracy.Value - figures.AccuracyChange.Value);
    }

    ImmutableArray<Recipe> Uniform()
    {
        var table = Table(Methods());
        var recipes = ImmutableArray.CreateBuilder<Recipe>();
        foreach (var method in table.Methods)
        {
            if (table.Uniform(method) is { } assignment) recipes.Add(table.Compose(assignment));
        }

        foreach (var method in Grid().Where(method => method.TreatsWholeNetwork && method.Name is not "fold-batch-norm"))
        {
            recipes.Add(new Recipe([method.ToStep(Step.WholeNetwork)]));
        }

        return [.. recipes.DistinctBy(recipe => recipe.Id)];
    }

    ChoiceTable Ladder(Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var best = new List<CompressionMethod>();
        var families = Methods().GroupBy(Family).ToList();
        var uniform = Table(Methods());
        foreach (var family in families)
        {
            var variations = family.ToList();
            best.Add(variations.Count == 1 ? variations[0] : variations.MinBy(method => UniformLoss(uniform, method, onProgress, cancellation))!);
        }

        var table = Table(best);
        var measured = new Dictionary<SensitivityProbe, Sensitivity>();
        int total = table.Methods.Sum(method => Math.Min(ProbesPerMethod, table.Groups.Count(group => group.Choices.Any(choice => choice.Method.Equals(method)))));
        foreach (var method in table.Methods)
        {
            while (SensitivityProbing.Next(table, method, measured, ProbesPerMethod) is { IsEmpty: false } probes)
            {
                foreach (var probe in probes)
                {
                    cancellation.ThrowIfCancellationRequested();
                    measured[probe] = sensitivity.Of(probe.ToRecipe(table), onProgress, cancellation);
                    onProgress(new ExplorationProgress("sensitivity", measured.Count, Math.Max(total, measured.Count), method.Text));
                }
            }
        }

        return table.With(SensitivityProbing.Table(table, measured));
    }

    double UniformLoss(ChoiceTable table, CompressionMethod method, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        onProgress(new ExplorationProgress("divergence", 0, 0, method.ToText()));
        return table.Uniform(new LayerMethod(method.Name, method.Options)) is { } assignment
            ? sensitivity.Of(table.Compose(assignment), onProgress, cancellation).Loss
            : double.PositiveInfinity;
    }

    // Variations of one method compete with each other; what stores other numbers of bits is a method of its own.
    static string Family(CompressionMethod method) => method.Options.TryGetValue("weights", out string? bits) ? $"{method.Name} {bits}" : method.Name;

    // Weights of 7 bits only lose where sums have room for 8.
    IEnumerable<CompressionMethod> Grid() => MethodCatalog.Grid.Where(method => settings.Methods.IsEmpty || settings.Methods.Contains(method.Name))
        .Where(method => settings.IntegerSumsSaturate || method is not (StaticInt8 { WeightBits: StaticInt8.SaturationFree } or DynamicInt8 { WeightBits: StaticInt8.SaturationFree }));

    IEnumerable<CompressionMethod> Methods() => Grid().Where(method => !method.TreatsWholeNetwork);

    ChoiceTable Table(IEnumerable<CompressionMethod> methods)
    {
        var layers = Compressor.LayersOf(subject.Baseline);
        var index = new GraphIndex(subject.Baseline);
        var choices = new List<LayerChoice>();
        foreach (var layer in layers)
        {
            long macs = macsOf(layer);
            choices.Add(new LayerChoice(layer.Id, LayerMethod.Keep, layer.WeightCount * sizeof(float), macs * CostPerMac(LayerMethod.Keep.Name, layer), 0));
            foreach (var method in methods)
            {
                if (method.WhyNot(layer, index) is not null) continue;
                choices.Add(new LayerChoice(layer.Id, new LayerMethod(method.Name, method.Options), method.EstimateBytes(layer),
                    macs * CostPerMac(method.Name, layer), 0));
            }
        }

        return ChoiceTable.Of([.. layers.Select(layer => layer.Id)], choices, layers.Where(layer => layer.SharedWith.Length > 0)
            .Select(layer => (IReadOnlyCollection<string>)[layer.Id, .. layer.SharedWith]));
    }

    double CostPerMac(string method, WeightedLayer layer) => settings.Objectives.Contains("latency")
        ? method switch { "static-int8" => StaticIntegerTime * Padding(layer), "dynamic-int8" => DynamicIntegerTime, _ => 1 }
        : method switch
        {
            "static-int8" or "dynamic-int8" => 8 * 8,
            "weight-int8" => 8 * 32,
            "fp16-weights" => 16 * 32,
            _ => BlockWeights.AllBits.Where(bits => BlockWeights.NameOf(bits) == method).FirstOrDefault(32) * 32,
        };

    // Integer convolutions take four input channels at a time, depthwise ones sixteen: an image of one channel costs four times its work.
    static double Padding(WeightedLayer layer)
    {
        if (layer.OpType != "Conv") return 1;
        long channels = layer.IsDepthwise ? layer.Group : layer.WeightDimensions[1];
        long step = layer.IsDepthwise ? 16 : 4;
        return (channels + step - 1) / step * step / (double)channels;
    }

    MeasuredRecipe? AsMeasured(Trial trial, ChoiceTable table)
    {
        if (trial.Outcome is not TrialOutcome.Measured { Figures: var figures }) return null;
        return new MeasuredRecipe(trial.Recipe, LossOf(figures), figures.Memory.FileBytes,
            table.EstimateOf(SuccessiveSource.Plain(RestructuringSource.RestOf(trial.Recipe)))?.Cost * _restructuring.ShareOf(trial.Recipe) ?? double.NaN);
    }

    IReadOnlyList<SearchGoal> Goals(IReadOnlyList<Trial> trials, IReadOnlyList<MeasuredRecipe> measured) => BudgetGoals.Of(
        settings.Budgets,
        (trials.FirstOrDefault(trial => trial.Recipe.Equals(Recipe.Baseline))?.Outcome as TrialOutcome.Measured)?.Figures,
        measured.FirstOrDefault(recipe => recipe.Recipe.Equals(Recipe.Baseline))?.Cost);
}
