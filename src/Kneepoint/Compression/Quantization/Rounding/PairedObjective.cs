using Kneepoint.Calibration.Moments;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>The squared output error of a group of rows as a function of what its weights change by.</summary>
/// <param name="Both">The moment of rows (x̂, d): [2K, 2K], the upper triangle.</param>
/// <param name="Fed">G, that of x̂.</param>
sealed record PairedObjective(SecondMoment Both, SecondMoment Fed)
{
    /// <summary>Of one group.</summary>
    public static PairedObjective Of(InputMoments paired, int group, bool isCentered)
    {
        var both = SecondMoment.Of(paired, group, isCentered);
        int columns = both.Columns / 2;
        double[] fed = new double[columns * columns];
        for (int i = 0; i < columns; i++) both.Upper.AsSpan(i * both.Columns, columns).CopyTo(fed.AsSpan(i * columns));
        return new PairedObjective(both, new SecondMoment(fed, columns, both.Rows));
    }

    /// <summary>Whether there are rows and all is finite.</summary>
    public bool IsFinite => Both.Rows > 0 && Both.IsFinite;

    /// <summary>The changes with the least error, those large in the directions of which little is known held back; null where there is no solution.</summary>
    public float[]? Best(float[] weights, double damping, int threads)
    {
        int columns = Fed.Columns;
        double[] factors = Fed.Damped(damping).Upper;
        if (!FeedbackFactor.TryFactor(factors, columns, threads)) return null;
        float[] changes = new float[weights.Length];
        Parallel.For(0, weights.Length / columns, new ParallelOptions { MaxDegreeOfParallelism = threads }, row =>
        {
            double[] pull = PullOn(weights.AsSpan(row * columns, columns));
            SymmetricSolve.Solve(factors, columns, pull);
            for (int k = 0; k < columns; k++) changes[row * columns + k] = weights[row * columns + k] == 0 || !double.IsFinite(pull[k]) ? 0 : (float)pull[k];
        });
        return changes;
    }

    /// <summary>Σ over rows of w·S·wᵀ − 2 e·a + e·G·eᵀ.</summary>
    public double ErrorOf(float[] weights, float[] changes)
    {
        int columns = Fed.Columns;
        double sum = Fed.ErrorOf(changes);
        for (int begin = 0; begin < weights.Length; begin += columns)
        {
            double[] pull = PullOn(weights.AsSpan(begin, columns));
            for (int k = 0; k < columns; k++) sum -= 2 * changes[begin + k] * pull[k];
            for (int i = 0; i < columns; i++)
            {
                var upper = Both.Upper.AsSpan((columns + i) * Both.Columns + columns, columns);
                double inner = 0.5 * upper[i] * weights[begin + i];
                for (int j = i + 1; j < columns; j++) inner += upper[j] * weights[begin + j];
                sum += 2 * weights[begin + i] * inner;
            }
        }

        return Math.Max(0, sum);
    }

    // a = w·E[d·x̂ᵀ].
    double[] PullOn(ReadOnlySpan<float> weights)
    {
        int columns = Fed.Columns;
        double[] pull = new double[columns];
        for (int i = 0; i < columns; i++)
        {
            var cross = Both.Upper.AsSpan(i * Both.Columns + columns, columns);
            double sum = 0;
            for (int j = 0; j < columns; j++) sum += cross[j] * weights[j];
            pull[i] = sum;
        }

        return pull;
    }
}
