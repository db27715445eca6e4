using System.Globalization;
using Kneepoint.Compression;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Latency;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Studies;

/// <summary>Counts what networks of a study compute, for one sample with the shapes of the data.</summary>
public sealed class CostModel
{
    readonly Subject _subject;
    readonly int _batch;
    readonly Lazy<IReadOnlyDictionary<string, Tensor>> _feeds, _deployed;
    readonly Lazy<NetworkCost> _baseline;
    readonly Lazy<Dictionary<string, long>> _macsOfNodes;

    /// <summary>Counts for one subject; nothing is counted before it is asked for.</summary>
    /// <param name="subject">The subject.</param>
    /// <param name="deployedBatch">The batch that times are estimated for, at least 1.</param>
    public CostModel(Subject subject, int deployedBatch = 1)
    {
        _subject = subject;
        _batch = subject.BatchSize(1);
        _feeds = new(() => FirstSamples(_batch));
        _deployed = subject.BatchSize(deployedBatch) is var batch && batch == _batch ? _feeds : new(() => FirstSamples(batch));
        _baseline = new(() => CostOf(subject.Baseline));
        _macsOfNodes = new(() => _baseline.Value.Nodes.GroupBy(node => node.Name, StringComparer.Ordinal)
            .ToDictionary(group => group.Key, group => group.Sum(node => node.Macs ?? 0) / _batch, StringComparer.Ordinal));
    }

    /// <summary>Samples of a run with which what one node of the baseline reads and writes stays near the processor: more of large images only wait for memory.</summary>
    /// <param name="most">Samples of a run at most, at least 1.</param>
    /// <returns><paramref name="most"/>, halved until it fits; at least 1.</returns>
    public int BatchNearProcessor(int most)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(most, 1);

        // A network of 3 MB a value takes less than half of the time in batches of 2 that it takes in those of 32.
        const long NearBytes = 16_000_000;
        var shapes = ShapeCompletion.Infer(_subject.Runtime, _subject.Baseline, _feeds.Value);
        var index = new GraphIndex(_subject.Baseline);
        long touched = _subject.Baseline.Graph.Node.Select(node => node.Input.Concat(node.Output).Distinct().Where(name => name.Length > 0 && !index.TryConstant(name, out _)).Sum(name => shapes[name]?.Bytes ?? 0)).DefaultIfEmpty().Max() / _batch;
        int batch = most;
        while (batch > 1 && batch * touched > NearBytes) batch /= 2;
        return batch;
    }

    /// <summary>The counts of a variant for one sample.</summary>
    public VariantCost Of(CompressedNetwork network)
    {
        var cost = ReferenceEquals(network.Model, _subject.Baseline) ? _baseline.Value : CostOf(network.Model);
        return new VariantCost(cost.Macs / _batch, cost.BitOps / _batch, cost.WeightBytes);
    }

    /// <summary>How long a variant is expected to run, counted from what the runtime executes and not measured (<see cref="TimeEstimate"/>), for the batch that is deployed.</summary>
    /// <param name="network">The variant.</param>
    /// <param name="hasDotProducts">Whether integer kernels have dot products of bytes.</param>
    /// <returns>Nanoseconds.</returns>
    /// <exception cref="OnnxModelException">The runtime refuses the variant.</exception>
    public double EstimateNanoseconds(CompressedNetwork network, bool hasDotProducts)
    {
        ArgumentNullException.ThrowIfNull(network);
        var marked = FusionReport.Mark(network.Model);
        var executed = _subject.Runtime.Optimize(marked, new SessionSettings());
        var shapes = ShapeCompletion.Infer(_subject.Runtime, network.Model, _deployed.Value);
        return TimeEstimate.Nanoseconds(ExecutedWork.Of(marked, executed.Graph, NetworkCost.Of(network.Model, shapes), shapes), hasDotProducts);
    }

    /// <summary>The multiply-accumulates of a layer of the baseline for one sample.</summary>
    /// <remarks>The work of a recurrent operator is shared by its two weights as the products they sum are.</remarks>
    public long MacsOf(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        long macs = _macsOfNodes.Value.GetValueOrDefault(layer.Value);
        if (!layer.IsRecurrent) return macs;
        long products = Compressor.LayersOf(_subject.Baseline)
            .First(candidate => candidate.IsRecurrent && candidate.Value == layer.Value && candidate.IsRecurrence != layer.IsRecurrence).ReductionLength;
        return (long)((Int128)macs * layer.ReductionLength / (layer.ReductionLength + products));
    }

    /// <summary>What the counts leave out, as a finding; null if nothing.</summary>
    public Finding? Uncounted()
    {
        if (_baseline.Value.Uncounted.IsEmpty) return null;
        string names = string.Join(", ", _baseline.Value.Uncounted.Select(entry => string.Create(CultureInfo.InvariantCulture, $"{entry.Operator} ×{entry.Nodes}")));
        return new Finding("uncounted-operators", FindingSeverity.Note, $"MACs and bit operations leave out {names}. {_baseline.Value.Uncounted[0].Reason}");
    }

    NetworkCost CostOf(OnnxModel model) => NetworkCost.Of(model, ShapeCompletion.Infer(_subject.Runtime, model, _feeds.Value));

    IReadOnlyDictionary<string, Tensor> FirstSamples(int batch)
    {
        using var session = _subject.Runtime.Open(_subject.BaselineFile, new SessionSettings());
        return LatencyInputs.Of(session, _subject.Data, batch);
    }
}
