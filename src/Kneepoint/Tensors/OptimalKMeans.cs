namespace Kneepoint.Tensors;

/// <summary>The best k representatives of weighted numbers on a line.</summary>
/// <remarks>
/// Computes the centroids with the least Σ h_i (w_i − c(i))², exactly: clusters are runs of the sorted numbers, and D[m][j] = min_i D[m−1][i] + cost(i, j), where the best i
/// never falls as j rises, so that each layer takes O(n log n) by halving. Numbers are taken from their mean, so that the sums of squares keep their digits.
/// Of equal numbers one is kept with their weights' sum. Where there are no more than k numbers, each is its own representative.
/// Cost: O(k n log n) time, 4 k n bytes. Source: [Wang2011] with the monotonicity of [Gronlund2017] section 2.2.
/// </remarks>
public static class OptimalKMeans
{
    /// <summary>Finds the representatives.</summary>
    /// <param name="values">[n], finite, in any order.</param>
    /// <param name="importance">[n]: h, positive.</param>
    /// <param name="count">k, at least 1.</param>
    /// <returns>At most k numbers, rising.</returns>
    /// <exception cref="ArgumentException">The lengths differ.</exception>
    public static float[] Of(ReadOnlySpan<float> values, ReadOnlySpan<double> importance, int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        if (values.Length != importance.Length) throw new ArgumentException($"{values.Length} numbers have {importance.Length} weights.", nameof(importance));
        if (values.IsEmpty) return [];
        var sums = new PrefixSums(values, importance);
        return sums.Count <= count ? sums.Distinct : Centroids(sums, Clusters(sums, count));
    }

    /// <summary>Σ h_i (w_i − c)² with c the representative nearest to w_i.</summary>
    public static double Distortion(ReadOnlySpan<float> values, ReadOnlySpan<double> importance, ReadOnlySpan<float> centroids)
    {
        double sum = 0;
        for (int i = 0; i < values.Length; i++)
        {
            double distance = values[i] - (double)centroids[Nearest(centroids, values[i])];
            sum += importance[i] * distance * distance;
        }

        return sum;
    }

    /// <summary>The representative nearest to a value; of two equally near, the lower.</summary>
    /// <param name="centroids">Rising, at least one.</param>
    /// <param name="value">Any number.</param>
    public static int Nearest(ReadOnlySpan<float> centroids, double value)
    {
        int low = 0, high = centroids.Length - 1;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (value - centroids[middle] <= centroids[middle + 1] - value) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    // The first number of each cluster.
    static int[] Clusters(PrefixSums sums, int count)
    {
        int n = sums.Count;
        double[] before = new double[n + 1], now = new double[n + 1];
        int[][] starts = new int[count][];
        for (int j = 1; j <= n; j++) before[j] = sums.Cost(0, j);
        for (int m = 1; m < count; m++)
        {
            starts[m] = new int[n + 1];
            Layer(sums, before, now, starts[m], m + 1, n, m, n - 1);
            (before, now) = (now, before);
        }

        int[] clusters = new int[count];
        int end = n;
        for (int m = count - 1; m > 0; m--) clusters[m] = end = starts[m][end];
        return clusters;
    }

    // now[j] = min over i in [first, last] of before[i] + cost(i, j), for j from low to high.
    static void Layer(PrefixSums sums, double[] before, double[] now, int[] starts, int low, int high, int first, int last)
    {
        if (low > high) return;
        int middle = (low + high) / 2, best = -1;
        double least = double.PositiveInfinity;
        for (int i = first; i <= Math.Min(last, middle - 1); i++)
        {
            double cost = before[i] + sums.Cost(i, middle);
            if (cost < least) (least, best) = (cost, i);
        }

        (now[middle], starts[middle]) = (least, best);
        Layer(sums, before, now, starts, low, middle - 1, first, best);
        Layer(sums, before, now, starts, middle + 1, high, best, last);
    }

    static float[] Centroids(PrefixSums sums, int[] clusters)
    {
        float[] centroids = new float[clusters.Length];
        for (int m = 0; m < clusters.Length; m++) centroids[m] = sums.Mean(clusters[m], m + 1 < clusters.Length ? clusters[m + 1] : sums.Count);
        return centroids;
    }

    /// <summary>Sums of the sorted, distinct numbers up to each place.</summary>
    sealed class PrefixSums
    {
        readonly double _center;
        readonly double[] _weight;
        readonly double[] _first;
        readonly double[] _second;

        public PrefixSums(ReadOnlySpan<float> values, ReadOnlySpan<double> importance)
        {
            float[] sorted = values.ToArray();
            double[] weights = importance.ToArray();
            Array.Sort(sorted, weights);
            double all = 0, weighted = 0;
            for (int i = 0; i < sorted.Length; i++)
            {
                all += weights[i];
                weighted += weights[i] * sorted[i];
            }

            _center = weighted / all;
            var distinct = new List<float>();
            _weight = new double[sorted.Length + 1];
            _first = new double[sorted.Length + 1];
            _second = new double[sorted.Length + 1];
            for (int i = 0; i < sorted.Length; i++)
            {
                if (i == 0 || sorted[i] != sorted[i - 1])
                {
                    distinct.Add(sorted[i]);
                    int to = distinct.Count;
                    (_weight[to], _first[to], _second[to]) = (_weight[to - 1], _first[to - 1], _second[to - 1]);
                }

                double offset = sorted[i] - _center;
                _weight[distinct.Count] += weights[i];
                _first[distinct.Count] += weights[i] * offset;
                _second[distinct.Count] += weights[i] * offset * offset;
            }

            Distinct = [.. distinct];
        }

        public float[] Distinct { get; }

        public int Count => Distinct.Length;

        public double Cost(int begin, int end)
        {
            double first = _first[end] - _first[begin];
            return Math.Max(0, _second[end] - _second[begin] - first * first / (_weight[end] - _weight[begin]));
        }

        public float Mean(int begin, int end) => (float)(_center + (_first[end] - _first[begin]) / (_weight[end] - _weight[begin]));
    }
}
