using System.Collections.Immutable;
using Kneepoint.Search;
using Kneepoint.Search.Space;

namespace Kneepoint.Studies.Modeled;

/// <summary>Why a variant is as it is: for each group of layers what was chosen, what that saved and cost, and what would have been next best.</summary>
/// <remarks>
/// By the model: a choice saves what it takes off the costs of the network's form, and costs the loss that would be gone if its group were kept, on the curve of all losses together, so that the parts do not add up to the whole where the curve bends.
/// The next best alternative is the one that is least dear at the price that the variant pays for its first cost: loss for a unit, the Lagrange multiplier of the best recipe of the same cost.
/// </remarks>
/// <param name="Groups">In the network's order.</param>
/// <param name="FormLoss">What the form of the network costs; 0 for the network as it is.</param>
/// <param name="Loss">The modeled loss of the whole, as a share of the baseline's figure.</param>
/// <param name="Price">Loss for a unit of the first cost, where the variant is.</param>
/// <param name="IsFitted">Whether layers are fitted in succession, which the parts do not show.</param>
public sealed record Explanation(ImmutableArray<ExplainedGroup> Groups, double FormLoss, double Loss, double Price, bool IsFitted)
{
    /// <summary>What the form of the network saves of each of the model's costs.</summary>
    public ImmutableArray<double> FormSaved { get; init; } = [];

    /// <summary>Explains a recipe.</summary>
    /// <param name="model">The model.</param>
    /// <param name="recipe">The recipe.</param>
    /// <returns>Null where the space does not hold the recipe.</returns>
    public static Explanation? Of(SpaceModel model, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (ModeledPlace.Of(model, recipe) is not { } place) return null;
        double[] parts = [.. place.Choices.Select((choice, group) => model.Groups[group].Choices[choice].Divergence), place.Form.Divergence];
        double loss = model.Curve.Of(parts.Sum()), price = ModeledAnswer.PricesAt(model, ModeledOptimum.CostsOf(model, place.Form, place.Choices)).FirstOrDefault();
        var groups = model.Groups.Select((group, g) => Explain(model, group, place.Choices[g], place.Form.Shares[g], loss, Without(g), price, place.IsFitted));
        return new Explanation([.. groups], loss - model.Curve.Of(Without(place.Choices.Length)), loss, price, place.IsFitted) { FormSaved = [.. place.Form.Costs.Select((cost, k) => model.Forms[0].Costs[k] - cost)] };

        // A sum and no difference: what cannot pay has an infinite divergence.
        double Without(int part) => parts.Where((_, i) => i != part).Sum();
    }

    static ExplainedGroup Explain(SpaceModel model, ModeledGroup group, int choice, double share, double loss, double rest, double price, bool isFitted)
    {
        var chosen = group.Choices[choice];
        var others = group.Choices.Where((other, i) => i != choice && double.IsFinite(other.Divergence)).Select(other => new Alternative(other.Text,
            model.Curve.Of(rest + other.Divergence) - loss, [.. other.Added.Zip(chosen.Added, (theirs, own) => (theirs - own) * share)]));
        var next = others.OrderBy(other => other.Loss + (other.Costs.IsEmpty ? 0 : price * other.Costs[0])).ThenBy(other => other.Method, StringComparer.Ordinal).FirstOrDefault();
        return new ExplainedGroup(group.Layers, isFitted ? SearchSpace.TextInSuccession(chosen.Text) : chosen.Text, [.. chosen.Added.Select(added => -added * share)], loss - model.Curve.Of(rest), next);
    }
}

/// <summary>What was chosen for a group of layers.</summary>
/// <param name="Layers">Their names.</param>
/// <param name="Method">The choice; "keep" where they are as they were.</param>
/// <param name="Saved">Of each of the model's costs.</param>
/// <param name="Loss">The loss that would be gone if they were kept.</param>
/// <param name="Next">The next best choice; null where there is no other.</param>
public sealed record ExplainedGroup(ImmutableArray<string> Layers, string Method, ImmutableArray<double> Saved, double Loss, Alternative? Next);

/// <summary>Another choice.</summary>
/// <param name="Method">What would be done.</param>
/// <param name="Loss">How much more would be lost; negative where less.</param>
/// <param name="Costs">How much more it would take of each of the model's costs; negative where less.</param>
public sealed record Alternative(string Method, double Loss, ImmutableArray<double> Costs);
