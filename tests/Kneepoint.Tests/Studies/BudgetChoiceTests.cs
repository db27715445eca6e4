using System.Collections.Immutable;
using CsCheck;
using Kneepoint.Measurement;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class BudgetChoiceTests
{
    static readonly Objective Accuracy = Objective.Of("accuracy", true);
    static readonly Objective FileBytes = Objective.Of("fileBytes", true);
    static readonly Gen<(int Accuracy, int Bytes, int Latency)[]> GenVariants =
        Gen.Select(Gen.Int[0, 20], Gen.Int[1, 20], Gen.Int[1, 20]).Array[1, 12];

    [Fact]
    public void The_most_accurate_variant_within_all_budgets_is_chosen()
    {
        var trials = Trials((95, 100, 10), (93, 50, 5), (94, 60, 20), (90, 10, 1));

        var choice = BudgetChoice.Of(trials, [Max("--max-file-bytes", 70), Max("--max-latency", 10)], Accuracy, [FileBytes]);

        Assert.Equal(2, choice.Best!.Number);
    }

    [Fact]
    public void The_price_is_the_next_better_variant_beyond_the_budget()
    {
        var trials = Trials((95, 100, 1), (93, 50, 1), (94, 80, 1));

        var price = Assert.Single(BudgetChoice.Of(trials, [Max("--max-file-bytes", 70)], Accuracy, []).Prices);

        Assert.Equal(3, price.Next.Number);
        Assert.Equal(0.01, price.Gain, 12);
        Assert.Equal(30, price.More);
    }

    [Fact]
    public void Infeasible_budgets_name_the_nearest_variant_and_what_to_relax()
    {
        var trials = Trials((95, 100, 10), (80, 50, 5));

        var choice = BudgetChoice.Of(trials, [Max("--max-file-bytes", 48), Budget.Of("--min-accuracy", 0.79, true)], Accuracy, []);

        Assert.Null(choice.Best);
        Assert.Equal(2, choice.Nearest!.Number);
        var relaxation = Assert.Single(choice.Relaxations);
        Assert.Equal("--max-file-bytes", relaxation.Budget.Option);
        Assert.Equal(50, relaxation.NeededLimit);
        Assert.Equal("--max-file-bytes", choice.SingleRelaxations[0].Budget.Option);
    }

    [Fact]
    public void A_figure_that_was_not_measured_meets_no_budget()
    {
        var choice = BudgetChoice.Of(Trials((95, 1, 1)), [Max("--max-resident-bytes", 1e12)], Accuracy, []);

        Assert.Null(choice.Best);
    }

    [Fact]
    public void The_choice_equals_that_of_trying_all() => Gen.Select(GenVariants, Gen.Int[0, 20], Gen.Int[0, 20]).Sample((variants, bytes, latency) =>
    {
        var budgets = new[] { Max("--max-file-bytes", bytes), Max("--max-latency", latency) };
        var feasible = variants.Where(v => v.Bytes <= bytes && v.Latency <= latency).ToArray();

        var choice = BudgetChoice.Of(Trials(variants), budgets, Accuracy, [FileBytes]);

        if (feasible.Length == 0) return choice.Best is null && choice.Nearest is not null;
        var (accuracy, fewest, _) = feasible.OrderByDescending(v => v.Accuracy).ThenBy(v => v.Bytes).First();
        var best = ((TrialOutcome.Measured)choice.Best!.Outcome).Figures;
        return best.Accuracy.Value == accuracy / 100.0 && best.Memory.FileBytes == fewest;
    });

    [Fact]
    public void A_minimized_metric_is_bounded_from_above()
    {
        var budget = Budget.Of("--max-drop", 0.1, metricIsMaximized: false);

        Assert.True(budget.IsMet(Figures(0, 1, 1) with { AccuracyChange = new Interval(0.09, 0, 1) }));
        Assert.False(budget.IsMet(Figures(0, 1, 1) with { AccuracyChange = new Interval(0.11, 0, 1) }));
    }

    static Budget Max(string option, double limit) => Budget.Of(option, limit, metricIsMaximized: true);

    static Trial[] Trials(params (int Accuracy, int Bytes, int Latency)[] variants) =>
        [.. variants.Select((v, i) => new Trial(i + 1, RecipeOf(i), new TrialOutcome.Measured(Figures(v.Accuracy / 100.0, v.Bytes, v.Latency), []), 1))];

    static Recipe RecipeOf(int index) => new([new Step($"method-{index}", ["layer"],
        ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal))]);

    static Measured Figures(double accuracy, long bytes, double latency) => new(
        new Interval(accuracy, accuracy, accuracy), new Interval(0, 0, 0), new MemoryFigures(bytes, null, bytes, 1, null),
        new ComputeFigures(1, 1, new Interval(latency, latency, latency), null), []);
}
