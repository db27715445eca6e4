using Kneepoint.Compression.Repair;
using Kneepoint.Search;

namespace Kneepoint.Compression.Restructuring;

/// <summary>The steps of a recipe that restructure, and those that follow.</summary>
/// <param name="First">Steps that restructure, in a sound order.</param>
/// <param name="Rest">All others.</param>
sealed record RestructuringSteps(IReadOnlyList<(Step Step, RestructuringMethod Method)> First, IReadOnlyList<(Step Step, CompressionMethod Method)> Rest)
{
    /// <summary>Reads methods and options and checks the order of the steps.</summary>
    /// <exception cref="RecipeNotApplicableException">A method or an option is unknown, or a step comes too late.</exception>
    public static RestructuringSteps Of(Recipe recipe)
    {
        var first = new List<(Step, RestructuringMethod)>();
        var rest = new List<(Step, CompressionMethod)>();
        foreach (var step in recipe.Steps)
        {
            var method = MethodCatalog.Parse(step);
            if (method is not RestructuringMethod restructuring)
            {
                rest.Add((step, method));
                continue;
            }

            if (rest.Count > 0) throw TooLate(step, rest[0].Item1, "what is quantized or compacted can no longer be restructured");
            if (first.Count > 0 && first[^1].Item2.Stage > restructuring.Stage)
            {
                throw TooLate(step, first[^1].Item1, "the order is equalize, prune, factor, split, sparsify, renormalize");
            }

            if (restructuring is Renormalize && first.Find(before => before.Item2 is Equalize) is { Item1: { } scaled })
            {
                throw new RecipeNotApplicableException($"Step '{step.Method}' undoes '{scaled.Method}': it gives channels the spread that they had before they were scaled. Leave one of them out.");
            }

            first.Add((step, restructuring));
        }

        return new RestructuringSteps(first, rest);
    }

    /// <summary>The canonical text of the first steps.</summary>
    public string TextOf(int count) => new Recipe([.. First.Take(count).Select(step => step.Step)]).CanonicalJson;

    static RecipeNotApplicableException TooLate(Step late, Step before, string why) =>
        new($"Step '{late.Method}' stands behind '{before.Method}': {why}. Put it before.");
}
