using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Tests.Measurement;

public sealed class AccuracyEvaluationTests
{
    static readonly float[][] Rows = [.. Enumerable.Range(0, 23).Select(i => new[] { i % 3, (float)(i % 5), 1f })];
    static readonly long[] Labels = [.. Enumerable.Range(0, 23).Select(i => (long)(i % 2))];

    static float[] Same(float[] row) => row;

    static SampleScores Run(AccuracyEvaluation evaluation, FakeNetwork network, FakeData data, FakeNetwork? baseline = null, Action<long>? progress = null) =>
        evaluation.Run(network, data, baseline, progress, TestContext.Current.CancellationToken);

    [Fact]
    public void Scores_do_not_depend_on_the_batch_size()
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(Same);
        float[] oneByOne = Run(new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = 1 }, network, data).Values;

        foreach (int size in new[] { 2, 5, 22, 23, 24, 100 })
        {
            Assert.Equal(oneByOne, Run(new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = size }, network, data).Values);
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    public void Batches_at_the_same_time_change_nothing(int parallelism)
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(row => [row[0], row[1] == 4 ? float.NaN : row[1], row[2]]);
        var evaluation = new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = 2 };
        var expected = Run(evaluation, network, data);
        var seen = new List<long>();
        var found = Run(evaluation with { Parallelism = parallelism }, network, data, progress: seen.Add);

        Assert.Equal(expected.Values, found.Values);
        Assert.Equal(expected.NonFiniteSamples, found.NonFiniteSamples);
        Assert.Equal(seen.Order(), seen);
        Assert.Equal(Rows.Length, seen[^1]);
    }

    [Fact]
    public void Of_several_failures_at_the_same_time_the_first_in_the_data_is_told()
    {
        long[] labels = [.. Labels];
        labels[11] = labels[12] = labels[20] = 9;
        using var data = new FakeData(Rows, labels);
        using var network = new FakeNetwork(Same);
        var evaluation = new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = 1, Parallelism = 6 };

        for (int i = 0; i < 50; i++) Assert.StartsWith("Sample 11 ", Assert.Throws<DataException>(() => Run(evaluation, network, data)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Cancellation_ends_batches_at_the_same_time_too()
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(Same);
        using var source = new CancellationTokenSource();
        var evaluation = new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = 1, Parallelism = 3 };

        Assert.Throws<OperationCanceledException>(() => evaluation.Run(network, data, progress: _ => source.Cancel(), cancellation: source.Token));
        Assert.InRange(network.Batches.Count, 1, 6);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(64)]
    public void A_batch_that_is_fixed_in_the_graph_is_filled_and_cut(int size)
    {
        using var data = new FakeData(Rows, Labels);
        using var free = new FakeNetwork(Same);
        using var fixedNetwork = new FakeNetwork(Same, size);
        var evaluation = new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = 10 };

        float[] expected = Run(evaluation, free, data).Values;
        float[] found = Run(evaluation, fixedNetwork, data).Values;

        Assert.Equal(expected, found);
        Assert.All(fixedNetwork.Batches, batch => Assert.Equal(size, batch));
    }

    [Fact]
    public void Limit_progress_and_cancellation_are_kept()
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(Same);
        var seen = new List<long>();
        var evaluation = new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = 4, Limit = 10 };

        Assert.Equal(10, Run(evaluation, network, data, progress: seen.Add).Count);
        Assert.Equal([4L, 8, 10], seen);

        using var source = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => evaluation.Run(network, data, progress: _ => source.Cancel(), cancellation: source.Token));
        Assert.Equal(4, network.Batches.Count);
    }

    [Fact]
    public void A_label_outside_the_classes_is_named_with_its_sample()
    {
        long[] labels = [.. Labels];
        labels[17] = 3;
        using var data = new FakeData(Rows, labels);
        using var network = new FakeNetwork(Same);

        var exception = Assert.Throws<DataException>(() => Run(new AccuracyEvaluation { Metric = new TopK(1, "y"), BatchSize = 4 }, network, data));

        Assert.Equal("Sample 17 (counted from 0): the label is 3; the network has 3 classes, 0 to 2.", exception.Message);
    }

    [Fact]
    public void Samples_with_nan_are_counted_and_wrong()
    {
        using var data = new FakeData(Rows, Labels);
        using var network = new FakeNetwork(row => row[0] == 2 ? [float.NaN, 0, 0] : row[1] == 4 ? [float.PositiveInfinity, 0, 0] : row);

        var scores = Run(new AccuracyEvaluation { Metric = new TopK(1, "y") }, network, data);

        Assert.Equal(Rows.Count(row => row[0] == 2 || row[1] == 4), scores.NonFiniteSamples);
        Assert.All(Enumerable.Range(0, 23).Where(i => Rows[i][0] == 2), i => Assert.Equal(0, scores.Values[i]));
    }

    [Fact]
    public void Fidelity_runs_the_baseline_beside_the_variant()
    {
        using var data = new FakeData(Rows, null);
        using var baseline = new FakeNetwork(Same);
        using var variant = new FakeNetwork(row => row[0] == 2 ? [0, 0, 9] : row);
        var evaluation = new AccuracyEvaluation { Metric = new Agreement("y", 3), BatchSize = 7 };

        float[] scores = Run(evaluation, variant, data, baseline).Values;

        Assert.Equal(baseline.Batches, variant.Batches);
        Assert.Equal([.. Rows.Select(row => row[0] == 2 ? 0f : 1f)], scores);
        Assert.All(Run(evaluation, baseline, data).Values, score => Assert.Equal(1, score));
    }

    [Fact]
    public void An_empty_part_is_an_error()
    {
        using var data = new FakeData([], []);
        using var network = new FakeNetwork(Same);

        var exception = Assert.Throws<DataException>(() => Run(new AccuracyEvaluation { Metric = new TopK(1, "y") }, network, data));

        Assert.Equal("The part 'Evaluate' of the data has no samples.", exception.Message);
    }

    [Fact]
    public void Stored_scores_read_back()
    {
        var metric = new NegativeLogLikelihood("y");
        var scores = new SampleScores([1.5f, 1, float.MaxValue, 2], 2);

        Assert.Equal(scores.Values, SampleScores.Of(metric, scores.ToBytes()).Values);
        Assert.Throws<DataException>(() => SampleScores.Of(metric, new byte[12]));
    }
}
