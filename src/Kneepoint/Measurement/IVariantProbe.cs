using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement;

/// <summary>Measures what only the runtime can tell. The library states what it needs; an adapter with the native runtime gives it.</summary>
public interface IVariantProbe
{
    /// <summary>The clocks around a run.</summary>
    IRunClock Clock { get; }

    /// <summary>The largest sum of live activations over the execution order of the graph that the runtime executes.</summary>
    /// <param name="modelFile">The variant's path.</param>
    /// <param name="inputs">What to feed; the batch counts.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model or fails on the inputs.</exception>
    ProbedBytes ActivationPeak(string modelFile, IReadOnlyDictionary<string, Tensor> inputs);

    /// <summary>Peak resident memory of a fresh process that loads and runs the variant, less that of one with a trivial network.</summary>
    /// <param name="modelFile">The variant's path.</param>
    /// <param name="inputs">What to feed.</param>
    /// <param name="cancellation">Ends the wait and the process.</param>
    ProbedBytes ResidentPeak(string modelFile, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation);

    /// <summary>How the runtime executes the variant.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="layers">Values of the variant that name its layers.</param>
    /// <param name="quantizedLayers">Those of them that are to compute with integers.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model.</exception>
    FusionReport Inspect(OnnxModel variant, IReadOnlyCollection<string> layers, IReadOnlyCollection<string> quantizedLayers);
}

/// <summary>A figure of memory with its doubts.</summary>
/// <param name="Bytes">The figure; null where it could not be measured, and then a finding says why.</param>
/// <param name="Findings">What to know about it.</param>
public sealed record ProbedBytes(long? Bytes, ImmutableArray<Finding> Findings);
