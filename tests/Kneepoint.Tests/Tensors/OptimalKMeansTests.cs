using Kneepoint.Tensors;

namespace Kneepoint.Tests.Tensors;

public sealed class OptimalKMeansTests
{
    [Fact]
    public void The_distortion_is_that_of_trying_every_way_to_cut_the_line()
    {
        var random = new Random(1);
        for (int round = 0; round < 300; round++)
        {
            int n = random.Next(1, 11), count = random.Next(1, 5);
            float[] values = [.. Enumerable.Range(0, n).Select(_ => random.Next(4) == 0 ? random.Next(3) : (float)Normal(random))];
            double[] importance = [.. Enumerable.Range(0, n).Select(_ => 0.01 + random.NextDouble())];

            float[] centroids = OptimalKMeans.Of(values, importance, count);

            double[] sorted = [.. Enumerable.Range(0, n).OrderBy(i => values[i]).Select(i => (double)values[i])];
            double[] weights = [.. Enumerable.Range(0, n).OrderBy(i => values[i]).Select(i => importance[i])];
            Assert.Equal(Least(sorted, weights, 0, count), OptimalKMeans.Distortion(values, importance, centroids), 1e-6);
            Assert.True(centroids.Length <= count && centroids.SequenceEqual(centroids.Order()));
        }
    }

    [Theory]
    [InlineData(4)]
    [InlineData(16)]
    public void The_distortion_is_at_most_that_of_lloyd_from_twenty_starts(int count)
    {
        for (int seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            float[] values = [.. Enumerable.Range(0, 3000).Select(_ => (float)Math.Pow(Normal(random), seed + 1))];
            double[] importance = [.. values.Select(_ => seed == 0 ? 1 : random.NextDouble() + 0.01)];

            double optimal = OptimalKMeans.Distortion(values, importance, OptimalKMeans.Of(values, importance, count));

            for (int start = 0; start < 20; start++)
            {
                float[] lloyd = [.. values.OrderBy(_ => random.Next()).Take(count).Order()];
                for (int step = 0; step < 50; step++) lloyd = Step(values, importance, lloyd);
                Assert.True(optimal <= OptimalKMeans.Distortion(values, importance, lloyd) * (1 + 1e-6));
            }
        }
    }

    [Fact]
    public void Few_distinct_numbers_are_their_own_representatives()
    {
        Assert.Equal([-1, 0.5f, 3], OptimalKMeans.Of([3, -1, 0.5f, 3, -1], [1, 1, 1, 1, 1], 4));
        Assert.Empty(OptimalKMeans.Of([], [], 4));
        Assert.Throws<ArgumentException>(() => OptimalKMeans.Of([1], [], 4));
    }

    [Fact]
    public void Numbers_far_from_zero_keep_their_digits()
    {
        float[] values = [.. Enumerable.Range(0, 100).Select(i => 1e6f + i / 50 + 0.0625f * (i % 2))];

        float[] centroids = OptimalKMeans.Of(values, [.. values.Select(_ => 1.0)], 2);

        Assert.Equal([1e6f + 0.03125f, 1e6f + 1.03125f], centroids, (a, b) => Math.Abs(a - b) <= 0.0625f);
        Assert.Equal(100 * 0.03125 * 0.03125, OptimalKMeans.Distortion(values, [.. values.Select(_ => 1.0)], centroids), 0.4);
    }

    [Fact]
    public void The_nearest_representative_is_found_by_halving()
    {
        var random = new Random(4);
        float[] centroids = [.. Enumerable.Range(0, 33).Select(_ => (float)Normal(random)).Order()];
        for (int i = 0; i < 1000; i++)
        {
            double value = 2 * Normal(random);
            Assert.Equal(centroids.Min(c => Math.Abs(value - c)), Math.Abs(value - centroids[OptimalKMeans.Nearest(centroids, value)]));
        }
    }

    static double Least(double[] sorted, double[] weights, int begin, int count)
    {
        if (begin == sorted.Length) return 0;
        double least = Cost(sorted, weights, begin, sorted.Length);
        for (int end = begin + 1; end < sorted.Length && count > 1; end++)
        {
            least = Math.Min(least, Cost(sorted, weights, begin, end) + Least(sorted, weights, end, count - 1));
        }

        return least;
    }

    static double Cost(double[] sorted, double[] weights, int begin, int end)
    {
        double weight = weights[begin..end].Sum(), mean = Enumerable.Range(begin, end - begin).Sum(i => weights[i] * sorted[i]) / weight;
        return Enumerable.Range(begin, end - begin).Sum(i => weights[i] * (sorted[i] - mean) * (sorted[i] - mean));
    }

    static float[] Step(float[] values, double[] importance, float[] centroids)
    {
        double[] sum = new double[centroids.Length], weight = new double[centroids.Length];
        for (int i = 0; i < values.Length; i++)
        {
            int at = OptimalKMeans.Nearest(centroids, values[i]);
            sum[at] += importance[i] * values[i];
            weight[at] += importance[i];
        }

        return [.. centroids.Select((c, i) => weight[i] > 0 ? (float)(sum[i] / weight[i]) : c).Order()];
    }

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
