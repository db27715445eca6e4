using Kneepoint.Compression;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Makes the variant of a recipe, and measures everything that a study records of it.</summary>
/// <param name="subject">What is studied.</param>
/// <param name="ranges">Activation statistics for recipes that need them.</param>
/// <param name="moments">Moments of the layers' inputs for recipes that round by them.</param>
/// <param name="measurement">Measures the variants; the caller disposes it.</param>
/// <param name="folder">Where the variants' files go.</param>
/// <param name="onProgress">Called often; cheap.</param>
public sealed class TrialRunner(
    Subject subject, RangeSource ranges, MomentSource moments, VariantMeasurement measurement, StudyFolder folder, Action<ExplorationProgress> onProgress) : ITrialRunner
{
    /// <inheritdoc/>
    public TrialOutcome Run(Recipe recipe, CancellationToken cancellation)
    {
        string file = folder.VariantFile(recipe.Id);
        bool isKept = false;
        try
        {
            var needed = Compressor.RequiredActivations(subject.Baseline, recipe);
            var network = Compressor.Apply(subject.Baseline, recipe, ranges.Of(needed, onProgress, cancellation),
                moments.For(recipe, onProgress, cancellation));
            network.Model.Save(file, network.Model.HasExternalData);
            var outcome = measurement.Of(file, network, recipe.Equals(Recipe.Baseline), cancellation);
            isKept = outcome is TrialOutcome.Measured;
            return outcome;
        }
        catch (RecipeNotApplicableException exception)
        {
            return new TrialOutcome.Rejected(exception.Message);
        }
        finally
        {
            if (!isKept) folder.DeleteVariant(recipe.Id);
        }
    }
}
