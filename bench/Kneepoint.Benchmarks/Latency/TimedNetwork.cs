using Kneepoint.Compression;
using Kneepoint.Data;
using Kneepoint.Imaging;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Studies;
using Kneepoint.Tensors;

namespace Kneepoint.Benchmarks.Latency;

/// <summary>A network with its data, ready to be treated and timed, and a file for one variant at a time.</summary>
sealed class TimedNetwork : IDisposable
{
    readonly OrtSession _session;
    readonly IDataset _data;

    public TimedNetwork(string file, string dataPath)
    {
        Runtime = new OrtRuntime();
        _session = Runtime.Open(file, new SessionSettings());
        _data = DatasetFile.Open(dataPath, _session.Inputs, _session.Outputs, new SkiaImageDecoder(), 1);
        var metric = MetricChoice.Of(_data.Metric, _session.Outputs, _data.Output, isProbability: false, _data.Peak ?? 1);
        Subject = new Subject(OnnxModel.Load(file), file, _data, metric, Runtime) { FixedBatchSize = FixedBatch.Of(_session) };
        Calibrator = new StudyCalibration(Subject, new ExplorationSettings { RangeSamples = 32 }).With(_ => { }, CancellationToken.None);
        Inputs = LatencyInputs.Of(_session, _data, Subject.BatchSize(1));
    }

    public OrtRuntime Runtime { get; }

    public Subject Subject { get; }

    public ICalibrator Calibrator { get; }

    public IReadOnlyDictionary<string, Tensor> Inputs { get; }

    /// <summary>Where <see cref="Make"/> writes.</summary>
    public string Made { get; } = Path.GetTempFileName();

    /// <summary>Makes a variant and writes it over the one before.</summary>
    public CompressedNetwork Make(Search.Recipe recipe)
    {
        var network = Compressor.Apply(Subject.Baseline, recipe, Calibrator);
        network.Model.Save(Made);
        return network;
    }

    public void Dispose()
    {
        _data.Dispose();
        _session.Dispose();
        File.Delete(Made);
    }
}
