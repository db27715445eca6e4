using CsCheck;
using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Measurement.Metrics;

public sealed class MetricTests
{
    static readonly Gen<float> Coarse = Gen.Int[-3, 3].Select(i => i / 2f);

    /// <summary>[n, classes] outputs with many ties, and labels.</summary>
    static readonly Gen<(float[][] Rows, long[] Labels)> Classified =
        from n in Gen.Int[1, 40]
        from classes in Gen.Int[2, 7]
        from rows in Coarse.Array[classes].Array[n]
        from labels in Gen.Long[0, classes - 1].Array[n]
        select (rows, labels);

    internal static (Dictionary<string, Tensor> Outputs, SampleBatch Batch) Batch(float[][] rows, Tensor? targets, long tokens = 0)
    {
        float[] values = [.. rows.SelectMany(row => row)];
        long[] dimensions = tokens > 0 ? [rows.Length, tokens, rows[0].Length / tokens] : [rows.Length, rows[0].Length];
        return (new() { ["y"] = Tensor.Of(dimensions, values) }, new SampleBatch(new Dictionary<string, Tensor>(), targets, rows.Length));
    }

    internal static float[] Scores(IMetric metric, float[][] rows, Tensor? targets, float[][]? baseline = null)
    {
        var (outputs, batch) = Batch(rows, targets);
        float[] scores = new float[rows.Length * metric.ScoresPerSample];
        metric.Score(outputs, batch, baseline is null ? null : Batch(baseline, targets).Outputs, scores);
        return scores;
    }

    static double Figure(IMetric metric, float[][] rows, long[] labels) => metric.Value(Scores(metric, rows, Tensor.Of([labels.Length], labels)));

    [Fact]
    public void Top_k_is_the_place_in_a_stable_sort() => Classified.Sample((rows, labels) =>
    {
        for (int k = 1; k <= 5; k++)
        {
            double expected = rows.Zip(labels).Average(s =>
                s.First.Select((v, c) => (v, c)).OrderByDescending(x => x.v).ThenBy(x => x.c).Take(k).Any(x => x.c == s.Second) ? 1.0 : 0);
            Assert.Equal(expected, Figure(new TopK(k, "y"), rows, labels), 1e-12);
        }
    });

    [Fact]
    public void Auc_is_the_share_of_pairs_in_order() => Classified.Where(s => s.Labels.Any(l => l == 0) && s.Labels.Any(l => l == 1)).Sample((rows, labels) =>
    {
        float[][] two = [.. rows.Select(row => row[..2])];
        long[] binary = [.. labels.Select(label => Math.Min(label, 1))];
        double inOrder = 0, pairs = 0;
        for (int i = 0; i < two.Length; i++)
        {
            for (int j = 0; j < two.Length; j++)
            {
                if (binary[i] != 1 || binary[j] != 0) continue;
                float p = two[i][1] - two[i][0], q = two[j][1] - two[j][0];
                inOrder += p > q ? 1 : p == q ? 0.5 : 0;
                pairs++;
            }
        }

        Assert.Equal(inOrder / pairs, Figure(new AreaUnderCurve("y"), two, binary), 1e-12);
    });

    [Fact]
    public void F1_is_the_harmonic_mean_of_precision_and_recall() => Classified.Sample((rows, labels) =>
    {
        int classes = rows[0].Length;
        int[] decisions = [.. rows.Select(row => Array.IndexOf(row, row.Max()))];
        var perClass = new List<double>();
        for (int c = classes == 2 ? 1 : 0; c < classes; c++)
        {
            double hits = decisions.Zip(labels).Count(s => s.First == c && s.Second == c);
            double decided = decisions.Count(d => d == c), labeled = labels.Count(l => l == c);
            if (decided + labeled == 0) continue;
            double precision = decided == 0 ? 0 : hits / decided, recall = labeled == 0 ? 0 : hits / labeled;
            perClass.Add(precision + recall == 0 ? 0 : 2 * precision * recall / (precision + recall));
        }

        double figure = Figure(new F1("y"), rows, labels);
        if (perClass.Count == 0) Assert.Equal(double.NaN, figure);
        else Assert.Equal(perClass.Average(), figure, 1e-12);
    });

