using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Proposes measured recipes again with layers fitted to what the rounded layers before feed them: the last trials of a study.</summary>
/// <remarks>
/// Each takes a run of the samples for every layer, so only few are worth it: recipes that round by data, that nothing measured beats in both size and loss, and whose loss, once it has fallen to
/// what is usual, comes nearest to one point. It goes on as long as that helps.
/// </remarks>
static class SuccessiveSource
{
    const int Most = 4;

    // A fifth of the trials behind the uniform ones.
    const int Share = 5;

    const int FarTooMuch = 4;

    // Of the loss is usually left, and what is taken for the aim.
    const double Left = 0.6, Aim = 0.01;
    const double LeastLoss = 0.003, MostLoss = 0.3;

    /// <summary>Trials to be kept for these recipes.</summary>
    /// <param name="trialsBehindUniform">Trials that the uniform recipes leave.</param>
    /// <param name="work">Multiply-accumulates of one recipe's runs: those of the network, times samples, times layers.</param>
    public static int TrialsKept(int trialsBehindUniform, double work) =>
        Math.Min(trialsBehindUniform / Share, Math.Clamp((int)(SuccessiveWork.Usual / Math.Max(1, work)), work <= FarTooMuch * SuccessiveWork.Usual ? 1 : 0, Most));

    /// <summary>The next recipe; null where none is worth it.</summary>
    /// <param name="measured">What was measured.</param>
    /// <param name="known">Ids of all recipes tried.</param>
    public static Recipe? Next(IReadOnlyList<MeasuredRecipe> measured, IReadOnlySet<string> known)
    {
        var byId = measured.ToDictionary(recipe => recipe.Recipe.Id, StringComparer.Ordinal);
        var candidates = measured.Select(recipe => (Recipe: recipe, Fitted: Fitted(recipe.Recipe))).Where(pair => pair.Fitted is not null).ToArray();
        var tried = candidates.Where(pair => known.Contains(pair.Fitted!.Id)).ToArray();
        int helped = tried.Count(pair => byId.TryGetValue(pair.Fitted!.Id, out var made) && made.Loss < pair.Recipe.Loss);
        if (tried.Length > helped + 1) return null;
        return candidates.Except(tried).Where(pair => pair.Recipe.Loss is > LeastLoss and < MostLoss && !measured.Any(other => other.FileBytes <= pair.Recipe.FileBytes && other.Loss < pair.Recipe.Loss))
            .OrderBy(pair => Math.Abs(Math.Log(Left * pair.Recipe.Loss / Aim))).ThenBy(pair => pair.Recipe.Recipe.Id, StringComparer.Ordinal)
            .Select(pair => pair.Fitted).FirstOrDefault();
    }

    /// <summary>The recipe with each layer rounded for the original's inputs: it takes as many bytes and as much time.</summary>
    public static Recipe Plain(Recipe recipe) => With(recipe, WeightRounding.Successive, WeightRounding.Data) ?? recipe;

    static Recipe? Fitted(Recipe recipe) => With(recipe, WeightRounding.Data, WeightRounding.Successive);

    // Null where nothing is rounded in the one way.
    static Recipe? With(Recipe recipe, WeightRounding before, WeightRounding after)
    {
        const string option = "rounding";
        string old = WeightOptions.Text(before), made = WeightOptions.Text(after);
        bool Is(Step step) => step.Options.GetValueOrDefault(option) == old && MethodCatalog.Parse(step) is StaticInt8 or WeightInt8 or BlockWeights;
        if (!recipe.Steps.Any(Is)) return null;
        return new Recipe([.. recipe.Steps.Select(step => Is(step) ? step with { Options = step.Options.SetItem(option, made) } : step)]);
    }
}
