using Kneepoint.Tensors;

namespace Kneepoint.Data;

/// <summary>Consecutive samples of a part.</summary>
/// <param name="Inputs">By the network's input name; the first dimension is the batch.</param>
/// <param name="Targets">Int64 [n] class indices, Int64 [n, t] tokens, or Float32 [n, …] values; null if the data has none.</param>
/// <param name="Count">The number of samples, n.</param>
/// <param name="First">Where the first sample stands among those that were asked for, from 0: for messages.</param>
public sealed record SampleBatch(IReadOnlyDictionary<string, Tensor> Inputs, Tensor? Targets, int Count, long First = 0);
