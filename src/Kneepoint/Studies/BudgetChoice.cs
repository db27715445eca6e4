using System.Collections.Immutable;
using Kneepoint.Measurement;
using Kneepoint.Pareto;

namespace Kneepoint.Studies;

/// <summary>The best measured variant under budgets, or how far away the nearest one is.</summary>
/// <param name="Best">The variant; null if no variant meets all budgets.</param>
/// <param name="Nearest">If there is no best: the variant that needs the least relaxation; null if none has all figures that are bounded.</param>
/// <param name="Relaxations">If there is no best: what each budget that the nearest variant breaks would have to become.</param>
/// <param name="SingleRelaxations">If there is no best: budgets whose relaxation alone would be enough, the smallest relative one first.</param>
/// <param name="Prices">If there is a best: what the next better variant would cost, one for each budget that stops it.</param>
public sealed record BudgetChoice(
    Trial? Best, Trial? Nearest, ImmutableArray<Relaxation> Relaxations, ImmutableArray<Relaxation> SingleRelaxations, ImmutableArray<Price> Prices)
{
    /// <summary>Budgets on figures that no variant has, which therefore none can meet.</summary>
    public ImmutableArray<Budget> NotMeasured { get; init; } = [];

    /// <summary>Chooses among measured trials.</summary>
    /// <remarks>Trials without a measurement, or whose goal was not measured, are passed over. <see cref="BudgetQuery"/> decides.</remarks>
    /// <param name="trials">Of one study.</param>
    /// <param name="budgets">All must be met; may be empty.</param>
    /// <param name="goal">What to make as good as possible under them.</param>
    /// <param name="tieBreakers">Decide among variants with the same goal figure, first to last; then the earlier trial wins.</param>
    public static BudgetChoice Of(IEnumerable<Trial> trials, IReadOnlyList<Budget> budgets, Objective goal, IReadOnlyList<Objective> tieBreakers)
    {
        trials = [.. trials];
        Trial[] measured = [.. trials
            .Where(trial => trial.Outcome is TrialOutcome.Measured outcome && double.IsFinite(goal.Cost(outcome.Figures)))
            .OrderBy(trial => trial.Number)];
        Objective[] wishes = [goal, .. tieBreakers];
        double[] figures = [.. measured.SelectMany(trial => budgets.Select(budget => budget.Read(Figures(trial)))
            .Concat(wishes.Select(wish => wish.Figure(Figures(trial)))).Select(figure => figure ?? double.NaN))];
        BudgetLimit[] limits = [.. budgets.Select((budget, column) => new BudgetLimit(column, budget.Limit, budget.IsUpper))];
        BudgetGoal[] goals = [.. wishes.Select((wish, i) => new BudgetGoal(budgets.Count + i, wish.IsMaximized))];
        var answer = BudgetQuery.Solve(figures, budgets.Count + wishes.Length, limits, goals);
        if (answer.IsFeasible) return new BudgetChoice(measured[answer.Index], null, [], [], PricesOf(measured[answer.Index], measured, budgets, goal));
        return new BudgetChoice(null, answer.Index < 0 ? null : measured[answer.Index], Named(answer.Together), Named(answer.Alone), [])
        {
            NotMeasured = [.. budgets.Where(budget => IsNowhere(trials, budget.Read))],
        };

        ImmutableArray<Relaxation> Named(ImmutableArray<BudgetRelaxation> relaxations) =>
            [.. relaxations.Select(step => new Relaxation(budgets[step.Limit], measured[step.Index], step.Figure, step.Relative))];
    }

    /// <summary>Whether there are measured trials, but none with a figure.</summary>
    public static bool IsNowhere(IEnumerable<Trial> trials, Func<Measured, double?> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        Measured[] measured = [.. trials.Select(trial => (trial.Outcome as TrialOutcome.Measured)?.Figures).OfType<Measured>()];
        return measured.Length > 0 && measured.All(figures => read(figures) is null);
    }

    // The next better variant beyond each budget: a difference of two measured points, not a derivative.
    static ImmutableArray<Price> PricesOf(Trial best, Trial[] measured, IReadOnlyList<Budget> budgets, Objective goal)
    {
        var prices = new List<Price>();
        double bestCost = goal.Cost(Figures(best));
        foreach (var budget in budgets)
        {
            var next = measured
                .Where(trial => goal.Cost(Figures(trial)) < bestCost && double.IsFinite(budget.Excess(Figures(trial)))
                    && budgets.All(other => other == budget || other.IsMet(Figures(trial))))
                .OrderBy(trial => goal.Cost(Figures(trial)))
                .MinBy(trial => budget.Excess(Figures(trial)));
            if (next is null) continue;
            double gain = bestCost - goal.Cost(Figures(next));
            double more = budget.Read(Figures(next))!.Value - budget.Read(Figures(best))!.Value;
            if (double.IsFinite(gain) && double.IsFinite(more)) prices.Add(new Price(budget, next, goal.Name, gain, Math.Abs(more)));
        }

        return [.. prices];
    }

    static Measured Figures(Trial trial) => ((TrialOutcome.Measured)trial.Outcome).Figures;
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
