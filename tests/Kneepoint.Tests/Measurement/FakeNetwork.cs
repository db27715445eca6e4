using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Measurement;

/// <summary>A network that is a function of each sample's row.</summary>
sealed class FakeNetwork(Func<float[], float[]> function, long batch = -1, string output = "y") : INetworkSession
{
    public List<long> Batches { get; } = [];

    public IReadOnlyList<ValueSignature> Inputs { get; } = [new("x", ElementType.Float32, [batch, -1])];

    public IReadOnlyList<ValueSignature> Outputs { get; } = [new(output, ElementType.Float32, [batch, -1])];

    public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
    {
        var x = inputs["x"];
        int n = (int)x.Dimensions[0], width = (int)x.Dimensions[1];
        lock (Batches) Batches.Add(n);
        var rows = Enumerable.Range(0, n).Select(i => function(x.Values<float>().Slice(i * width, width).ToArray())).ToArray();
        return new Dictionary<string, Tensor> { [output] = Tensor.Of([n, rows[0].Length], rows.SelectMany(row => row).ToArray()) };
    }

    public IPreparedRun Prepare(IReadOnlyDictionary<string, Tensor> inputs) => throw new NotSupportedException();

    public void Dispose()
    {
    }
}

/// <summary>Samples in memory, with the same rows in both parts.</summary>
sealed class FakeData(float[][] rows, long[]? labels) : IDataset
{
    public string Metric => labels is null ? "fidelity" : "top1";

    public IReadOnlyList<Finding> Findings => [];

    public long Count(DataPart part) => rows.Length;

    public IEnumerable<SampleBatch> Read(DataPart part, int batchSize, long limit, CancellationToken cancellation)
    {
        long[] places = [.. Enumerable.Range(0, (int)Math.Min(limit, rows.Length)).Select(i => (long)i)];
        return ReadAt(part, places, batchSize, cancellation);
    }

    public IEnumerable<SampleBatch> ReadAt(DataPart part, IReadOnlyList<long> places, int batchSize, CancellationToken cancellation)
    {
        foreach (long[] chunk in places.Chunk(batchSize))
        {
            float[] values = [.. chunk.SelectMany(place => rows[place])];
            var targets = labels is null ? null : Tensor.Of([chunk.Length], chunk.Select(place => labels[place]).ToArray());
            yield return new SampleBatch(new Dictionary<string, Tensor> { ["x"] = Tensor.Of([chunk.Length, rows[0].Length], values) }, targets, chunk.Length);
        }
    }

    public void Dispose()
    {
    }
}
