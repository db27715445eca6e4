using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Search.Baselines;
using Kneepoint.Search.Models;
using Kneepoint.Search.Planning;
using Kneepoint.Search.Space;
using Kneepoint.Studies.Modeled;

namespace Kneepoint.Studies;

/// <summary>Proposes the recipes of a study: the baseline, each method on all layers, then what is expected to add most to the frontier.</summary>
/// <remarks>
/// Uniform recipes come first, so that every method is on record and the models have something to stand on. What is measured for the models is measured on calibration samples; evaluation samples enter through the trials only.
/// The same seed gives the same recipes on the same machine, interrupted or not, unless <see cref="ExplorationSettings.SteersByTime"/>: what depends on the clock does not steer. The other two kinds of search draw from the same space.
/// </remarks>
/// <param name="subject">What is studied.</param>
/// <param name="probes">Makes variants and looks at them.</param>
/// <param name="settings">Objectives, budgets, methods, seed.</param>
/// <param name="macsOf">Multiply–accumulates of a layer for one sample.</param>
/// <param name="profiles">Profiles the network with choices from a table; null to estimate times.</param>
public sealed class SpaceSource(Subject subject, ProbePass probes, ExplorationSettings settings, Func<WeightedLayer, long> macsOf, Func<ChoiceTable, Action<ExplorationProgress>, CancellationToken, LatencyProfiles?>? profiles = null) : IRecipeSource
{
    // The search ends when this share of one sample, on one variant's share of the frontier, is more than the best trial is expected to add, so many times in a row.
    const double ResolvedShare = 0.1;
    const int PlansToEnd = 2;

    // Bytes are counted; parts that choices share, such as a zero point, are what may be off.
    const double DoubtOfCounts = 0.02, NoiseOfCounts = 1e-4;

    // Estimated times are exact for each network, but do not quite add up: neighbors share conversions.
    const double DoubtOfTime = 0.2, NoiseOfTime = 0.005;
    readonly StudySpace _studySpace = new(subject, probes, settings, macsOf,
        settings.SteersByTime && settings.AimsAtLatency ? profiles : null);
    readonly double _successiveWork = SuccessiveWork.Of(subject.Baseline, macsOf, settings.MomentSamples);
    readonly bool _isRaced = new Rivals(subject.Metric, settings).AreRaced;
    readonly string _aim = string.Create(CultureInfo.InvariantCulture, $"{string.Join(',', settings.Objectives)} {string.Join(' ', settings.Budgets.Select(budget => string.Create(CultureInfo.InvariantCulture, $"{budget.Option} {budget.Limit:R}")))} {settings.Racing}");
    PriceSource? _prices;
    ChoiceTable? _table;
    SearchSpace? _space;
    RecipePlanner? _planner;

    /// <summary>The space that is searched; null before the first recipes were asked for.</summary>
    public SearchSpace? Space => _space;

    /// <summary>What was expected of the recipes that were proposed last; empty where nothing is.</summary>
    public ImmutableArray<PlannedRecipe> Planned { get; private set; } = [];

    /// <summary>What is known of the space, as far as it was modeled; null before the first plan, and where recipes are not planned.</summary>
    public SpaceModel? Model { get; private set; }

    /// <summary>Why nothing is planned, a clause; null where nothing stands in the way.</summary>
    public string? Obstacle { get; private set; }

    /// <summary>Takes over what an earlier run knew.</summary>
    public void Remember(SpaceModel? model) => Model = model;

    /// <inheritdoc/>
    public IReadOnlyList<Recipe> Propose(IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trials);
        var known = trials.Select(trial => trial.Recipe.Id).ToHashSet(StringComparer.Ordinal);
        if (!known.Contains(Recipe.Baseline.Id)) return [Recipe.Baseline];
        int wanted = settings.TrialCount - trials.Count;
        if (wanted <= 0) return [];
        void OnSpace(ExplorationProgress at) => onProgress(at with { IsOnce = true });
        var table = _table ??= _studySpace.Choose(OnSpace, cancellation);