    [Fact]
    public void Likelihood_of_logits_is_that_of_their_softmax() => Classified.Sample((rows, labels) =>
    {
        double[][] softmax = [.. rows.Select(row => row.Select(v => Math.Exp(v) / row.Sum(w => Math.Exp(w))).ToArray())];
        double expected = -softmax.Zip(labels).Average(s => Math.Log(s.First[s.Second]));
        float[][] probabilities = [.. softmax.Select(row => Array.ConvertAll(row, p => (float)p))];
        float[][] shifted = [.. rows.Select(row => Array.ConvertAll(row, v => v + 1000))];

        // A score is stored as float32, 2^-24 relative; shifted logits are exact because halves near 1000 are.
        Assert.Equal(expected, Figure(new NegativeLogLikelihood("y"), rows, labels), 1e-6);
        Assert.Equal(expected, Figure(new NegativeLogLikelihood("y"), shifted, labels), 1e-6);
        Assert.Equal(expected, Figure(new NegativeLogLikelihood("y", isProbability: true), probabilities, labels), 1e-6);
    });

    [Fact]
    public void Likelihood_of_a_single_output_is_that_of_two()
    {
        float[][] single = [[-40], [-1], [0], [2], [900]];
        float[][] two = [.. single.Select(row => new[] { 0, row[0] })];
        foreach (long label in new long[] { 0, 1 })
        {
            long[] labels = [.. single.Select(_ => label)];
            Assert.Equal(Figure(new NegativeLogLikelihood("y"), two, labels), Figure(new NegativeLogLikelihood("y"), single, labels), 1e-9);
        }
    }

    [Fact]
    public void Likelihood_skips_padding_and_bounds_overflow()
    {
        var metric = new NegativeLogLikelihood("y");
        float[][] rows = [[1, 1, 5, 5], [3, 3, 0, 9]];
        float[] scores = new float[4];
        var (outputs, batch) = Batch(rows, Tensor.Of([2L, 2], new long[] { 0, -100, 1, -1 }), tokens: 2);

        metric.Score(outputs, batch, null, scores);

        Assert.Equal([MathF.Log(2), 1, MathF.Log(2), 1], scores);
        float[] broken = Scores(metric, [[float.NaN, 0], [float.PositiveInfinity, 0], [0, float.NegativeInfinity]], Tensor.Of([3], new long[] { 0, 0, 1 }));
        Assert.All([0, 2, 4], i => Assert.Equal(Math.Log(2) + 100, broken[i], 1e-5));
    }

    [Fact]
    public void Token_accuracy_counts_tokens()
    {
        var metric = new TokenAccuracy("y");
        float[][] rows = [[1, 0, 0, 1], [5, 5, float.NaN, 0]];
        float[] scores = new float[4];
        var (outputs, batch) = Batch(rows, Tensor.Of([2L, 2], new long[] { 0, 0, 0, 1 }), tokens: 2);

        metric.Score(outputs, batch, null, scores);

        Assert.Equal([1, 2, 1, 2], scores);
        Assert.Equal(0.5, metric.Value(scores));
    }

