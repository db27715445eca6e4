using Kneepoint.Measurement;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class BudgetGoalsTests
{
    [Theory]
    [InlineData("--min-accuracy", 0.7, true, 0.8, 0.125)]
    [InlineData("--min-accuracy", 2.5, false, 2, 0.25)]
    [InlineData("--max-drop", 0.2, true, 0.8, 0.25)]
    [InlineData("--max-drop", 0.5, false, 2, 0.25)]
    [InlineData("--max-drop", 0.5, false, 0, 0.5)]
    public void A_budget_of_accuracy_is_a_share_of_the_baselines(string option, double limit, bool isMaximized, double baseline, double loss) =>
        Assert.Equal(loss, Limit(option, limit, isMaximized, baseline), 1e-12);

    [Theory]
    [InlineData(0.9, true, 0.8)]
    [InlineData(1.5, false, 2)]
    public void Bug_a_budget_beyond_the_baselines_accuracy_was_taken_for_a_loss_of_as_much(double limit, bool isMaximized, double baseline) =>
        Assert.True(Limit("--min-accuracy", limit, isMaximized, baseline) < 0);

    [Fact]
    public void Without_a_budget_of_accuracy_any_loss_is_allowed() =>
        Assert.Equal(double.PositiveInfinity, BudgetGoals.LossLimit([Budget.Of("--max-latency", 2, true)], Figures(0.8)));

    static double Limit(string option, double limit, bool isMaximized, double baseline) => BudgetGoals.LossLimit([Budget.Of(option, limit, isMaximized)], Figures(baseline));

    static Measured Figures(double accuracy) => new(new Interval(accuracy, accuracy, accuracy), new Interval(0, 0, 0), new MemoryFigures(9, null, 9, 9, null),
        new ComputeFigures(9, 9, new Interval(4, 4, 4), new Interval(1, 1, 1)), []);
}
