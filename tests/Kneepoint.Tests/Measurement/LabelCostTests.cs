using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Measurement;

public sealed class LabelCostTests
{
    static readonly float[][] Rows = [.. Enumerable.Range(0, 57).Select(i => new[] { MathF.Sin(i), MathF.Cos(3 * i), 0.3f * (i % 7) })];
    static readonly long[] Labels = [.. Enumerable.Range(0, 57).Select(i => (long)(i % 3))];

    [Fact]
    public void Labels_cost_the_logarithm_of_what_the_network_gives_them()
    {
        double expected = Rows.Zip(Labels).Sum(pair => Math.Log(pair.First.Sum(z => Math.Exp(z))) - pair.First[pair.Second]);

        var cost = Run(1, 1);

        Assert.Equal(Labels.Length, cost.Count);
        Assert.Equal(expected, cost.Nats, 1e-4);
        Assert.Equal(cost.Nats / Math.Log(2), cost.Bits, 1e-12);
    }

    [Fact]
    public void Batches_and_threads_change_no_bit_of_the_cost()
    {
        double expected = Run(1, 1).Nats;
        foreach (int batch in new[] { 1, 2, 5, 56, 57, 100 })
        {
            foreach (int threads in new[] { 1, 2, 7 }) Assert.Equal((batch, threads, expected), (batch, threads, Run(batch, threads).Nats));
        }
    }

    [Fact]
    public void A_batch_that_is_fixed_in_the_graph_counts_no_sample_of_its_filling()
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(row => row, 8);

        var found = new AccuracyEvaluation { Metric = new TopK(1, "y"), Likelihood = new NegativeLogLikelihood("y"), BatchSize = 10 }.Run(network, data, cancellation: TestContext.Current.CancellationToken).Labels!;

        Assert.Equal(Run(1, 1), found);
    }

    [Fact]
    public void Padding_of_sequences_counts_no_label()
    {
        float[] logits = [1, 2, 0, 0, 3, 1];
        var outputs = new Dictionary<string, Tensor> { ["y"] = Tensor.Of([1, 3, 2], logits) };
        var batch = new SampleBatch(new Dictionary<string, Tensor>(), Tensor.Of([1, 3], [0L, -1, 1]), 1);

        float[] scores = new float[2];
        new NegativeLogLikelihood("y").Score(outputs, batch, null, scores);
        var cost = LabelCost.Of(scores);

        Assert.Equal(2, cost.Count);
        Assert.Equal(Math.Log(1 + Math.E) + Math.Log(1 + Math.Exp(2)), cost.Nats, 1e-6);
    }

    [Fact]
    public void Costs_add_up_in_their_order()
    {
        Assert.Equal(new LabelCost(0, 0), LabelCost.Sum([]));
        Assert.Equal(new LabelCost(3.5, 7), LabelCost.Sum([new LabelCost(1, 3), new LabelCost(2.5, 4)]));
    }

    [Fact]
    public void A_network_without_a_number_for_a_label_costs_much_and_not_everything()
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(_ => [float.NaN, 0, 0]);

        var cost = new AccuracyEvaluation { Metric = new TopK(1, "y"), Likelihood = new NegativeLogLikelihood("y") }.Run(network, data, cancellation: TestContext.Current.CancellationToken).Labels!;

        Assert.Equal(Labels.Length * (Math.Log(3) + 100), cost.Nats, 1e-2);
    }

    static LabelCost Run(int batch, int threads)
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(row => row);
        return new AccuracyEvaluation { Metric = new TopK(1, "y"), Likelihood = new NegativeLogLikelihood("y"), BatchSize = batch, Parallelism = threads }
            .Run(network, data, cancellation: TestContext.Current.CancellationToken).Labels!;
    }
}
