using System.Globalization;
using Kneepoint.Search;

namespace Kneepoint.Reports;

/// <summary>Says in a few words what a recipe does.</summary>
public static class RecipeText
{
    /// <summary>"static-int8 ×10, weight-int4 ×2": methods in the recipe's order with the number of their layers; "baseline" for no step.</summary>
    public static string Of(Recipe recipe)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        return recipe.Steps.IsEmpty ? "baseline" : string.Join(", ", recipe.Steps.Select(Of));
    }

    static string Of(Step step)
    {
        string options = step.Options.IsEmpty ? "" : $" ({string.Join(", ", step.Options.Select(o => $"{o.Key} {o.Value}"))})";
        string scope = step.Layers is [Step.WholeNetwork] ? "" : string.Create(CultureInfo.InvariantCulture, $" ×{step.Layers.Length}");
        return step.Method + options + scope;
    }
}
