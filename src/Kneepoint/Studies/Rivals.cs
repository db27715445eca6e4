using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>The measured variants of a study, and which of them a new one is raced against.</summary>
/// <remarks>
/// That is the most accurate of those that cost at most as much as the new one in each of the study's other objectives and in each figure that a budget is about, and that keep within the budgets of accuracy.
/// One rival, chosen before anything of the new one's accuracy is known: so the risk is that of one comparison. What is given up is worse, or tied with a variant that costs no more and stays.
/// </remarks>
/// <param name="metric">What made the scores. Only figures that are proportions are raced for.</param>
/// <param name="settings">Objectives, budgets, seed, and when to race.</param>
public sealed class Rivals(IMetric metric, ExplorationSettings settings)
{
    readonly List<Candidate> _measured = [];
    int[] _wrong = [];
    readonly ImmutableArray<Budget> _leastAccuracy = [.. settings.Budgets.Where(budget => budget.Figure is "accuracy" or "accuracyChange")];
    readonly Objective _accuracy = Objective.Of("accuracy", metric.IsMaximized);

    readonly ImmutableArray<Objective> _costs = [.. settings.Objectives.Concat(settings.Budgets.Select(budget => budget.Figure)).Distinct()
        .Where(name => name is not ("accuracy" or "accuracyChange")).Select(name => Objective.Of(name, metric.IsMaximized))];

    /// <summary>Names of the objectives that must be known of a variant before it is raced.</summary>
    public IEnumerable<string> CostNames => _costs.Select(cost => cost.Name);

    /// <summary>Whether variants of this study are raced at all.</summary>
    public bool AreRaced => metric is { IsProportion: true, ScoresPerSample: 1 } && settings.Racing switch
    {
        Racing.Never => false,
        Racing.Repeatable => !CostNames.Any(Objective.Fluctuating.Contains),
        _ => true,
    };

    /// <summary>The score of a sample that is right.</summary>
    internal float Right => metric.IsMaximized ? 1 : 0;

    /// <summary>Takes in a measured variant.</summary>
    public void Add(Recipe recipe, TrialOutcome.Measured outcome)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        _measured.Add(new Candidate(recipe.Id, outcome));
        if (!AreRaced) return;
        var scores = SampleScores.Of(metric, outcome.SampleScores);
        if (_wrong.Length == 0) _wrong = new int[scores.Count];
        for (int i = 0; i < scores.Count; i++)
        {
            if (scores.Values[i] != Right) _wrong[i]++;
        }
    }

    /// <summary>The race of a recipe's variant; null where it sees all samples: the baseline, and everything where nothing is raced.</summary>
    public Entry? Meet(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (!AreRaced || recipe.Equals(Recipe.Baseline)) return null;
        // Each variant meets the samples in an order of its own, so that what was learned from earlier ones says nothing of it.
        return new Entry(this, settings.Seed ^ long.Parse(recipe.Id, NumberStyles.HexNumber, CultureInfo.InvariantCulture));
    }

    /// <summary>The rival of a variant whose costs are known; null if none costs so little.</summary>
    /// <param name="costs">The variant; its accuracy is not looked at.</param>
    internal Rival? Against(Measured costs)
    {
        double[] own = [.. _costs.Select(cost => cost.Cost(costs))];
        if (!own.All(double.IsFinite)) return null;
        var best = _measured.Where(rival => _leastAccuracy.All(budget => budget.IsMet(rival.Outcome.Figures)))
            .Where(rival => _costs.Zip(own).All(pair => pair.First.Cost(rival.Outcome.Figures) <= pair.Second))
            .MinBy(rival => _accuracy.Cost(rival.Outcome.Figures));
        if (best is null) return null;
        var scores = SampleScores.Of(metric, best.Outcome.SampleScores);
        return AccuracyFigure.Successes(metric, scores) is null ? null : new Rival(best.Id, scores, _wrong);
    }

    sealed record Candidate(string Id, TrialOutcome.Measured Outcome);

    /// <summary>Who a variant is raced against.</summary>
    /// <param name="Id">The variant's id.</param>
    /// <param name="Scores">Its scores on all samples, each 0 or 1.</param>
    /// <param name="Doubts">For each sample how many measured variants have it wrong.</param>
    internal sealed record Rival(string Id, SampleScores Scores, IReadOnlyList<int> Doubts);

    /// <summary>A variant's entry into the race.</summary>
    /// <param name="Rivals">Who it may meet.</param>
    /// <param name="Seed">Of the order in which it sees the samples.</param>
    public sealed record Entry(Rivals Rivals, long Seed);
}
