using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>Opens a network with the data that it is measured on.</summary>
static class SubjectFile
{
    /// <summary>Loads the network, reads the data once, and finds the metric that they call for.</summary>
    /// <param name="modelFile">The network.</param>
    /// <param name="dataPath">The data.</param>
    /// <param name="runtime">Runs the network.</param>
    /// <param name="settings">Threads and seed.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <returns>The subject; the caller disposes its data.</returns>
    /// <exception cref="OnnxModelException">The network is malformed, or the runtime refuses it.</exception>
    /// <exception cref="DataException">The data are malformed, or do not fit the network.</exception>
    public static Subject Open(string modelFile, string dataPath, OrtRuntime runtime, ExplorationSettings settings, CancellationToken cancellation)
    {
        var model = OnnxModel.Load(modelFile);
        IReadOnlyList<ValueSignature> inputs, outputs;
        int? fixedBatch;
        using (var session = runtime.Open(modelFile, new SessionSettings { Threads = settings.Threads }))
        {
            (inputs, outputs, fixedBatch) = (session.Inputs, session.Outputs, FixedBatch.Of(session));
        }

        var data = DatasetFile.Open(dataPath, inputs, outputs, new SkiaImageDecoder(), settings.Seed, cancellation: cancellation);
        try
        {
            bool isProbability = OutputKind.IsProbability(model, MetricChoice.Scored(outputs, data.Output).Name);
            var metric = MetricChoice.Of(data.Metric, outputs, data.Output, isProbability, data.Peak ?? 1);
            return new Subject(model, modelFile, data, metric, runtime)
            {
                FixedBatchSize = fixedBatch,
                Likelihood = MetricChoice.LikelihoodOf(data.Metric, outputs, data.Output, isProbability),
            };
        }
        catch
        {
            data.Dispose();
            throw;
        }
    }
}
