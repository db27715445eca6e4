using CsCheck;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Racing;

namespace Kneepoint.Tests.Measurement.Racing;

public sealed class GrowingEvaluationTests
{
    // In whatever parts, the scores and the sums are those of one pass, to the last bit.
    [Fact]
    public void Parts_in_any_order_give_what_one_pass_gives() => Gen.Select(Gen.Int[1, 60], Gen.Int[1, 9], Gen.Int[1, 3], Gen.Long, Gen.Int[0, 60]).Sample((count, batch, parallelism, seed, first) =>
    {
        first = Math.Min(first, count);
        float[][] rows = [.. Enumerable.Range(0, count).Select(i => new[] { i % 3 == 0 ? 0.1f * i : 0.3f, i % 7 == 0 ? float.NaN : 1f / (i + 1) })];
        using var data = new FakeData(rows, [.. Enumerable.Range(0, count).Select(i => (long)(i % 2))]);
        using var network = new FakeNetwork(row => row);
        var evaluation = new AccuracyEvaluation { Metric = new TopK(1, "y"), Likelihood = new NegativeLogLikelihood("y"), BatchSize = batch, Parallelism = parallelism };
        var expected = evaluation.Run(network, data, cancellation: TestContext.Current.CancellationToken);
        network.Batches.Clear();

        var growing = new GrowingEvaluation(evaluation, network, data, null);
        int[] order = RandomOrder.Of(count, seed);
        growing.Add([.. order[..first].Select(i => (long)i).Order()], null, TestContext.Current.CancellationToken);
        Assert.Equal(first, growing.Seen);
        Assert.All(order[..first], sample => Assert.Equal(expected.Values[sample], growing.ScoresOf(sample)[0]));
        network.Batches.Clear();
        long done = 0;
        growing.AddRest(seen => done = seen, TestContext.Current.CancellationToken);

        Assert.Equal(expected.Values, growing.All().Values);
        Assert.Equal(expected.NonFiniteSamples, growing.All().NonFiniteSamples);
        Assert.Equal(expected.Labels, growing.All().Labels);
        Assert.InRange(growing.Evaluations, count, count + 2 * batch);
        Assert.InRange(done, 0, count);
        // Runs of the rest are as large as those of one pass.
        if (count / batch * batch >= first + batch) Assert.All(network.Batches, size => Assert.True(size == batch || size == count % batch));
    });

    [Fact]
    public void Scores_before_all_samples_are_seen_are_refused()
    {
        using var data = new FakeData([[1f, 0], [0, 1]], [0, 1]);
        using var network = new FakeNetwork(row => row);
        var growing = new GrowingEvaluation(new AccuracyEvaluation { Metric = new TopK(1, "y") }, network, data, null);
        growing.Add([1], null, TestContext.Current.CancellationToken);

        Assert.Throws<InvalidOperationException>(growing.All);
    }
}
