using Kneepoint.Measurement;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.OnnxRuntime;

/// <summary>Measures on ONNX Runtime what only the runtime can tell.</summary>
/// <param name="runtime">The runtime.</param>
/// <param name="resident">Starts the processes whose memory is measured; null to measure no resident memory.</param>
/// <param name="threads">Threads within one operator, at least 1.</param>
public sealed class OrtVariantProbe(OrtRuntime runtime, ResidentMemoryProbe? resident, int threads) : IVariantProbe
{
    /// <inheritdoc/>
    public IRunClock Clock { get; } = new ThreadCpuClock();

    /// <inheritdoc/>
    public ProbedBytes ActivationPeak(string modelFile, IReadOnlyDictionary<string, Tensor> inputs)
    {
        var peak = OnnxRuntime.ActivationPeak.Measure(runtime, modelFile, inputs, threads);
        return new ProbedBytes(peak.ActivationPeakBytes, peak.Findings);
    }

    /// <inheritdoc/>
    public ProbedBytes ResidentPeak(string modelFile, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation)
    {
        if (resident is null) return new ProbedBytes(null, []);
        var peak = resident.Measure(modelFile, inputs, threads, cancellation);
        return new ProbedBytes(peak.Bytes, peak.Findings);
    }

    /// <inheritdoc/>
    public FusionReport Inspect(OnnxModel variant, IReadOnlyCollection<string> layers, IReadOnlyCollection<string> quantizedLayers) =>
        FusionProbe.Inspect(runtime, variant, layers, quantizedLayers);
}
