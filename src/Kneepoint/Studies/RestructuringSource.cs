using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Repair;
using Kneepoint.Compression.Restructuring;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Proposes recipes that restructure: each method alone, as strongly as its loss is taken, then before the quantizations that were measured.</summary>
/// <remarks>They get a third of the trials that the uniform recipes leave.</remarks>
sealed class RestructuringSource
{
    const double Share = 1 / 3d;

    // Losses that are worth a repair: below there is nothing to gain, above nothing to save.
    const double LeastLoss = 0.003, MostLoss = 0.1;
    const int MostRepairs = 3;

    // Activations of 8 bits cost less, where no channel forces its range on the others.
    const double IntegerLoss = 0.01;

    readonly ImmutableArray<ImmutableArray<Recipe>> _families;
    readonly Recipe? _repair;
    readonly Step? _split;
    readonly Step? _renormalize;
    readonly Dictionary<string, double> _shares = new(StringComparer.Ordinal);

    /// <summary>Finds the methods that this network and the settings allow.</summary>
    public RestructuringSource(OnnxModel baseline, ExplorationSettings settings)
    {
        var layers = Compressor.LayersOf(baseline);
        var index = new GraphIndex(baseline);
        _families =
        [
            .. MethodCatalog.Restructuring.Where(method => settings.Methods.IsEmpty ? !method.PaysOnlyWhenPacked : settings.Methods.Contains(method.Name))
                .Where(method => layers.Any(layer => method.WhyNot(layer, index) is null))
                .GroupBy(method => method.Name).Select(family => family.Select(method => new Recipe([method.ToStep(Step.WholeNetwork)])).ToImmutableArray()),
        ];
        var repair = new Equalize();
        if (settings.Methods.IsEmpty || settings.Methods.Contains(repair.Name)) _repair = new Recipe([repair.ToStep(Step.WholeNetwork)]);
        var split = new SplitOutliers();
        if (layers.Any(layer => split.WhyNot(layer, index) is null) && (settings.Methods.IsEmpty || settings.Methods.Contains(split.Name))) _split = split.ToStep(Step.WholeNetwork);
        var renormalize = new Renormalize();
        if (layers.Any(layer => layer.OpType == "Conv") && (settings.Methods.IsEmpty || settings.Methods.Contains(renormalize.Name))) _renormalize = renormalize.ToStep(Step.WholeNetwork);
    }

    /// <summary>The steps of a recipe that restructure, as a recipe.</summary>
    public static Recipe FirstOf(Recipe recipe) => new([.. recipe.Steps.Where(IsRestructuring)]);

    /// <summary>All other steps of a recipe.</summary>
    public static Recipe RestOf(Recipe recipe) => new([.. recipe.Steps.Where(step => !IsRestructuring(step))]);

    /// <summary>Looks up what restructured networks compute.</summary>
    public void Learn(IReadOnlyList<Trial> trials)
    {
        double baseline = trials.Select(trial => trial.Recipe.Steps.IsEmpty ? MacsOf(trial) : null).OfType<double>().FirstOrDefault(double.NaN);
        foreach (var trial in trials)
        {
            if (RestOf(trial.Recipe).Steps.IsEmpty && MacsOf(trial) is { } macs) _shares[trial.Recipe.Id] = macs / baseline;
        }
    }

    /// <summary>The share of the baseline's multiply-accumulates that a recipe's restructuring leaves; NaN where it was never measured alone.</summary>
    public double ShareOf(Recipe recipe) => FirstOf(recipe) is { } first && first.Steps.Any(step => step.Method is not (Equalize.MethodName or SplitOutliers.MethodName)) ? _shares.GetValueOrDefault(first.Id, double.NaN) : 1;

    /// <summary>The next recipes; none where the others are to go on.</summary>
    /// <param name="trials">All trials.</param>
    /// <param name="measured">What they showed.</param>
    /// <param name="axes">What is traded for accuracy.</param>
    /// <param name="count">Recipes wanted at most.</param>
    /// <param name="left">Trials that the uniform recipes leave.</param>
    /// <param name="known">Ids of all recipes tried.</param>
    public ImmutableArray<Recipe> Propose(IReadOnlyList<Trial> trials, IReadOnlyList<MeasuredRecipe> measured, IReadOnlyList<LadderAxis> axes, int count, int left, IReadOnlySet<string> known)
    {
        int spent = trials.Count(trial => trial.Recipe.Steps.Any(IsRestructuring));
        if (spent >= left * Share) return [];
        var byId = measured.ToDictionary(recipe => recipe.Recipe.Id, StringComparer.Ordinal);
        if (_repair is not null && spent >= _families.Length && Repair(_repair, measured, known) is { } repaired) return [repaired];
        if (_split is not null && spent >= _families.Length && Split(_split, measured, byId, known) is { } split) return [split];
        if (_renormalize is not null && spent >= _families.Length && Renormalized(_renormalize, measured, byId, known) is { } renormalized) return [renormalized];
        var alone = _families.Select(family => Next(family, byId, known)).OfType<Recipe>().ToImmutableArray();

        // Half of them are to be combinations, once there is something to combine.
        var combinations = Combinations(measured, byId, axes, count, known);
        int combined = trials.Count(trial => trial.Recipe.Steps.Any(IsRestructuring) && !RestOf(trial.Recipe).Steps.IsEmpty);
        bool isAloneFirst = spent < _families.Length || combined > spent - combined;
        return isAloneFirst && !alone.IsEmpty ? [.. alone.Take(count)] : combinations.IsEmpty ? [.. alone.Take(count)] : combinations;
    }

