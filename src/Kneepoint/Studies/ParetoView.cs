using System.Collections.Immutable;
using Kneepoint.Pareto;

namespace Kneepoint.Studies;

/// <summary>The trials of a study as points: which are on the frontier, how much it dominates, where its knee is.</summary>
/// <param name="Frontier">Ids of the frontier's variants, from the cheapest in the second objective on.</param>
/// <param name="Volume">The dominated volume in the product of the objectives' units; null without a reference.</param>
/// <param name="Reference">One figure per objective, in its own unit and sign; empty without a baseline.</param>
/// <param name="KneeId">The knee's id; null if the frontier has none.</param>
public sealed record ParetoView(ImmutableArray<string> Frontier, double? Volume, ImmutableArray<double> Reference, string? KneeId)
{
    // The reference lies a little beyond the baseline, so that the baseline itself counts.
    internal const double BeyondBaseline = 1.1;

    /// <summary>Looks at measured trials.</summary>
    /// <remarks>
    /// The reference of the volume is 1.1 × the baseline's figure for objectives that are minimized, and 0 for those that are maximized.
    /// A variant without a figure for an objective cannot be on the frontier. The knee takes bytes, operations and times as logarithms.
    /// </remarks>
    public static ParetoView Of(IEnumerable<Trial> trials, IReadOnlyList<Objective> objectives)
    {
        ArgumentNullException.ThrowIfNull(objectives);
        int m = objectives.Count;
        var measured = new List<(Trial Trial, double[] Costs)>();
        foreach (var trial in trials)
        {
            if (trial.Outcome is not TrialOutcome.Measured outcome) continue;
            double[] costs = [.. objectives.Select(objective => objective.Cost(outcome.Figures))];
            if (costs.All(double.IsFinite)) measured.Add((trial, costs));
        }

        bool[] mask = NondominatedFilter.Mask(measured.SelectMany(point => point.Costs).ToArray(), m);
        int sortBy = Math.Min(1, m - 1);
        var front = measured.Where((_, i) => mask[i]).OrderBy(point => point.Costs[sortBy]).ThenBy(point => point.Trial.Number).ToList();
        double[] reference = ReferenceOf(measured.Select(point => point.Trial), objectives);
        double? volume = reference.Length == 0
            ? null
            : Hypervolume.Of(front.SelectMany(point => point.Costs).ToArray(), reference);
        int knee = Knee.IndexOf(front.SelectMany(point => Scaled(point.Costs, objectives)).ToArray(), m);
        return new ParetoView([.. front.Select(point => point.Trial.Recipe.Id)], volume,
            [.. reference.Select((cost, k) => objectives[k].IsMaximized ? 0 - cost : cost)], knee < 0 ? null : front[knee].Trial.Recipe.Id);
    }

    /// <summary>Ids of every variant that could be the answer to some budget: those that no other is at least as good as in all figures, and the frontier's.</summary>
    /// <remarks>Their files are kept, since a budget may name any figure, not only the study's objectives. Of two that are equal in these one may be beaten in others; both are on the frontier.</remarks>
    /// <param name="trials">The trials.</param>
    /// <param name="accuracyIsMaximized">Whether more of the metric is better.</param>
    /// <param name="objectives">Names of the study's objectives.</param>
    public static IReadOnlySet<string> WorthKeeping(IReadOnlyList<Trial> trials, bool accuracyIsMaximized, IEnumerable<string> objectives)
    {
        // Objectives that nobody measured tie at infinity and decide nothing.
        Objective[] all = [.. Objective.Names.Select(name => Objective.Of(name, accuracyIsMaximized))];
        var measured = trials.Where(trial => trial.Outcome is TrialOutcome.Measured).ToList();
        double[] costs = [.. measured.SelectMany(trial => all.Select(objective => objective.Cost(((TrialOutcome.Measured)trial.Outcome).Figures)))];
        bool[] mask = NondominatedFilter.Mask(costs.Select(cost => double.IsNaN(cost) ? double.PositiveInfinity : cost).ToArray(), all.Length);
        return measured.Where((trial, i) => mask[i] || trial.Recipe.Equals(Search.Recipe.Baseline))
            .Select(trial => trial.Recipe.Id)
            .Concat(Of(trials, [.. objectives.Select(name => Objective.Of(name, accuracyIsMaximized))]).Frontier).ToHashSet(StringComparer.Ordinal);
    }

    static double[] ReferenceOf(IEnumerable<Trial> measured, IReadOnlyList<Objective> objectives)
    {
        if (measured.FirstOrDefault(trial => trial.Recipe.Equals(Search.Recipe.Baseline))?.Outcome is not TrialOutcome.Measured baseline) return [];
        double[] reference = [.. objectives.Select(objective => objective.IsMaximized ? 0 : objective.Cost(baseline.Figures) * BeyondBaseline)];
        return reference.All(double.IsFinite) ? reference : [];
    }

    static IEnumerable<double> Scaled(double[] costs, IReadOnlyList<Objective> objectives) =>
        costs.Select((cost, k) => objectives[k].Name == "accuracy" || cost <= 0 ? cost : Math.Log(cost));
}
