using System.Collections.Immutable;
using Kneepoint.Search.Models;
using Kneepoint.Search.Space;

namespace Kneepoint.Search.Planning;

/// <summary>Plans the trials that are expected to add most to the frontier, or to come nearest to budgets.</summary>
/// <remarks>
/// Costs are modeled (<see cref="ICostModel"/>), and so is the loss: from the parts of a recipe its divergence (<see cref="DivergenceModel"/>), from that its loss (<see cref="AccuracyModel"/>). Candidates of a <see cref="CandidatePool"/> are ranked by
/// the hypervolume that they are expected to add (<see cref="ExpectedImprovement"/>), or by the loss that they are expected to save within budgets, and the best ones' neighbors are looked at until nothing better comes. The divergence of the best is then measured on calibration samples, which shows what adding up does not, and the
/// recipes are chosen one after another, each as if those before had come out as expected.
/// Deterministic: the same measurements and seed give the same plan.
/// </remarks>
public sealed class RecipePlanner
{
    // How many candidates the full model sees, climb on, and are measured for each recipe that is planned.
    const int Considered = 240, Climbers = 12, MostClimbs = 3, ProbesForEach = 3, MostLooks = 3, Draws = 4;

    // Losses of the additive model err by so much where the full one was not asked.
    const double QuickDoubt = 0.4;
    readonly SearchSpace _space;
    readonly ImmutableArray<ICostModel> _costs;
    readonly SearchAim _aim;
    readonly long _seed;

    /// <summary>Sets the stage.</summary>
    /// <param name="space">What may be proposed.</param>
    /// <param name="costs">The model of each objective but the accuracy, then those of costs that only have a budget.</param>
    /// <param name="aim">What is wanted.</param>
    /// <param name="seed">Of the draws.</param>
    public RecipePlanner(SearchSpace space, ImmutableArray<ICostModel> costs, SearchAim aim, long seed)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(aim);
        if (aim.Reference.Length is var m && (m < 2 || m > costs.Length + 1) || aim.CostLimits.Length != costs.Length)
        {
            throw new ArgumentException($"Expected a reference of a loss and up to {costs.Length} costs, and a limit for each cost.", nameof(aim));
        }

