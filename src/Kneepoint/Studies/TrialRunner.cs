using System.Globalization;
using Kneepoint.Coding;
using Kneepoint.Compression;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Makes the variant of a recipe, packs it, and measures everything that a study records of it.</summary>
/// <param name="subject">What is studied.</param>
/// <param name="calibration">Runs the calibration samples.</param>
/// <param name="measurement">Measures the variants; the caller disposes it.</param>
/// <param name="folder">Where the variants' files go.</param>
/// <param name="onProgress">Called often; cheap.</param>
/// <param name="ownThreads">Threads for a trial that has the machine for itself; no figure depends on them.</param>
/// <param name="probes">Keeps what calibration samples show of each variant while it is at hand; null to look at none.</param>
/// <param name="rivals">What a variant is raced against, those of earlier runs included; null to measure every variant on all samples.</param>
public sealed class TrialRunner(
    Subject subject, StudyCalibration calibration, VariantMeasurement measurement, StudyFolder folder, Action<ExplorationProgress> onProgress, int ownThreads = 1,
    ProbePass? probes = null, Rivals? rivals = null) : ITrialRunner
{
    /// <inheritdoc/>
    public IStartedTrial Start(Recipe recipe, int threads, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        folder.Hold(recipe.Id);
        try
        {
            return new StartedTrial(folder, recipe.Id, Begin(recipe, threads, cancellation));
        }
        catch (RecipeNotApplicableException exception)
        {
            return new StartedTrial(folder, recipe.Id, () => new TrialOutcome.Rejected(exception.Message));
        }
        catch
        {
            folder.DeleteVariant(recipe.Id);
            folder.Release(recipe.Id);
            throw;
        }
    }

    Func<TrialOutcome> Begin(Recipe recipe, int threads, CancellationToken cancellation)
    {
        string file = folder.VariantFile(recipe.Id);
        var network = Make(recipe, file, cancellation);
        long? packedBytes = Pack(recipe.Id, threads);

        // A race is run when all earlier trials are known, which may be rivals; it has the machine for itself, so that it may measure time first.
        if (rivals?.Meet(recipe) is { } entry) return () => Complete(Score(entry, ownThreads));
        var scored = Score(null, threads);
        return () => Complete(scored);

        ScoredVariant Score(Rivals.Entry? entry, int threads)
        {
            var variant = measurement.Score(file, network, recipe.Equals(Recipe.Baseline), threads, cancellation, packedBytes, entry);
            if (!variant.IsOver) probes?.Note(recipe, network, packedBytes, cancellation);
            return variant;
        }

        TrialOutcome Complete(ScoredVariant variant)
        {
            var outcome = measurement.Complete(variant);
            if (outcome is TrialOutcome.Measured measured) rivals?.Add(recipe, measured);
            return outcome;
        }
    }

    /// <summary>Makes networks again that a study should hold and that are gone or cut short; a recipe makes the same network each time.</summary>
    /// <param name="trials">The trials of the study.</param>
    /// <param name="kept">Ids of the variants whose files belong to the study.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <exception cref="StudyStoreException">A network has another size than when it was measured.</exception>
    public void Restore(IReadOnlyList<Trial> trials, IReadOnlySet<string> kept, CancellationToken cancellation)
    {
        foreach (var trial in trials.Where(trial => kept.Contains(trial.Recipe.Id)))
        {
            string id = trial.Recipe.Id;
            if (trial.Outcome is not TrialOutcome.Measured { Figures.Memory: { FileBytes: var bytes, PackedBytes: var packedBytes } }) continue;
            bool isPackedThere = packedBytes is not { } expected || File.Exists(folder.PackedFile(id)) && FileLength.Of(folder.PackedFile(id)) == expected;
            if (folder.VariantBytes(id) == bytes && isPackedThere) continue;
            onProgress(new ExplorationProgress("restoring variants", 0, 0));
            Make(trial.Recipe, folder.VariantFile(id), cancellation);
            if (packedBytes is not null) Pack(id, ownThreads);
            if (folder.VariantBytes(id) == bytes) continue;
            throw new StudyStoreException(string.Create(CultureInfo.InvariantCulture,
                $"The network of variant {id} was lost; it had {bytes} bytes when it was measured, made again it has {folder.VariantBytes(id)}: another version made the study. Use a new folder."));
        }
    }

    // Weights beside the file make it larger than what is packed as one.
    long? Pack(string id, int threads)
    {
        if (folder.VariantBytes(id) != FileLength.Of(folder.VariantFile(id))) return null;
        onProgress(new ExplorationProgress("packing", 0, 0));
        byte[] packed = PackedModel.Pack(File.ReadAllBytes(folder.VariantFile(id)), new PackingSettings { Threads = threads });
        AtomicFile.Write(folder.PackedFile(id), packed);
        return packed.Length;
    }

    CompressedNetwork Make(Recipe recipe, string file, CancellationToken cancellation)
    {
        var network = Compressor.Apply(subject.Baseline, recipe, calibration.With(onProgress, cancellation));
        network.Model.Save(file, network.Model.HasExternalData);
        return network;
    }

    sealed class StartedTrial(StudyFolder folder, string id, Func<TrialOutcome> finish) : IStartedTrial
    {
        bool _isKept, _isOver;

        public TrialOutcome Finish()
        {
            var outcome = finish();
            _isKept = outcome is TrialOutcome.Measured;
            return outcome;
        }

        public void Dispose()
        {
            if (_isOver) return;
            _isOver = true;
            if (!_isKept) folder.DeleteVariant(id);
            folder.Release(id);
        }
    }
}
