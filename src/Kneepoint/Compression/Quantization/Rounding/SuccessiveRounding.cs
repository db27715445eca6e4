using Kneepoint.Calibration.Moments;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Rounds a weight for what the rounded layers before it feed it, so that it also makes up for their errors.</summary>
/// <remarks>
/// The layer is fed x̂ where the original is fed x = x̂ + d. With e = ŵ − w of a row, computes codes for the least
/// E |w·x − ŵ·x̂|² = w·S·wᵀ − 2 e·a + e·G·eᵀ, G = E[x̂x̂ᵀ], S = E[ddᵀ], a = w·E[d·x̂ᵀ]: the weight moves to its optimum w + a·(G + λI)⁻¹ and is rounded there by <see cref="DataRounding"/> on G.
/// Where the layer's bias is its own all are covariances, and the bias takes up E[w·x − ŵ·x̂]. λ is 10⁻⁵ to 1 of the mean diagonal of G, or infinite, whichever leaves least on the
/// half of the samples that was not fitted. If the nearest codes of w itself leave less, they are kept. A weight that is exactly 0 stays 0.
/// Cost: that of <see cref="DataRounding"/>, K³/3 multiply-adds for each λ, N·K² for a. Source: [Frantar2022] section 5 for the target; [Li2025] with the feedback of errors.
/// </remarks>
static class SuccessiveRounding
{
    const int RowsToChooseBy = 64;
    const double UsualDamping = 0.01;
    static readonly double[] Dampings = [1e-5, 1e-4, 1e-3, UsualDamping, 0.1, 1];

    /// <summary>Rounds all groups of a weight.</summary>
    /// <param name="rows">The weight.</param>
    /// <param name="paired">Moments of rows (x̂, d): twice the weight's columns for each group.</param>
    /// <param name="shape">Block size and codes.</param>
    /// <param name="wishes">What the rounding is for.</param>
    /// <param name="threads">Threads in use; no result depends on them.</param>
    public static RoundedWeight Round(WeightRows rows, SplitMoments paired, WeightGrid shape, RoundingWishes wishes, int threads)
    {
        var whole = paired.All();
        return GroupedRounding.Of(rows, paired.First.Groups, shape, (group, weights, part) =>
        {
            Objective Of(InputMoments moments) => Objective.Of(moments, group, wishes.IsBiasFree);
            var (rounded, changes) = Round(weights, Of(paired.First), Of(paired.Second), Of(whole), part, wishes, threads);
            return wishes.IsBiasFree ? rounded with { MeanError = MeanError(weights, changes, SecondMoment.MeanOf(whole, group)) } : rounded;
        });
    }

    static (RoundedWeight Rounded, float[] Changes) Round(float[] weights, Objective first, Objective second, Objective all, WeightGrid shape, RoundingWishes wishes, int threads)
    {
        float[] target = [.. weights];
        if (all.IsFinite && Choose(weights, first, second, all, threads) is { } damping && all.Best(weights, damping, threads) is { } best)
        {
            for (int i = 0; i < target.Length; i++) target[i] += best[i];
        }

        var rounded = DataRounding.Round(target, first.Fed, second.Fed, all.Fed, shape, wishes.IsSymmetric, wishes.RoundScale, threads);
        var (grid, codes) = DataRounding.Nearest(weights, shape, wishes.IsSymmetric, wishes.RoundScale);
        float[] changes = DataRounding.ErrorOf(weights, rounded.Grid, rounded.Codes), nearestChanges = DataRounding.ErrorOf(weights, grid, codes);
        double error = all.ErrorOf(weights, changes), nearest = all.ErrorOf(weights, nearestChanges);
        return error <= nearest
            ? (rounded with { Error = error, NearestError = nearest }, changes)
            : (new RoundedWeight(grid, codes, nearest, nearest, 0), nearestChanges);
    }

    // The share of the diagonal with the least error on the half that was not fitted; null where leaving the weight alone has less.
    static double? Choose(float[] allWeights, Objective first, Objective second, Objective all, int threads)
    {
        int columns = all.Fed.Columns;
        if (first.Fed.Rows == 0 || second.Fed.Rows == 0) return null;
        int rows = allWeights.Length / columns, every = (rows + RowsToChooseBy - 1) / RowsToChooseBy;
        float[] weights = [.. Enumerable.Range(0, (rows + every - 1) / every).SelectMany(row => allWeights.AsSpan(row * every * columns, columns).ToArray())];
        double ErrorAt(double damping)
        {
            double error = 0;
            foreach (var (fitted, unseen) in new[] { (first, second), (second, first) })
            {
                error += fitted.Best(weights, damping, threads) is { } changes ? unseen.ErrorOf(weights, changes) : double.PositiveInfinity;
            }

            return error;
        }

        // The error has one minimum, as a rule: downhill from the usual damping.
        int at = Array.IndexOf(Dampings, UsualDamping);
        double least = ErrorAt(Dampings[at]);
        foreach (int step in new[] { -1, 1 })
        {
            int begin = at;
            while (at + step >= 0 && at + step < Dampings.Length && ErrorAt(Dampings[at + step]) is var next && next < least) (at, least) = (at + step, next);
            if (at != begin) break;
        }

        return least < first.ErrorOf(weights, new float[weights.Length]) + second.ErrorOf(weights, new float[weights.Length]) ? Dampings[at] : null;
    }

    // E[ŵ·x̂ − w·x] of each row.
    static double[] MeanError(float[] weights, float[] changes, double[] mean)
    {
        int columns = mean.Length / 2;
        double[] error = new double[weights.Length / columns];
        for (int row = 0; row < error.Length; row++)
        {
            for (int k = 0; k < columns; k++) error[row] += changes[row * columns + k] * mean[k] - weights[row * columns + k] * mean[columns + k];
        }

        return error;
    }

    /// <summary>The squared output error of a group of rows as a function of what its weights change by.</summary>
    /// <param name="Both">The moment of rows (x̂, d): [2K, 2K], the upper triangle.</param>
    /// <param name="Fed">G, that of x̂.</param>
    sealed record Objective(SecondMoment Both, SecondMoment Fed)
    {
        public static Objective Of(InputMoments paired, int group, bool isCentered)
        {
            var both = SecondMoment.Of(paired, group, isCentered);
            int columns = both.Columns / 2;
            double[] fed = new double[columns * columns];
            for (int i = 0; i < columns; i++) both.Upper.AsSpan(i * both.Columns, columns).CopyTo(fed.AsSpan(i * columns));
            return new Objective(both, new SecondMoment(fed, columns, both.Rows));
        }

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
}