        (_space, _costs, _aim, _seed) = (space, costs, aim, seed);
    }

    /// <summary>The curve from measured divergence to loss as of the last plan; null before the first.</summary>
    public LossCurve? Curve { get; private set; }

    /// <summary>The models of cost, as of the last plan.</summary>
    public ImmutableArray<ICostModel> Costs => _costs;

    /// <summary>Plans the next trials.</summary>
    /// <param name="measured">Everything measured so far.</param>
    /// <param name="count">Recipes wanted at most.</param>
    /// <param name="known">Ids of all recipes tried, failed ones included.</param>
    /// <param name="probe">Measures the divergence of a place on calibration samples; infinite where it cannot be made.</param>
    /// <returns>Distinct recipes, the first the most worth; none where nothing is expected to add anything.</returns>
    public ImmutableArray<PlannedRecipe> Plan(IReadOnlyList<MeasuredPlace> measured, int count, IReadOnlySet<string> known, Func<Genome, ProbedPlace> probe)
    {
        ArgumentNullException.ThrowIfNull(measured);
        ArgumentNullException.ThrowIfNull(known);
        ArgumentNullException.ThrowIfNull(probe);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(count);
        var probes = new Dictionary<Genome, ProbedPlace>();
        foreach (var place in measured)
        {
            if (place.Genome is { } genome) probes.TryAdd(genome, probe(genome) with { Costs = place.Costs });
        }

        Learn(probes);
        var losses = AccuracyModel.Of(measured.Where(place => place.Genome is not null).Select(place => (new Composition(_space, place.Genome!.Value), probes[place.Genome!.Value].Divergence, place.Loss, place.Doubt)));
        Curve = losses.Curve;
        var models = new Models(_space, DivergenceOf(probes), losses, probes);

        // Where budgets are stated, one trial in four still widens the view, and so do all that no recipe within the budgets is worth.
        var plan = ImmutableArray<PlannedRecipe>.Empty;
        foreach (var aim in _aim.Nearer(measured))
        {
            if (count - count / 4 - plan.Length is > 0 and var missing) Add(aim.Budget(measured), missing);
        }

        int left = count - plan.Length, wide = (left + 1) / 2;
        if (wide > 0) Add(_aim.Volume(measured, isUsefulOnly: false), wide);
        if (left > wide) Add(_aim.Volume(measured, isUsefulOnly: true), left - wide);

        // What is expected of each does not hang on what the others are taken to come out as.
        models = models with { Divergence = DivergenceOf(probes) };
        return [.. plan.Select(planned => planned with { Loss = models.LossOf(planned.Genome) })];

        void Add(TrialWorth worth, int most)
        {
            worth = plan.Aggregate(worth, (after, planned) => after.After(planned.Costs.AsSpan(), planned.Loss.Mean));
            var expected = plan.Aggregate(models, (after, planned) => after.After(planned.Genome));
            plan = plan.AddRange(Part(worth, most, measured, expected, known.Concat(plan.Select(planned => planned.Recipe.Id)).ToHashSet(StringComparer.Ordinal), probe));
        }
    }

    ImmutableArray<PlannedRecipe> Part(TrialWorth worth, int count, IReadOnlyList<MeasuredPlace> measured, Models models, IReadOnlySet<string> known, Func<Genome, ProbedPlace> probe)
    {
        var probes = models.Probes;
        var looked = new List<Genome>();
        for (int look = 1; ; look++)
        {
            // What adding up does not show is looked at for the best ones. One that is fitted in succession takes long to make: what it is fitted from stands for it.
            int before = looked.Count;
            looked.AddRange(Choose(Candidates(measured, models, worth, known), count * ProbesForEach, models, worth).Select(candidate => candidate.Genome).Except(looked));
            foreach (var genome in looked.Skip(before))
            {
                var plain = genome.With(1, 0);
                if (!probes.ContainsKey(plain)) probes[plain] = probe(plain);
            }

            Learn(probes);
            models = models with { Divergence = DivergenceOf(probes) };
            var chosen = Choose([.. looked.Select(genome => Judge(genome, models, worth))], count, models, worth);

            // The best ones fill a budget to its last bytes, and all of them may turn out to be too large by some: with what that has taught, others are found.
            if (chosen.Count >= count || looked.Count == before || look == MostLooks || !worth.HasLimits) return [.. chosen];
        }
    }

    DivergenceModel DivergenceOf(Dictionary<Genome, ProbedPlace> probes) => DivergenceModel.Of(_space, probes.Select(entry => (entry.Key, entry.Value.Divergence)));

    void Learn(Dictionary<Genome, ProbedPlace> probes)
    {
        for (int k = 0; k < _costs.Length; k++)
        {
            int cost = k;
            _costs[k].Learn(probes.Select(entry => (entry.Key, entry.Value.Costs[cost])));
        }
    }

    List<PlannedRecipe> Candidates(IReadOnlyList<MeasuredPlace> measured, Models models, TrialWorth worth, IReadOnlySet<string> known)
    {
        var pool = new CandidatePool(_space, unchecked(_seed * 1_000_003 + measured.Count));
        double Added(int cost, int group, int choice) => _costs[cost].Added(group, choice) / _costs[cost].Baseline;
        for (int form = 0; form < _space.Forms.Length; form++)
        {
            for (int fitted = 0; fitted < _space.GeneSizes[1]; fitted++)
            {
                foreach (double[] mix in Mixes())
                {
                    pool.Sweep(form, fitted != 0, Added, mix, isDrawn: false);
                    for (int draw = 0; draw < Draws; draw++) pool.Sweep(form, fitted != 0, Added, mix, isDrawn: true);
                }
            }
        }

        foreach (var genome in BudgetOptima.Of(_space, _costs, _aim.CostLimits)) pool.Add(genome);
        var front = GenomesOf(FrontOf(measured));
        foreach (var genome in front) pool.Neighbors(genome);
        for (int i = 1; i < front.Count; i++) pool.Mixtures(front[i - 1], front[i], 8);

        var judged = new Dictionary<Genome, PlannedRecipe>();
        int seen = 0;
        for (int climb = 0; climb <= MostClimbs && seen < pool.All.Count; climb++)
        {
            var fresh = pool.All.Skip(seen).Where(genome => !known.Contains(_space.RecipeOf(genome).Id));
            seen = pool.All.Count;
            foreach (var genome in fresh.Select(genome => (Genome: genome, Worth: QuickWorth(genome, models, worth))).OrderByDescending(entry => entry.Worth).Take(climb == 0 ? Considered : Considered / 2).Select(entry => entry.Genome))
            {
                judged.TryAdd(genome, Judge(genome, models, worth));
            }

            foreach (var best in judged.Values.OrderByDescending(candidate => candidate.Worth).ThenBy(candidate => candidate.Recipe.Id, StringComparer.Ordinal).Take(Climbers)) pool.Neighbors(best.Genome);
        }

        return [.. judged.Values.Where(candidate => candidate.Worth > 0).DistinctBy(candidate => candidate.Recipe.Id).OrderByDescending(candidate => candidate.Worth).ThenBy(candidate => candidate.Recipe.Id, StringComparer.Ordinal).Take(Considered)];
    }

    // Each cost alone, and mixtures of two.
    IEnumerable<double[]> Mixes()
    {
        for (int k = 0; k < _costs.Length; k++)
        {
            double[] alone = new double[_costs.Length];
            alone[k] = 1;
            yield return alone;
            for (int l = k + 1; l < _costs.Length; l++)
            {
                foreach (double share in (double[])[0.1, 0.3, 0.5, 0.7, 0.9])
                {
                    double[] both = new double[_costs.Length];
                    (both[k], both[l]) = (share, 1 - share);
                    yield return both;
                }
            }
        }
    }

    static List<Genome> GenomesOf(IEnumerable<MeasuredPlace> front) => [.. front.Where(place => place.Genome is not null).OrderBy(place => place.Costs[0]).Select(place => place.Genome!.Value)];

    /// <summary>What nothing beats in all costs and the loss, as the planner knows them.</summary>
    internal static ImmutableArray<MeasuredPlace> FrontOf(IReadOnlyList<MeasuredPlace> measured)
    {
        var finite = measured.Where(place => !place.IsGivenUp && place.Costs.All(double.IsFinite)).ToArray();
        double[] figures = [.. finite.SelectMany(place => place.Costs.Prepend(place.Loss))];
        return finite.Length == 0 ? [] : [.. Pareto.NondominatedFilter.Indices(figures, figures.Length / finite.Length).Select(i => finite[i])];
    }

    double QuickWorth(Genome genome, Models models, TrialWorth worth)
    {
        double divergence = new Composition(_space, genome).Divergence;
        if (!double.IsFinite(divergence)) return 0;
        double loss = models.Losses.Curve.Of(divergence);
        return worth.Of(CostsOf(genome), new Prediction(loss, QuickDoubt * loss + 1e-3));
    }

    PlannedRecipe Judge(Genome genome, Models models, TrialWorth worth)
    {
        var loss = models.LossOf(genome);
        double[] costs = CostsOf(genome);
        if (models.Probes.TryGetValue(genome.With(1, 0), out var probed))
        {
            for (int k = 0; k < costs.Length; k++) costs[k] = double.IsFinite(probed.Costs[k]) ? probed.Costs[k] : costs[k];
        }

        return new PlannedRecipe(genome, _space.RecipeOf(genome), loss, [.. costs], worth.Of(costs, loss));
    }

    double[] CostsOf(Genome genome) => [.. _costs.Select(cost => cost.Of(genome))];

    // One after another, each as if those before had come out as expected.
    static List<PlannedRecipe> Choose(IReadOnlyList<PlannedRecipe> candidates, int count, Models models, TrialWorth worth)
    {
        var chosen = new List<PlannedRecipe>();
        var left = candidates.OrderByDescending(candidate => candidate.Worth).ThenBy(candidate => candidate.Recipe.Id, StringComparer.Ordinal).ToList();
        while (chosen.Count < count && left.Count > 0)
        {
            PlannedRecipe? best = null;
            foreach (var candidate in left)
            {
                // Worth only falls as more is chosen.
                if (best is not null && candidate.Worth <= best.Worth) break;
                var loss = models.LossOf(candidate.Genome);
                var now = candidate with { Loss = loss, Worth = worth.Of(candidate.Costs.AsSpan(), loss) };
                if (best is null || now.Worth > best.Worth) best = now;
            }

            if (best is null || !(best.Worth > 0)) break;
            chosen.Add(best);
            left.RemoveAll(candidate => candidate.Genome.Equals(best.Genome));
            worth = worth.After(best.Costs.AsSpan(), best.Loss.Mean);
            models = models.After(best.Genome);
        }

        return chosen;
    }

    sealed record Models(SearchSpace Space, DivergenceModel Divergence, AccuracyModel Losses, Dictionary<Genome, ProbedPlace> Probes)
    {
        public Prediction LossOf(Genome genome)
        {
            var (logMean, logVariance) = DivergenceOf(genome);
            return double.IsPositiveInfinity(logMean) && Probes.ContainsKey(genome) ? new Prediction(double.PositiveInfinity, 0) : Losses.Of(new Composition(Space, genome), logMean, logVariance);
        }

        /// <summary>The models once a place has come out as expected.</summary>
        public Models After(Genome genome) => this with { Losses = Losses.After(new Composition(Space, genome), DivergenceOf(genome).LogMean) };

        (double LogMean, double LogVariance) DivergenceOf(Genome genome) => !Probes.TryGetValue(genome, out var probed) ? Divergence.Of(genome)
            : (double.IsFinite(probed.Divergence) ? Math.Log(Math.Max(probed.Divergence, Composition.Least)) : double.PositiveInfinity, 0);
    }
}
