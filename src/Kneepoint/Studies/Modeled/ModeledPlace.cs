using System.Collections.Immutable;
using Kneepoint.Search;

namespace Kneepoint.Studies.Modeled;

/// <summary>Where a recipe is in a modeled space.</summary>
/// <param name="Form">The form of the network.</param>
/// <param name="Choices">The choice of each group.</param>
/// <param name="IsFitted">Whether layers are fitted in succession.</param>
public sealed record ModeledPlace(ModeledForm Form, ImmutableArray<int> Choices, bool IsFitted)
{
    const string Rounding = "rounding", ByData = "data", InSuccession = "successive";

    /// <summary>Finds a recipe.</summary>
    /// <returns>Null where the space does not hold it.</returns>
    public static ModeledPlace? Of(SpaceModel model, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(recipe);
        var table = TableOf(model);
        foreach (var form in model.Forms.Reverse())
        {
            var steps = Recipe.Parse(form.Recipe).Steps;
            if (recipe.Steps.Length < steps.Length || !recipe.Steps.AsSpan()[..steps.Length].SequenceEqual(steps.AsSpan())) continue;
            var rest = recipe.Steps[steps.Length..];
            bool isFitted = rest.Any(step => step.Options.GetValueOrDefault(Rounding) == InSuccession);
            var plain = new Recipe([.. rest.Select(step => step.Options.GetValueOrDefault(Rounding) == InSuccession ? step with { Options = step.Options.SetItem(Rounding, ByData) } : step)]);
            if (table.AssignmentOf(plain) is { } choices) return new ModeledPlace(form, choices, isFitted);
        }

        return null;
    }

    /// <summary>The model's choices as a table that puts recipes together.</summary>
    internal static ChoiceTable TableOf(SpaceModel model) => ChoiceTable.Of([.. model.Groups.SelectMany(group => group.Layers)],
        model.Groups.SelectMany(group => group.Layers.SelectMany(layer => group.Choices.Select(choice => new LayerChoice(layer, new LayerMethod(choice.Method, choice.Options), 0, 0, choice.Divergence)))),
        model.Groups.Where(group => group.Layers.Length > 1).Select(group => (IReadOnlyCollection<string>)group.Layers));
}
