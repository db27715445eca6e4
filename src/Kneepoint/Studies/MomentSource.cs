using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Data;

namespace Kneepoint.Studies;

/// <summary>Moments of what the layers are fed on the calibration samples: collected once for all layers, when first needed, and kept.</summary>
/// <remarks>They are used as they are read back from the store, so that a resumed study makes the same variants, bit for bit.</remarks>
public sealed class MomentSource(Subject subject, INamedBytes store, ExplorationSettings settings)
{
    bool _isComplete;

    /// <summary>The moments of a form; null where they cannot be read.</summary>
    /// <param name="form">The form of a layer's input.</param>
    /// <param name="onProgress">Called with the number of samples done.</param>
    /// <param name="cancellation">Ends the collection.</param>
    public SplitMoments? Of(InputForm form, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(form);
        if (!_isComplete) Collect(onProgress, cancellation);
        _isComplete = true;
        return store.Get(KeyOf(form)) is { Length: > 0 } bytes ? MomentFormat.Read(bytes) : null;
    }

    void Collect(Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var forms = Compressor.LayersOf(subject.Baseline).Select(layer => InputForm.Of(layer, out _)).OfType<InputForm>()
            .DistinctBy(form => form.Key).Where(form => store.Get(KeyOf(form)) is null).ToList();
        if (forms.Count == 0) return;
        long total = Math.Min(subject.WholeBatches(settings.MomentSamples), subject.Data.Count(DataPart.Calibrate));
        var batches = subject.Data.Read(
            DataPart.Calibrate, subject.BatchSize(settings.EvaluationBatch), subject.WholeBatches(settings.MomentSamples), cancellation);
        MomentCollector.Collect(subject.Runtime, subject.Baseline, batches, forms,
            (form, moments) => store.Put(KeyOf(form), MomentFormat.Write(moments)), new MomentSettings { Threads = settings.EvaluationThreads },
            at => onProgress(new ExplorationProgress("moments of the layers' inputs", at.Samples, total)), cancellation);
        foreach (var form in forms.Where(form => store.Get(KeyOf(form)) is null)) store.Put(KeyOf(form), []);
    }

    static string KeyOf(InputForm form) => $"moments/{form.Key}";
}