    [Fact]
    public void Squared_error_and_its_ratio_have_closed_forms()
    {
        var targets = Tensor.Of([2L, 2], new float[] { 0, 1, 1, 0 });
        float[][] rows = [[0.5f, 1], [1, 0]];

        Assert.Equal(0.0625, new SquaredError("y").Value(Scores(new SquaredError("y"), rows, targets)), 1e-9);
        Assert.Equal(10 * Math.Log10(1 / 0.0625), new SquaredError("y", 1).Value(Scores(new SquaredError("y", 1), rows, targets)), 1e-9);
        float[][] exact = [[0, 1], [1, 0]];
        Assert.Equal(144.5, new SquaredError("y", 255).Value(Scores(new SquaredError("y", 255), exact, targets)), 0.01);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SquaredError("y", 0));
    }

    [Fact]
    public void Sqnr_has_a_closed_form_and_a_top()
    {
        var metric = new OutputSqnr();
        float[][] baseline = [[3, 4], [0, 10]];

        Assert.Equal(144.5, metric.Value(Scores(metric, baseline, null, baseline)), 0.01);
        Assert.Equal(20, metric.Value(Scores(metric, [[3, 4.5f], [1, 10]], null, baseline)), 1e-5);
        Assert.Equal(0, metric.Value(Scores(metric, [[float.NaN, float.NaN], [0, 0]], null, baseline)), 1e-5);
    }

    [Fact]
    public void A_single_output_decides_at_its_threshold()
    {
        float[][] rows = [[-0.1f], [0.4f], [0.5f], [float.NaN]];
        long[] labels = [0, 1, 1, 0];

        Assert.Equal(0.5, Figure(new TopK(1, "y"), rows, labels));
        Assert.Equal(0.75, Figure(new TopK(1, "y", threshold: 0), rows, labels));
        Assert.Equal(1.0, Figure(new F1("y", threshold: 0), rows, labels));
        Assert.Equal(2.0 / 3, Figure(new F1("y"), rows, labels), 1e-12);
    }

    [Fact]
    public void Integers_are_the_networks_own_decisions()
    {
        var outputs = new Dictionary<string, Tensor> { ["y"] = Tensor.Of([3L], new long[] { 0, 1, 1 }) };
        var batch = new SampleBatch(new Dictionary<string, Tensor>(), Tensor.Of([3L], new long[] { 0, 1, 0 }), 3);
        float[] scores = new float[3];

        new TopK(1, "y").Score(outputs, batch, null, scores);

        Assert.Equal([1, 1, 0], scores);
    }

    [Fact]
    public void Counts_repeat_samples() => Gen.Select(Classified, Gen.Int[0, 3].Array[40]).Sample((sample, drawn) =>
    {
        var (rows, labels) = sample;
        int[] counts = drawn[..rows.Length];
        counts[0]++;
        long[] binary = [.. labels.Select(label => Math.Min(label, 1))];
        float[][] two = [.. rows.Select(row => row[..2])];
        IMetric[] metrics = [new TopK(1, "y"), new AreaUnderCurve("y"), new F1("y"), new NegativeLogLikelihood("y")];
        foreach (var metric in metrics)
        {
            float[] scores = Scores(metric, two, Tensor.Of([binary.Length], binary));
            double expected = ((IMetric)new Plain(metric)).OfCounts(scores)(counts);
            double found = metric.OfCounts(scores)(counts);
            if (double.IsNaN(expected)) Assert.Equal(double.NaN, found);
            else Assert.Equal(expected, found, 1e-9);
        }

        float[] errors = Scores(new SquaredError("y", 2), two, Tensor.Of([two.Length, 2L], two.SelectMany(row => row.Reverse()).ToArray()));
        Assert.Equal(((IMetric)new Plain(new SquaredError("y", 2))).OfCounts(errors)(counts), new SquaredError("y", 2).OfCounts(errors)(counts), 1e-9);
    });

    [Theory]
    [InlineData("top1", "The metric top1 needs integer labels; the data has none.")]
    [InlineData("auc", "The metric auc needs integer labels; the data has none.")]
    [InlineData("mse", "The metric mse: output 'y' has 4 values for 2 samples; the targets have none.")]
    public void Missing_targets_are_one_sentence(string name, string message)
    {
        var metric = MetricChoice.Of(name, [new("y", ElementType.Float32, [-1, 2])]);

        Assert.Equal(message, Assert.Throws<DataException>(() => Scores(metric, [[0, 1], [1, 0]], null)).Message);
    }

    /// <summary>A metric of a user's own: only what the interface demands.</summary>
    sealed class Plain(IMetric inner) : IMetric
    {
        public string Name => inner.Name;

        public bool IsMaximized => inner.IsMaximized;

        public string Unit => inner.Unit;

        public int ScoresPerSample => inner.ScoresPerSample;

        public bool IsProportion => inner.IsProportion;

        public bool NeedsBaseline => inner.NeedsBaseline;

        public void Score(IReadOnlyDictionary<string, Tensor> outputs, SampleBatch batch, IReadOnlyDictionary<string, Tensor>? baselineOutputs,
            Span<float> destination) => inner.Score(outputs, batch, baselineOutputs, destination);

        public double Value(ReadOnlySpan<float> scores) => inner.Value(scores);
    }
}
