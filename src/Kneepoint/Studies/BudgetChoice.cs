using System.Collections.Immutable;

namespace Kneepoint.Studies;

/// <summary>The best measured variant under budgets, or how far away the nearest one is.</summary>
/// <param name="Best">The variant; null if no variant meets all budgets.</param>
/// <param name="Nearest">If there is no best: the variant that needs the least relaxation; null if nothing was measured.</param>
/// <param name="Relaxations">If there is no best: what each budget that the nearest variant breaks would have to become.</param>
/// <param name="SingleRelaxations">If there is no best: budgets whose relaxation alone would be enough, the smallest relative one first.</param>
/// <param name="Prices">If there is a best: what the next better variant would cost, one for each budget that stops it.</param>
public sealed record BudgetChoice(
    Trial? Best, Trial? Nearest, ImmutableArray<Relaxation> Relaxations, ImmutableArray<Relaxation> SingleRelaxations, ImmutableArray<Price> Prices)
{
    /// <summary>Chooses among measured trials.</summary>
    /// <param name="trials">Of one study; trials without a measurement are passed over.</param>
    /// <param name="budgets">All must be met; may be empty.</param>
    /// <param name="goal">What to make as good as possible under them.</param>
    /// <param name="tieBreakers">Decide among variants with the same goal figure, first to last; then the earlier trial wins.</param>
    public static BudgetChoice Of(IEnumerable<Trial> trials, IReadOnlyList<Budget> budgets, Objective goal, IReadOnlyList<Objective> tieBreakers)
    {
        var measured = trials.Where(trial => trial.Outcome is TrialOutcome.Measured).OrderBy(trial => trial.Number).ToList();
        var order = measured.OrderBy(trial => goal.Cost(Figures(trial)));
        foreach (var breaker in tieBreakers) order = order.ThenBy(trial => breaker.Cost(Figures(trial)));
        var ranked = order.ToList();
        var best = ranked.Find(trial => budgets.All(budget => budget.IsMet(Figures(trial))) && double.IsFinite(goal.Cost(Figures(trial))));
        if (best is not null) return new BudgetChoice(best, null, [], [], PricesOf(best, ranked, budgets, goal));
        var nearest = ranked.OrderBy(trial => budgets.Sum(budget => RelativeExcess(budget, trial))).FirstOrDefault();
        var broken = nearest is null
            ? []
            : budgets.Where(budget => !budget.IsMet(Figures(nearest))).Select(budget => RelaxationTo(budget, nearest)).ToImmutableArray();
        return new BudgetChoice(null, nearest, broken, SinglesOf(ranked, budgets), []);
    }

    static ImmutableArray<Relaxation> SinglesOf(List<Trial> ranked, IReadOnlyList<Budget> budgets)
    {
        var singles = new List<Relaxation>();
        foreach (var budget in budgets)
        {
            var cheapest = ranked
                .Where(trial => double.IsFinite(budget.Excess(Figures(trial))) && budgets.All(other => other == budget || other.IsMet(Figures(trial))))
                .MinBy(trial => budget.Excess(Figures(trial)));
            if (cheapest is not null) singles.Add(RelaxationTo(budget, cheapest));
        }

        return [.. singles.OrderBy(relaxation => relaxation.Relative)];
    }

    // The next better variant beyond each budget: a difference of two measured points, not a derivative.
    static ImmutableArray<Price> PricesOf(Trial best, List<Trial> ranked, IReadOnlyList<Budget> budgets, Objective goal)
    {
        var prices = new List<Price>();
        double bestCost = goal.Cost(Figures(best));
        foreach (var budget in budgets)
        {
            var next = ranked
                .Where(trial => goal.Cost(Figures(trial)) < bestCost && double.IsFinite(budget.Excess(Figures(trial)))
                    && budgets.All(other => other == budget || other.IsMet(Figures(trial))))
                .MinBy(trial => budget.Excess(Figures(trial)));
            if (next is null) continue;
            double gain = bestCost - goal.Cost(Figures(next));
            double more = budget.Read(Figures(next))!.Value - budget.Read(Figures(best))!.Value;
            prices.Add(new Price(budget, next, goal.Name, gain, Math.Abs(more)));
        }

        return [.. prices];
    }

    static Relaxation RelaxationTo(Budget budget, Trial trial) =>
        new(budget, trial, budget.Read(Figures(trial)) ?? double.NaN, RelativeExcess(budget, trial));

    static double RelativeExcess(Budget budget, Trial trial) =>
        Math.Max(0, budget.Excess(Figures(trial))) / Math.Max(Math.Abs(budget.Limit), 1e-9);

    static Measurement.Measured Figures(Trial trial) => ((TrialOutcome.Measured)trial.Outcome).Figures;
}

/// <summary>A budget, and the limit at which a variant would meet it.</summary>
/// <param name="Budget">The budget that is not met.</param>
/// <param name="Trial">The variant that would meet it.</param>
/// <param name="NeededLimit">The variant's figure: the limit that it needs.</param>
/// <param name="Relative">The change of the limit over the limit.</param>
public sealed record Relaxation(Budget Budget, Trial Trial, double NeededLimit, double Relative);

/// <summary>What a better variant would cost: a measured difference between two variants.</summary>
/// <param name="Budget">The budget that would have to give.</param>
/// <param name="Next">The better variant.</param>
/// <param name="Goal">The objective's name.</param>
/// <param name="Gain">How much better it is, in the objective's unit, positive.</param>
/// <param name="More">How much more of the budget's figure it takes, in that figure's unit, positive.</param>
public sealed record Price(Budget Budget, Trial Next, string Goal, double Gain, double More);
