using System.Buffers.Binary;
using Kneepoint.Coding;
using Kneepoint.Compression;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Makes the variants of recipes and looks at them without the evaluation samples: how far they move the outputs on calibration samples, and what they cost. Each result is kept in the study.</summary>
/// <remarks>One pass over a small subset for each variant.</remarks>
/// <param name="subject">What is studied.</param>
/// <param name="calibration">Runs the calibration samples.</param>
/// <param name="store">Keeps the results.</param>
/// <param name="settings">Samples, and which costs are wanted.</param>
/// <param name="costs">Counts the operations of networks and estimates times; null to count none.</param>
public sealed class ProbePass(Subject subject, StudyCalibration calibration, IStudyStore store, ExplorationSettings settings, CostModel? costs = null) : IDisposable
{
    readonly DivergencePass _divergence = new(subject, settings);

    /// <summary>Looks at a recipe's variant.</summary>
    public CalibrationProbe Of(Recipe recipe, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        string key = $"probe/{recipe.Id}";
        if (Known(key) is { } stored) return stored;
        var probe = Measure(recipe, null, onProgress, cancellation);
        store.Put(key, probe.ToBytes());
        return probe;
    }

    /// <summary>Looks at a variant that somebody else has made.</summary>
    /// <param name="recipe">Its recipe.</param>
    /// <param name="network">The variant.</param>
    /// <param name="packedBytes">Of its packed file; null where there is none.</param>
    /// <param name="cancellation">Ends the work.</param>
    public void Note(Recipe recipe, CompressedNetwork network, long? packedBytes, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(network);
        string key = $"probe/{recipe.Id}";
        if (Known(key) is null) store.Put(key, Look(network, packedBytes, cancellation).ToBytes());
    }

    /// <summary>Looks at a network that steps restructure and none quantizes.</summary>
    /// <param name="recipe">The steps.</param>
    /// <param name="layers">Layers of the baseline.</param>
    /// <param name="onProgress">Called often; cheap.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <returns>The probe, and for each layer its weights in the new network; −1 where it is no single layer any more.</returns>
    public (CalibrationProbe Probe, long[] WeightCounts) FormOf(Recipe recipe, IReadOnlyList<WeightedLayer> layers, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(recipe);
        ArgumentNullException.ThrowIfNull(layers);
        string key = $"probe/{recipe.Id}", countsKey = $"weights/{recipe.Id}";
        long[] counts = [.. layers.Select(_ => -1L)];
        if (Known(key) is { } stored && store.Get(countsKey) is { } bytes && bytes.Length == counts.Length * sizeof(long))
        {
            for (int i = 0; i < counts.Length; i++) counts[i] = BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(i * sizeof(long)));
            return (stored, counts);
        }

        var probe = Measure(recipe, rewrite =>
        {
            var found = rewrite.Layers.ToDictionary(layer => layer.Id, layer => layer.WeightCount, StringComparer.Ordinal);
            for (int i = 0; i < counts.Length; i++) counts[i] = found.GetValueOrDefault(layers[i].Id, -1);
        }, onProgress, cancellation);
        byte[] written = new byte[counts.Length * sizeof(long)];
        for (int i = 0; i < counts.Length; i++) BinaryPrimitives.WriteInt64LittleEndian(written.AsSpan(i * sizeof(long)), counts[i]);
        store.Put(countsKey, written);
        store.Put(key, probe.ToBytes());
        return (probe, counts);
    }

    /// <inheritdoc/>
    public void Dispose() => _divergence.Forget();

    // A study that did not ask for time or packed bytes may have looked before; weights beside the file are never packed.
    CalibrationProbe? Known(string key) => CalibrationProbe.Of(store.Get(key)) is { } stored
        && (!settings.AimsAtLatency || costs is null || !double.IsNaN(stored.EstimatedNanoseconds) || double.IsNaN(stored.FileBytes))
        && (!settings.AimsAtPackedBytes || !double.IsNaN(stored.PackedBytes) || double.IsNaN(stored.FileBytes) || subject.Baseline.HasExternalData) ? stored : null;

    CalibrationProbe Measure(Recipe recipe, Action<NetworkRewrite>? look, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        try
        {
            var network = Compressor.Apply(subject.Baseline, recipe, calibration.With(onProgress, cancellation), look);
            return Look(network, null, cancellation);
        }
        catch (Exception exception) when (exception is RecipeNotApplicableException or OnnxModelException or ArgumentException)
        {
            return CalibrationProbe.None;
        }
    }

    CalibrationProbe Look(CompressedNetwork network, long? packedBytes, CancellationToken cancellation)
    {
        var divergence = _divergence.Of(network.Model, cancellation);
        var cost = costs?.Of(network);
        double time = settings.AimsAtLatency && costs is not null ? costs.EstimateNanoseconds(network, hasDotProducts: !settings.IntegerSumsSaturate) : double.NaN;
        double packed = packedBytes ?? double.NaN;
        if (packedBytes is null && settings.AimsAtPackedBytes && !network.Model.HasExternalData)
        {
            packed = PackedModel.Pack(network.Model.ToBytes(), new PackingSettings { Threads = settings.EvaluationThreads }, cancellation: cancellation).Length;
        }

        return new CalibrationProbe(divergence, FileBytes(network.Model), packed, cost?.WeightBytes ?? double.NaN, cost?.Macs ?? double.NaN, cost?.BitOps ?? double.NaN, time);
    }

    // Weights beside the file are as long as they say.
    static double FileBytes(OnnxModel model) =>
        model.Proto.CalculateSize() + ModelTensors.All(model.Proto).Where(TensorData.IsExternal).Sum(tensor => (double)TensorData.StoredBytes(tensor));
}
