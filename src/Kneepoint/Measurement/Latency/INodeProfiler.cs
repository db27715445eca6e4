using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Latency;

/// <summary>Times every node that the runtime executes. The library states what it needs; an adapter with the native runtime gives it.</summary>
public interface INodeProfiler
{
    /// <summary>Runs networks some tens of times each, in turn, loaded as they would be deployed, while the runtime notes the time of each node.</summary>
    /// <param name="modelFiles">The networks' paths. Those profiled together met the same machine, so that their times can be compared.</param>
    /// <param name="inputs">What to feed to all; the batch counts.</param>
    /// <param name="cancellation">Looked at between runs.</param>
    /// <returns>One profile for each network, in their order.</returns>
    /// <exception cref="OnnxModelException">The runtime refuses a model, fails on the inputs, or its notes cannot be read.</exception>
    ImmutableArray<NodeProfile> Profile(IReadOnlyList<string> modelFiles, IReadOnlyDictionary<string, Tensor> inputs, CancellationToken cancellation = default);
}