        // Trials that need no models come before what the models need is measured.
        if (settings.Search == SearchKind.Exact && Unplanned(table, trials, known) is { Count: > 0 } unplanned) return unplanned;
        var space = _space ??= _studySpace.Measure(table, OnSpace, cancellation);
        if (!table.Methods.Any() && space.Forms.Length == 1 && _studySpace.LayerMethods().Any()) Obstacle = "None of these methods can treat a layer of this network";
        return settings.Search switch
        {
            SearchKind.Random => RandomSearch.Next(space, wanted, known, settings.Seed),
            SearchKind.Nsga2 => Nsga2.Next(space, trials.ToDictionary(trial => trial.Recipe.Id, trial => ObjectivesOf(trial, onProgress, cancellation), StringComparer.Ordinal), settings.Seed, Nsga2.PopulationFor(settings.TrialCount)),
            _ => Plan(space, trials, onProgress, cancellation),
        };
    }

    bool IsUnplanned(ChoiceTable table, Recipe recipe) => recipe.Steps.IsEmpty || recipe.Steps.Any(step => step.Method == RateConstrainedWeights.MethodName) || Uniform(table).Contains(recipe);

    List<Recipe> Unplanned(ChoiceTable table, IReadOnlyList<Trial> trials, HashSet<string> known)
    {
        // A few trials go to what is most often good; of many those come first that are rivals for the others.
        var uniform = Uniform(table, isCheapestFirst: _isRaced && Uniform(table).Count() < settings.TrialCount).Where(recipe => !known.Contains(recipe.Id)).ToList();
        if (uniform.Count > 0) return uniform;
        return (NextPrice(table, trials, known) ?? NextPricedCombination(trials, known)) is { } priced ? [priced] : [];
    }

    IReadOnlyList<Recipe> Plan(SearchSpace space, IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        _planner ??= Planner(space, trials, at => onProgress(at with { IsOnce = true }), cancellation);
        if (_planner is null) return [];

        // A plan is a batch of trials. One that was interrupted is made again from the trials that it was made from, so that a run goes on as if it had not been; one that fell short of its batch is followed by another.
        int unplanned = trials.TakeWhile(trial => IsUnplanned(space.Table, trial.Recipe)).Count(), end = TrialBatch.EndOf(trials.Count);
        for (int start = Math.Max(unplanned, TrialBatch.StartOf(trials.Count)); ; start += Planned.Length)
        {
            var unresolved = PlanFrom([.. trials.Take(start)], end - start, _planner, space, onProgress, cancellation);
            Model = ModelOf(space, _planner, trials, onProgress, cancellation) with { Unresolved = unresolved, Aim = _aim };
            if (unresolved.Length >= PlansToEnd) return [];
            if (Planned.IsEmpty || start + Planned.Length > trials.Count) return [.. Planned.Select(planned => planned.Recipe)];
        }
    }

    // Gives the last plans in a row that promised less than the samples can show; those of an interrupted run count as well.
    ImmutableArray<int> PlanFrom(IReadOnlyList<Trial> trials, int wanted, RecipePlanner planner, SearchSpace space, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        onProgress(new ExplorationProgress("planning", 0, 0));
        int looked = 0;
        var places = Places(space, trials, onProgress, cancellation);
        var plan = planner.Plan(places, wanted, trials.Select(trial => trial.Recipe.Id).ToHashSet(StringComparer.Ordinal), genome =>
        {
            onProgress(new ExplorationProgress("planning, looks at candidates", ++looked, 0));
            return Probed(probes.Of(space.RecipeOf(genome), onProgress, cancellation));
        });

        // Of those that there are trials for.
        int count = Math.Min(plan.Length, settings.TrialCount - trials.Count);
        Planned = _isRaced ? [.. CheapestFirst.Of(plan[..count], [.. planner.Costs.Select(cost => cost.Baseline)]), .. plan[count..]] : plan;
        double resolution = ResolvedShare / subject.Data.Count(Data.DataPart.Evaluate) / Math.Max(1, RecipePlanner.FrontOf(places).Length);
        if (!Planned.All(planned => planned.Worth < resolution)) return [];
        return [.. Model is { } known ? known.UnresolvedFor(_aim).Where(earlier => earlier < trials.Count) : [], trials.Count];
    }

    SpaceModel ModelOf(SearchSpace space, RecipePlanner planner, IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        // Time that is only estimated guides the search; nobody should take it for a promise.
        ImmutableArray<ICostModel> costs = [.. planner.Costs.Where(cost => !IsEstimated(cost.Name))];
        CorrectedSums[] sums = [.. costs.Select(cost => new CorrectedSums(space, cost))];
        ImmutableArray<double> Added(int group, int choice) => [.. sums.Select(cost => cost.Added(group, choice))];

        // Fitted to what the parts of measured variants add up to, so that it holds what adding up leaves out.
        (double Divergence, double Loss, double Doubt)[] losses = [.. Places(space, trials, onProgress, cancellation).Where(place => place.Genome is not null).Select(place => (new Composition(space, place.Genome!.Value).Divergence, place.Loss, place.Doubt)).Where(point => double.IsFinite(point.Divergence) && double.IsFinite(point.Loss))];
        var curve = LossCurve.Fit(losses);
        double[] errors = [.. losses.Where(point => point.Doubt == 0).Select(point => Math.Abs(point.Loss - curve.Of(point.Divergence))).Order()];
        return new SpaceModel(
            [.. costs.Select(cost => cost.Name)],
            [.. space.Table.Groups.Select((group, g) => new ModeledGroup(group.Layers, [.. group.Choices.Select((choice, c) => new ModeledChoice(choice.Method.Name, choice.Method.Options, choice.Loss, Added(g, c)))]))],
            [.. space.Forms.Select((form, f) => new ModeledForm(new Recipe(form.Steps).CanonicalJson, form.Loss, [.. sums.Select(cost => cost.OfForm(f))], form.Shares))],
            curve, errors.Length)
        {
            Layers = space.Table.Layers,
            NamesLayers = !space.Table.IsWhole,
            Pruned = _studySpace.Pruned,
            LossErrors = errors.Length == 0 ? [] : [errors[errors.Length / 2], errors[errors.Length * 9 / 10]],
            Checks = [.. costs.Select(CheckOf).OfType<CostCheck>()],
            Predictions = [.. (Model?.Predictions ?? []).Concat(Planned.Select(planned => new ModeledPrediction(planned.Recipe.Id, planned.Loss.Mean, planned.Loss.Deviation))).DistinctBy(prediction => prediction.Id)],
        };
    }

    static CostCheck? CheckOf(ICostModel cost)
    {
        double[] errors = [.. cost.CrossValidated().Select(Math.Abs).Order()];
        return errors.Length == 0 ? null : new CostCheck(cost.Name, errors.Length, errors[errors.Length / 2], errors[errors.Length * 9 / 10]);
    }

    ProbedPlace Probed(CalibrationProbe probe) => new(probe.Divergence.Loss, [.. CostNames().Select(probe.FigureOf)]);

    IEnumerable<Recipe> Uniform(ChoiceTable table, bool isCheapestFirst = false)
    {
        ImmutableArray<ImmutableArray<int>> assignments = [.. table.Methods.Select(table.Uniform).OfType<ImmutableArray<int>>()];
        return (isCheapestFirst ? CheapestFirst.Of(assignments, table) : assignments).Select(assignment => table.Compose(assignment)).Concat(_studySpace.WholeNetwork()).DistinctBy(recipe => recipe.Id);
    }

    RecipePlanner? Planner(SearchSpace space, IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        if (BaselineOf(trials) is not { } baseline) return null;
        var costs = CostNames().Select(name => Objective.Of(name, subject.Metric.IsMaximized)).ToArray();
        double[] figures = [.. costs.Select(cost => IsEstimated(cost.Name) ? EstimateOf(Recipe.Baseline, onProgress, cancellation) : cost.Cost(baseline))];
        if (Array.FindIndex(figures, figure => !(figure > 0 && double.IsFinite(figure))) is >= 0 and var unknown)
        {
            Obstacle = $"Nothing can be planned, for the baseline has no {costs[unknown].Name}";
            return null;
        }

        double lossReference = subject.Metric.IsMaximized ? 1 : ParetoView.BeyondBaseline - 1;
        var aim = new SearchAim(
            [lossReference, .. figures.Take(settings.Objectives.Length - 1).Select(figure => figure * ParetoView.BeyondBaseline)],
            [.. costs.Select((cost, k) => settings.Budgets.Where(budget => budget.Figure == cost.Name).Select(budget => budget.Limit).DefaultIfEmpty(double.PositiveInfinity).Min() * (IsEstimated(cost.Name) ? figures[k] / cost.Cost(baseline) : 1))],
            BudgetGoals.LossLimit(settings.Budgets, baseline))
        {
            LeastGain = _isRaced ? PairedChange.LeastGain / (double)subject.Data.Count(Data.DataPart.Evaluate) / BudgetGoals.LossUnit(baseline.Accuracy.Value) : 0,
        };
        return new RecipePlanner(space, [.. costs.Select((cost, k) => SurfaceOf(cost.Name, space, figures[k], baseline.Compute.Macs, onProgress, cancellation))], aim, settings.Seed);
    }

    // The objectives first, then what only has a budget.
    IEnumerable<string> CostNames() => settings.Objectives.Concat(settings.Budgets.Select(budget => budget.Figure).Where(Objective.Names.Contains)).Where(name => name != "accuracy").Distinct();

    ICostModel SurfaceOf(string objective, SearchSpace space, double baseline, double baselineMacs, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        if (objective == "latency" && _studySpace.Profiles is { } known) return new TimeSurface(space, baseline, baselineMacs, known.Layout, known.Observations);

        // Variants are written compacted, even where no layer is treated.
        double written = probes.Of(new Recipe([new CompactGraph().ToStep(Step.WholeNetwork)]), onProgress, cancellation).FigureOf(objective);
        if (!double.IsFinite(written) || !(written > 0)) written = baseline;
        return new CostSurface(objective, space, written, _studySpace.Added(space, objective, written, onProgress, cancellation), IsEstimated(objective) ? DoubtOfTime : DoubtOfCounts, IsEstimated(objective) ? NoiseOfTime : NoiseOfCounts);
    }

    List<MeasuredPlace> Places(SearchSpace space, IReadOnlyList<Trial> trials, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var costs = CostNames().Select(name => Objective.Of(name, subject.Metric.IsMaximized)).ToArray();
        double baselineTime = BaselineOf(trials)?.Compute.LatencyMilliseconds?.Value ?? double.NaN;
        var places = new List<MeasuredPlace>();
        foreach (var trial in trials)
        {
            var genome = space.GenomeOf(trial.Recipe);

            // Where time is not to steer, it is what is estimated. Paired ratios are disturbed less than milliseconds.
            ImmutableArray<double> Costs(Func<Objective, double?> figureOf) => [.. costs.Select(cost => IsEstimated(cost.Name) ? EstimateOf(trial.Recipe, onProgress, cancellation) : figureOf(cost) ?? double.NaN)];
            if (trial.Outcome is TrialOutcome.Measured { Figures: var figures }) places.Add(new MeasuredPlace(genome, LossOf(figures), Costs(cost => cost.Name == "latency" ? figures.Compute.LatencyRatio?.Value * baselineTime : cost.Figure(figures))));
            if (trial.Outcome is not TrialOutcome.Dropped dropped || trials.FirstOrDefault(other => other.Recipe.Id == dropped.DominatedBy)?.Outcome is not TrialOutcome.Measured { Figures: var rival }) continue;

            // How much better than estimated it may be stands for how much worse: losses that were not seen have no bound that says much.
            double unit = BudgetGoals.LossUnit(rival.Accuracy.Value - rival.AccuracyChange.Value), change = subject.Metric.IsMaximized ? dropped.Change.Value : -dropped.Change.Value;
            double doubt = subject.Metric.IsMaximized ? dropped.Change.High - dropped.Change.Value : dropped.Change.Value - dropped.Change.Low;
            places.Add(new MeasuredPlace(genome, LossOf(rival) - change / unit, Costs(cost => dropped.Figure(cost.Name))) { IsGivenUp = true, Doubt = doubt / unit });
        }

        return places;
    }

    double[] ObjectivesOf(Trial trial, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        if (trial.Outcome is not TrialOutcome.Measured { Figures: var figures }) return [.. Enumerable.Repeat(double.PositiveInfinity, settings.Objectives.Length)];
        return [LossOf(figures), .. Objectives().Select(Cost)];

        double Cost(Objective objective)
        {
            if (!IsEstimated(objective.Name)) return objective.Cost(figures);
            double estimate = EstimateOf(trial.Recipe, onProgress, cancellation);
            return double.IsNaN(estimate) ? double.PositiveInfinity : estimate;
        }
    }

    // Time that is measured does not steer unless that was asked for: it would not give the same recipes again.
    bool IsEstimated(string cost) => cost == "latency" && _studySpace.Profiles is null;

    double EstimateOf(Recipe recipe, Action<ExplorationProgress> onProgress, CancellationToken cancellation) => probes.Of(recipe, onProgress, cancellation).FigureOf("latency");

    Objective[] Objectives() => [.. settings.Objectives.Where(name => name != "accuracy").Select(name => Objective.Of(name, subject.Metric.IsMaximized))];

    static Measured? BaselineOf(IReadOnlyList<Trial> trials) => (trials.FirstOrDefault(trial => trial.Recipe.Equals(Recipe.Baseline))?.Outcome as TrialOutcome.Measured)?.Figures;

    double LossOf(Measured figures)
    {
        double loss = subject.Metric.IsMaximized ? -figures.AccuracyChange.Value : figures.AccuracyChange.Value;
        return loss / BudgetGoals.LossUnit(figures.Accuracy.Value - figures.AccuracyChange.Value);
    }

    // Packed variants get half of the trials that the uniform recipes leave; all of them where nothing else is asked for.
    Recipe? NextPrice(ChoiceTable table, IReadOnlyList<Trial> trials, IReadOnlySet<string> known)
    {
        const string name = RateConstrainedWeights.MethodName;
        bool isWanted = settings.Methods.IsEmpty ? settings.AimsAtPackedBytes : settings.Methods.Contains(name);
        int left = settings.TrialCount - Uniform(table).Count() - 1, spent = trials.Count(trial => trial.Recipe.Steps.Any(step => step.Method == name));
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
}
