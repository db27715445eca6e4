using System.Globalization;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Latency;

/// <summary>Takes what the networks are fed while they are timed: real samples, since times can depend on values.</summary>
public static class LatencyInputs
{
    /// <summary>The first samples of a part, as many as the batch; where the part has fewer, the last is repeated.</summary>
    /// <param name="session">The baseline; a batch that is fixed in its graph is the only one that is possible.</param>
    /// <param name="data">The samples.</param>
    /// <param name="batch">At least 1.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="DataException">There are no samples, or the network's batch is fixed to another size.</exception>
    public static IReadOnlyDictionary<string, Tensor> Of(INetworkSession session, IDataset data, int batch, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(session);
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        if (FixedBatch.Of(session) is { } only && only != batch)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"The network's batch is fixed to {only}; latency cannot be measured at batch {batch}."));
        }

        foreach (var part in new[] { DataPart.Evaluate, DataPart.Calibrate })
        {
            foreach (var samples in data.Read(part, batch, batch, cancellation))
            {
                return samples.Count == batch
                    ? samples.Inputs
                    : samples.Inputs.ToDictionary(input => input.Key, input => FixedBatch.Filled(input.Key, input.Value, samples.Count, batch));
            }
        }

        throw new DataException("The data has no samples to time the network on.");
    }
}
