using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Calibration;

/// <summary>Counts the values of each run into the histograms.</summary>
sealed class CountingPasses(ExposedPasses passes, int threads, Dictionary<string, ActivationHistogram> histograms)
{
    /// <summary>Counts all values.</summary>
    /// <param name="batches">Enumerated once for each pass.</param>
    /// <param name="made">Values that the network makes.</param>
    /// <param name="fed">Values that it is fed.</param>
    /// <returns>The number of samples.</returns>
    public long Run(IEnumerable<SampleBatch> batches, IReadOnlyList<string> made, IReadOnlyList<string> fed) =>
        passes.Run(batches, made, (run, values) => CountAll(run.Values, values), run =>
        {
            foreach (string name in fed) Count(name, run.Values[name]);
        });

    // Each value has its own histogram, so threads change nothing.
    void CountAll(IReadOnlyDictionary<string, Tensor> outputs, List<string> values)
    {
        if (threads == 1) values.ForEach(value => Count(value, outputs[value]));
        else Parallel.ForEach(values, new ParallelOptions { MaxDegreeOfParallelism = threads }, value => Count(value, outputs[value]));
    }

    void Count(string value, Tensor tensor) => histograms[value].Add(tensor.ElementType == ElementType.Float32
        ? tensor.Values<float>()
        : TensorData.ToFloat32(tensor));
}
