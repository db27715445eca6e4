using System.Collections.Immutable;

namespace Kneepoint.Studies.Modeled;

/// <summary>What a study's model says of budgets: the best recipe within them, or by how much each budget alone would have to give way.</summary>
/// <param name="Optimum">The best recipe within the budgets on costs, whatever it loses; null where there is none.</param>
/// <param name="MeetsLoss">Whether that recipe is expected to keep the budgets on accuracy too.</param>
/// <param name="Reliefs">Where there is no such recipe: limits that would do if they alone gave way, by the smallest relative step.</param>
/// <param name="NotModeled">Budgets on figures that the model does not have.</param>
public sealed record ModeledAnswer(ModeledOptimum? Optimum, bool MeetsLoss, ImmutableArray<ModeledRelief> Reliefs, ImmutableArray<Budget> NotModeled)
{
    const int Halvings = 40;

    // A sum in another order may be larger by so much: what takes just as much as the limit is within it.
    const double Rounding = 1 + 1e-9;

    /// <summary>Whether a recipe keeps all budgets by the model.</summary>
    public bool IsFeasible => Optimum is not null && MeetsLoss;

    /// <summary>Asks the model.</summary>
    /// <param name="model">The model.</param>
    /// <param name="budgets">The budgets.</param>
    /// <param name="lossLimit">The most that may be lost, as a share of the baseline's figure; infinite where that is not limited.</param>
    public static ModeledAnswer Of(SpaceModel model, IReadOnlyList<Budget> budgets, double lossLimit)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(budgets);
        double[] limits = [.. model.Costs.Select(cost => budgets.Where(budget => budget.Figure == cost).Select(budget => budget.Limit).DefaultIfEmpty(double.PositiveInfinity).Min())];
        ImmutableArray<Budget> notModeled = [.. budgets.Where(budget => budget.Figure is not ("accuracy" or "accuracyChange") && !model.Costs.Contains(budget.Figure))];
        var optimum = ModeledOptimum.Of(model, limits);
        if (optimum is not null && optimum.Loss <= lossLimit) return new ModeledAnswer(optimum, true, [], notModeled);
        var reliefs = new List<ModeledRelief>();
        if (optimum is not null) reliefs.Add(new ModeledRelief(null, optimum.Loss, Math.Abs(optimum.Loss - lossLimit) / Math.Max(Math.Abs(lossLimit), 1e-3), optimum));
        for (int k = 0; k < limits.Length; k++)
        {
            if (double.IsFinite(limits[k]) && GiveWay(model, limits, k, lossLimit) is { } relief) reliefs.Add(relief);
        }

        return new ModeledAnswer(optimum, false, [.. reliefs.OrderBy(relief => relief.Relative)], notModeled);
    }

    /// <summary>The recipe with the least of one cost that keeps the budgets; null where none does.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cost">The cost's name, one of the model's.</param>
    /// <param name="budgets">The budgets.</param>
    /// <param name="lossLimit">The most that may be lost.</param>
    public static ModeledRelief? Least(SpaceModel model, string cost, IReadOnlyList<Budget> budgets, double lossLimit)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(budgets);
        double[] limits = [.. model.Costs.Select(name => name == cost ? 0 : budgets.Where(budget => budget.Figure == name).Select(budget => budget.Limit).DefaultIfEmpty(double.PositiveInfinity).Min())];
        return GiveWay(model, limits, model.Costs.IndexOf(cost), lossLimit);
    }

    /// <summary>What some more of each cost is worth where a variant is: loss for a unit, by the best recipe that takes as much of that cost alone.</summary>
    /// <param name="model">The model.</param>
    /// <param name="costs">The variant's figures in the order of the model's costs; NaN where one was not measured.</param>
    /// <returns>One for each cost; 0 where more would buy nothing.</returns>
    public static ImmutableArray<double> PricesAt(SpaceModel model, IReadOnlyList<double> costs)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(costs);
        return [.. model.Costs.Select((_, k) => double.IsFinite(costs[k]) ? ModeledOptimum.Of(model, [.. model.Costs.Select((_, j) => j == k ? costs[k] * Rounding : double.PositiveInfinity)])?.Prices[k] ?? 0 : 0)];
    }

    /// <summary>What so much more of each cost alone would save where a variant is: its loss, or that of the best recipe that takes as much of that cost if it is expected to lose less, less that of the best one that takes so much more.</summary>
    /// <param name="model">The model.</param>
    /// <param name="costs">The variant's figures in the order of the model's costs; NaN where one was not measured.</param>
    /// <param name="loss">What the variant loses, a share of the baseline's figure; infinite where that does not matter.</param>
    /// <param name="more">How much more of each cost, in its unit.</param>
    /// <returns>Losses, shares of the baseline's figure, one for each cost; 0 where it would save nothing.</returns>
    public static ImmutableArray<double> SavedBy(SpaceModel model, IReadOnlyList<double> costs, double loss, IReadOnlyList<double> more)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(costs);
        ArgumentNullException.ThrowIfNull(more);
        double? Best(int cost, double limit) => ModeledOptimum.Of(model, [.. model.Costs.Select((_, other) => other == cost ? limit * Rounding : double.PositiveInfinity)])?.Loss;
        return [.. model.Costs.Select((_, k) => double.IsFinite(costs[k]) && Best(k, costs[k]) is { } now && Best(k, costs[k] + more[k]) is { } then ? Math.Max(0, Math.Min(now, loss) - then) : 0)];
    }

    // The least limit on one cost under which the best recipe keeps the budget of accuracy: the best loss falls as the limit rises.
    static ModeledRelief? GiveWay(SpaceModel model, double[] limits, int cost, double lossLimit)
    {
        double[] tried = [.. limits];
        tried[cost] = double.PositiveInfinity;
        if (ModeledOptimum.Of(model, tried) is not { } free || free.Loss > lossLimit) return null;
        double low = limits[cost], high = Math.Max(free.Costs[cost], low);
        var best = free;
        for (int i = 0; i < Halvings && high - low > 1e-6 * high; i++)
        {
            tried[cost] = (low + high) / 2;
            if (ModeledOptimum.Of(model, tried) is { } found && found.Loss <= lossLimit) (best, high) = (found, Math.Min(tried[cost], Math.Max(low, found.Costs[cost])));
            else low = tried[cost];
        }

        return new ModeledRelief(model.Costs[cost], high, limits[cost] > 0 ? (high - limits[cost]) / limits[cost] : double.PositiveInfinity, best);
    }
}

/// <summary>A budget that would have to give way.</summary>
/// <param name="Cost">The cost's name; null for the loss of accuracy.</param>
/// <param name="Limit">The limit that would do, in the cost's unit or as a share of the baseline's figure.</param>
/// <param name="Relative">The step relative to the budget.</param>
/// <param name="Admitted">The recipe that it would admit, with what that loses and costs.</param>
public sealed record ModeledRelief(string? Cost, double Limit, double Relative, ModeledOptimum Admitted);
