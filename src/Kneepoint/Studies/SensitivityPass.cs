using System.Buffers.Binary;
using Kneepoint.Compression;
using Kneepoint.Onnx;
using Kneepoint.Search;

namespace Kneepoint.Studies;

/// <summary>Measures how far single-layer variants move the network's outputs on calibration samples; each result is kept in the study.</summary>
/// <remarks>One pass over a small subset for each variant. The evaluation samples are never looked at.</remarks>
public sealed class SensitivityPass(Subject subject, StudyCalibration calibration, IStudyStore store, ExplorationSettings settings) : IDisposable
{
    const int StoredBytes = 24;

    readonly DivergencePass _divergence = new(subject, settings);

    /// <summary>The divergence of a recipe's variant from the baseline on the calibration subset.</summary>
    /// <returns>An infinite loss where the recipe does not apply or the runtime refuses the variant.</returns>
    public Sensitivity Of(Recipe recipe, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        string key = $"sensitivity/{recipe.Id}";
        if (store.Get(key) is { Length: StoredBytes } stored) return Read(stored);
        var measured = Measure(recipe, onProgress, cancellation);
        store.Put(key, Write(measured));
        return measured;
    }

    /// <inheritdoc/>
    public void Dispose() => _divergence.Forget();

    Sensitivity Measure(Recipe recipe, Action<ExplorationProgress> onProgress, CancellationToken cancellation)
    {
        try
        {
            var network = Compressor.Apply(subject.Baseline, recipe, calibration.With(onProgress, cancellation));
            return _divergence.Of(network.Model, cancellation);
        }
        catch (Exception exception) when (exception is RecipeNotApplicableException or OnnxModelException or ArgumentException)
        {
            return new Sensitivity(double.PositiveInfinity, 0, 0);
        }
    }

    static byte[] Write(Sensitivity measured)
    {
        byte[] bytes = new byte[StoredBytes];
        BinaryPrimitives.WriteDoubleLittleEndian(bytes, measured.Loss);
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(8), measured.StandardError);
        BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(16), measured.Samples);
        return bytes;
    }

    static Sensitivity Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadDoubleLittleEndian(bytes),
        BinaryPrimitives.ReadDoubleLittleEndian(bytes[8..]), BinaryPrimitives.ReadInt64LittleEndian(bytes[16..]));
}