    // The smallest variant with a loss worth it, its channels made alike before; again as long as that helps.
    static Recipe? Repair(Recipe repair, IReadOnlyList<MeasuredRecipe> measured, IReadOnlySet<string> known)
    {
        var byId = measured.ToDictionary(recipe => recipe.Recipe.Id, StringComparer.Ordinal);
        var tried = measured.Where(recipe => IsRepair(FirstOf(recipe.Recipe))).ToArray();
        int helped = tried.Count(recipe => byId.TryGetValue(RestOf(recipe.Recipe).Id, out var plain) && recipe.Loss < plain.Loss);
        if (tried.Length >= MostRepairs || tried.Length > helped || tried.Length < known.Count(id => measured.Any(recipe => With(recipe).Id == id))) return null;
        return measured.Where(recipe => FirstOf(recipe.Recipe).Steps.IsEmpty && !recipe.Recipe.Steps.IsEmpty && recipe.Loss is > LeastLoss and < MostLoss && !known.Contains(With(recipe).Id))
            .OrderBy(recipe => recipe.FileBytes).Select(With).FirstOrDefault();

        Recipe With(MeasuredRecipe recipe) => new([.. repair.Steps, .. recipe.Recipe.Steps]);
        bool IsRepair(Recipe first) => first.Equals(repair);
    }

    // Integer activations that lost more than rounding them should, their outliers taken out before; again as long as that helps.
    static Recipe? Split(Step split, IReadOnlyList<MeasuredRecipe> measured, Dictionary<string, MeasuredRecipe> byId, IReadOnlySet<string> known)
    {
        var integer = measured.Where(recipe => !recipe.Recipe.Steps.IsEmpty && recipe.Recipe.Steps.All(step => step.Method is StaticInt8.MethodName or DynamicInt8.MethodName)).ToArray();
        var tried = integer.Where(recipe => known.Contains(With(recipe).Id)).ToArray();
        int helped = tried.Count(recipe => byId.TryGetValue(With(recipe).Id, out var made) && made.Loss < recipe.Loss);
        if (tried.Length >= MostRepairs || tried.Length > helped) return null;
        return integer.Where(recipe => recipe.Loss > IntegerLoss && !known.Contains(With(recipe).Id)).OrderBy(recipe => recipe.Loss).Select(With).FirstOrDefault();

        Recipe With(MeasuredRecipe recipe) => new([split, .. recipe.Recipe.Steps]);
    }

    // The restructured network with the least loss worth it, its channels given their former statistics; again as long as that helps.
    static Recipe? Renormalized(Step renormalize, IReadOnlyList<MeasuredRecipe> measured, Dictionary<string, MeasuredRecipe> byId, IReadOnlySet<string> known)
    {
        var alone = measured.Where(recipe => !recipe.Recipe.Steps.IsEmpty && RestOf(recipe.Recipe).Steps.IsEmpty).ToArray();
        var tried = alone.Where(recipe => known.Contains(With(recipe).Id)).ToArray();
        int helped = tried.Count(recipe => byId.TryGetValue(With(recipe).Id, out var made) && made.Loss < recipe.Loss);
        if (tried.Length >= MostRepairs || tried.Length > helped) return null;
        return alone.Where(recipe => recipe.Loss is > LeastLoss and < MostLoss && recipe.Recipe.Steps.All(step => step.Method != renormalize.Method && step.Method != Equalize.MethodName))
            .Where(recipe => !known.Contains(With(recipe).Id)).OrderBy(recipe => recipe.Loss).Select(With).FirstOrDefault();

        Recipe With(MeasuredRecipe recipe) => new([.. recipe.Recipe.Steps, renormalize]);
    }

    static ImmutableArray<Recipe> Combinations(IReadOnlyList<MeasuredRecipe> measured, Dictionary<string, MeasuredRecipe> byId, IReadOnlyList<LadderAxis> axes, int count, IReadOnlySet<string> known)
    {
        if (!byId.TryGetValue(Recipe.Baseline.Id, out var baseline)) return [];
        var restructured = new List<MeasuredRecipe>();
        var quantized = new List<MeasuredRecipe>();
        var combined = new List<CombinedRecipe>();
        foreach (var recipe in measured)
        {
            (Recipe first, Recipe rest) = (FirstOf(recipe.Recipe), RestOf(recipe.Recipe));
            if (first.Steps.IsEmpty && !rest.Steps.IsEmpty) quantized.Add(recipe);
            else if (!first.Steps.IsEmpty && rest.Steps.IsEmpty) restructured.Add(recipe);
            else if (!first.Steps.IsEmpty && byId.TryGetValue(first.Id, out var one) && byId.TryGetValue(rest.Id, out var other)) combined.Add(new CombinedRecipe(recipe, one, other));
        }

        return CombinedRecipes.Propose(baseline, restructured, quantized, combined, axes, count, known);
    }

    static Recipe? Next(ImmutableArray<Recipe> family, Dictionary<string, MeasuredRecipe> byId, IReadOnlySet<string> known)
    {
        double?[] losses = [.. family.Select(recipe => byId.TryGetValue(recipe.Id, out var measured) ? measured.Loss : known.Contains(recipe.Id) ? double.NaN : (double?)null)];
        return StrengthSearch.Next(losses) is { } next ? family[next] : null;
    }

    static double? MacsOf(Trial trial) => trial.Outcome is TrialOutcome.Measured { Figures: var figures } ? figures.Compute.Macs : null;

    static bool IsRestructuring(Step step) => MethodCatalog.Parse(step) is RestructuringMethod;
}
