using Kneepoint.Pareto.Choices;

namespace Kneepoint.Studies.Modeled;

/// <summary>What no recipe of a space's model can beat, for every limit on one cost at once: one sweep over prices for each form of the network (<see cref="ChoiceHull"/>).</summary>
/// <remarks>A bound, reached at the corners of the hull: between them the exact optimum (<see cref="ModeledOptimum"/>) may lose more. For the model, in which divergences and costs add up; not measured.</remarks>
public sealed class ModeledHull
{
    readonly SpaceModel _model;
    readonly (double Divergence, double Least, ChoiceHull Hull)[] _forms;

    /// <summary>Sweeps the prices of a cost.</summary>
    /// <param name="model">The model.</param>
    /// <param name="cost">The place of the cost among the model's.</param>
    public ModeledHull(SpaceModel model, int cost)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfNegative(cost);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(cost, model.Costs.Length);
        _model = model;
        _forms = [.. model.Forms.Select(form => (form, Problem: ModeledOptimum.ProblemOf(model, form, [cost]))).Select(entry => (entry.form.Divergence, entry.Problem.Least[0], ChoiceHull.Of(entry.Problem.Groups)))];
    }

    /// <summary>No recipe within this limit loses less: a share of the baseline's figure; infinite where no recipe keeps it.</summary>
    /// <param name="limit">On the cost, in its unit.</param>
    public double LossBound(double limit) => _forms.Select(form => form.Hull.LowerBound(limit - form.Least) is var divergence && double.IsFinite(divergence) ? _model.Curve.Of(form.Divergence + divergence) : double.PositiveInfinity).DefaultIfEmpty(double.PositiveInfinity).Min();
}
