using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Data;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Moments of what the layers are fed on the calibration samples: collected once for all layers, when first needed, and kept in the study.</summary>
/// <remarks>They are used as they are read back from the store, so that a resumed study makes the same variants, bit for bit.</remarks>
public sealed class MomentSource
{
    readonly Subject _subject;
    readonly IStudyStore _store;
    readonly ExplorationSettings _settings;
    readonly DataRoundings _roundings;
    bool _isComplete;

    /// <summary>Joins the parts.</summary>
    public MomentSource(Subject subject, IStudyStore store, ExplorationSettings settings)
    {
        (_subject, _store, _settings) = (subject, store, settings);
        _roundings = new DataRoundings(Of, settings.EvaluationThreads);
    }

    /// <summary>What rounds a recipe's layers; null if it has none to round by the samples.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="onProgress">Called with the number of samples done.</param>
    /// <param name="cancellation">Ends the collection.</param>
    /// <exception cref="RecipeNotApplicableException">The recipe does not apply to the network.</exception>
    public DataRoundings? For(Recipe recipe, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        if (Compressor.RequiredMoments(_subject.Baseline, recipe).IsEmpty) return null;
        if (!_isComplete) Collect(onProgress, cancellation);
        _isComplete = true;
        return _roundings;
    }

    SplitMoments? Of(InputForm form) => _store.Get(KeyOf(form)) is { Length: > 0 } bytes ? MomentFormat.Read(bytes) : null;

    void Collect(Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var forms = Compressor.LayersOf(_subject.Baseline).Select(layer => InputForm.Of(layer, out _)).OfType<InputForm>()
            .DistinctBy(form => form.Key).Where(form => _store.Get(KeyOf(form)) is null).ToList();
        if (forms.Count == 0) return;
        long total = Math.Min(_subject.WholeBatches(_settings.MomentSamples), _subject.Data.Count(DataPart.Calibrate));
        var batches = _subject.Data.Read(
            DataPart.Calibrate, _subject.BatchSize(_settings.EvaluationBatch), _subject.WholeBatches(_settings.MomentSamples), cancellation);
        MomentCollector.Collect(_subject.Runtime, _subject.Baseline, batches, forms,
            (form, moments) => _store.Put(KeyOf(form), MomentFormat.Write(moments)), new MomentSettings { Threads = _settings.EvaluationThreads },
            at => onProgress(new ExplorationProgress("moments of the layers' inputs", at.Samples, total)), cancellation);
        foreach (var form in forms.Where(form => _store.Get(KeyOf(form)) is null)) _store.Put(KeyOf(form), []);
    }

    static string KeyOf(InputForm form) => $"moments/{form.Key}";
}
