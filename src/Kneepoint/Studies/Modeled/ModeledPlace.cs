using System.Collections.Immutable;
using Kneepoint.Search;
using Kneepoint.Search.Space;

namespace Kneepoint.Studies.Modeled;

/// <summary>Where a recipe is in a modeled space.</summary>
/// <param name="Form">The form of the network.</param>
/// <param name="Choices">The choice of each group.</param>
/// <param name="IsFitted">Whether layers are fitted in succession.</param>
public sealed record ModeledPlace(ModeledForm Form, ImmutableArray<int> Choices, bool IsFitted)
{
    /// <summary>Finds a recipe.</summary>
    /// <returns>Null where the space does not hold it.</returns>
    public static ModeledPlace? Of(SpaceModel model, Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(model);
        return SpaceOf(model).GenomeOf(recipe) is { } genome ? new ModeledPlace(model.Forms[genome.Form], genome.Assignment, genome.IsFitted) : null;
    }

    static SearchSpace SpaceOf(SpaceModel model) => new(TableOf(model), [.. model.Forms.Select(form => new NetworkForm(Recipe.Parse(form.Recipe).Steps, form.Divergence, form.Shares))],
        model.Groups.SelectMany(group => group.Choices).Select(choice => new LayerMethod(choice.Method, choice.Options)).Where(SearchSpace.IsRoundedByData).Select(method => method.Name));

    /// <summary>The model's choices as a table that puts recipes together.</summary>
    internal static ChoiceTable TableOf(SpaceModel model) => ChoiceTable.Of(model.Layers,
        model.Groups.SelectMany(group => group.Layers.SelectMany(layer => group.Choices.Select(choice => new LayerChoice(layer, new LayerMethod(choice.Method, choice.Options), 0, 0, choice.Divergence)))),
        model.Groups.Where(group => group.Layers.Length > 1).Select(group => (IReadOnlyCollection<string>)group.Layers), !model.NamesLayers);
}
