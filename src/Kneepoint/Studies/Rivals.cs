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
    readonly Lock _gate = new();
    readonly List<Candidate> _measured = [];
    (int TrialsBefore, int[] Wrong)? _doubts;
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

    /// <summary>Whether time or resident memory must be known before a race begins.</summary>
    public bool AreTimed => CostNames.Any(Objective.Fluctuating.Contains);

    /// <summary>Takes in a trial, in the order of their numbers; only a measured variant becomes a rival.</summary>
    public void Add(Trial trial)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (trial.Outcome is not TrialOutcome.Measured outcome) return;
        lock (_gate) _measured.Add(new Candidate(trial.Number, trial.Recipe.Id, outcome));
    }

    /// <summary>The race of a recipe's variant; null where it sees all samples: the baseline, and everything where nothing is raced.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="trialsBefore">Trials that it may meet: those with a higher number are no rivals.</param>
    public Entry? Meet(Recipe recipe, int trialsBefore)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        if (!AreRaced || recipe.Equals(Recipe.Baseline)) return null;
        // Each variant meets the samples in an order of its own, so that what was learned from earlier ones says nothing of it.
        return new Entry(this, settings.Seed ^ long.Parse(recipe.Id, NumberStyles.HexNumber, CultureInfo.InvariantCulture), trialsBefore);
    }

    Rival? Against(Measured costs, int trialsBefore)
    {
        double[] own = [.. _costs.Select(cost => cost.Cost(costs))];
        if (!own.All(double.IsFinite)) return null;
        lock (_gate)
        {
            var best = _measured.Where(rival => rival.Number <= trialsBefore && _leastAccuracy.All(budget => budget.IsMet(rival.Outcome.Figures)))
                .Where(rival => _costs.Zip(own).All(pair => pair.First.Cost(rival.Outcome.Figures) <= pair.Second))
                .MinBy(rival => _accuracy.Cost(rival.Outcome.Figures));
            if (best is null) return null;
            var scores = SampleScores.Of(metric, best.Outcome.SampleScores);
            return AccuracyFigure.Successes(metric, scores) is null ? null : new Rival(best.Id, scores, Doubts(trialsBefore));
        }
    }

    int[] Doubts(int trialsBefore)
    {
        if (_doubts is { } known && known.TrialsBefore == trialsBefore) return known.Wrong;
        int[] wrong = [];
        foreach (var candidate in _measured.Where(candidate => candidate.Number <= trialsBefore))
        {
            var scores = SampleScores.Of(metric, candidate.Outcome.SampleScores);
            if (wrong.Length == 0) wrong = new int[scores.Count];
            for (int i = 0; i < scores.Count; i++)
            {
                if (scores.Values[i] != Right) wrong[i]++;
            }
        }

        _doubts = (trialsBefore, wrong);
        return wrong;
    }

    sealed record Candidate(int Number, string Id, TrialOutcome.Measured Outcome);

    /// <summary>Who a variant is raced against.</summary>
    /// <param name="Id">The variant's id.</param>
    /// <param name="Scores">Its scores on all samples, each 0 or 1.</param>
    /// <param name="Doubts">For each sample how many measured variants have it wrong.</param>
    internal sealed record Rival(string Id, SampleScores Scores, IReadOnlyList<int> Doubts);

    /// <summary>A variant's entry into the race.</summary>
    /// <param name="Rivals">Who it may meet.</param>
    /// <param name="Seed">Of the order in which it sees the samples.</param>
    /// <param name="TrialsBefore">Trials that it may meet.</param>
    public sealed record Entry(Rivals Rivals, long Seed, int TrialsBefore)
    {
        /// <summary>The rival of a variant whose costs are known; null if none costs so little.</summary>
        /// <param name="costs">The variant; its accuracy is not looked at.</param>
        internal Rival? Against(Measured costs) => Rivals.Against(costs, TrialsBefore);
    }
}
