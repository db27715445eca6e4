using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Onnx;

namespace Kneepoint.Studies;

/// <summary>Moments of what the layers are fed on the calibration samples: collected once for all layers, when first needed, and kept.</summary>
/// <remarks>They are used as they are read back from the store, so that a resumed study makes the same variants, bit for bit.</remarks>
public sealed class MomentSource(Subject subject, INamedBytes store, ExplorationSettings settings)
{
    const int LeastRows = 32, MostRows = 512;

    readonly Lock _gate = new();
    bool _isComplete;

    /// <summary>The moments of a form; null where they cannot be read.</summary>
    /// <param name="form">The form of a layer's input.</param>
    /// <param name="onProgress">Called with the number of samples done.</param>
    /// <param name="cancellation">Ends the collection.</param>
    public SplitMoments? Of(InputForm form, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(form);
        lock (_gate)
        {
            if (!_isComplete) Collect(onProgress, cancellation);
            _isComplete = true;
        }

        return store.Get(KeyOf(form)) is { Length: > 0 } bytes ? MomentFormat.Read(bytes) : null;
    }

    void Collect(Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        var forms = Compressor.LayersOf(subject.Baseline).Select(layer => InputForm.Of(layer, out _)).OfType<InputForm>()
            .DistinctBy(form => form.Key).Where(form => store.Get(KeyOf(form)) is null).ToList();
        if (forms.Count == 0) return;
        Collect(subject, settings, forms, (form, moments) => store.Put(KeyOf(form), MomentFormat.Write(moments)), onProgress, cancellation);
        foreach (var form in forms.Where(form => store.Get(KeyOf(form)) is null)) store.Put(KeyOf(form), []);
    }

    /// <summary>Runs the calibration samples through a network.</summary>
    internal static void Collect(Subject subject, ExplorationSettings settings, IReadOnlyList<InputForm> forms, Action<InputForm, SplitMoments> onCollected,
        Action<ExplorationProgress> onProgress, CancellationToken cancellation, int? rowsPerColumn = null)
    {
        long total = Math.Min(subject.WholeBatches(settings.MomentSamples), subject.Data.Count(DataPart.Calibrate));
        var batches = subject.Data.Read(
            DataPart.Calibrate, subject.BatchSize(settings.EvaluationBatch), subject.WholeBatches(settings.MomentSamples), cancellation);
        MomentCollector.Collect(subject.Runtime, subject.Baseline, batches, forms, onCollected,
            new MomentSettings
            {
                Threads = settings.EvaluationThreads,
                Optimization = rowsPerColumn is null ? GraphOptimization.Basic : GraphOptimization.All,
                MostRows = rowsPerColumn is { } most ? columns => (int)Math.Clamp((long)most * columns / Math.Max(1, total), LeastRows, MostRows) : null,
            },
            at => onProgress(new ExplorationProgress("moments of the layers' inputs", at.Samples, total)), cancellation);
    }

    static string KeyOf(InputForm form) => $"moments/{form.Key}";
}
