using Kneepoint.Calibration.Moments;

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
            PairedObjective Of(InputMoments moments) => PairedObjective.Of(moments, group, wishes.IsBiasFree);
            var (rounded, changes) = Round(weights, Of(paired.First), Of(paired.Second), Of(whole), part, wishes, threads);
            return wishes.IsBiasFree ? rounded with { MeanError = MeanError(weights, changes, SecondMoment.MeanOf(whole, group)) } : rounded;
        });
    }

    static (RoundedWeight Rounded, float[] Changes) Round(float[] weights, PairedObjective first, PairedObjective second, PairedObjective all, WeightGrid shape, RoundingWishes wishes, int threads)
    {
        float[] target = TargetOf(weights, first, second, all, threads);
        var rounded = DataRounding.Round(target, first.Fed, second.Fed, all.Fed, shape, wishes.IsSymmetric, wishes.RoundScale, threads);
        var (grid, codes) = DataRounding.Nearest(weights, shape, wishes.IsSymmetric, wishes.RoundScale);
        float[] changes = DataRounding.ErrorOf(weights, rounded.Grid, rounded.Codes), nearestChanges = DataRounding.ErrorOf(weights, grid, codes);
        double error = all.ErrorOf(weights, changes), nearest = all.ErrorOf(weights, nearestChanges);
        return error <= nearest
            ? (rounded with { Error = error, NearestError = nearest }, changes)
            : (new RoundedWeight(grid, codes, nearest, nearest, 0), nearestChanges);
    }

    /// <summary>Where the weight would best be if it need not be rounded: w + a·(G + λI)⁻¹.</summary>
    /// <param name="weights">[N, K].</param>
    /// <param name="first">The error on one half of the samples.</param>
    /// <param name="second">That on the other.</param>
    /// <param name="all">That on all.</param>
    /// <param name="threads">Threads in use.</param>
    public static float[] TargetOf(float[] weights, PairedObjective first, PairedObjective second, PairedObjective all, int threads)
    {
        float[] target = [.. weights];
        if (!all.IsFinite || Choose(weights, first, second, all, threads) is not { } damping || all.Best(weights, damping, threads) is not { } best) return target;
        for (int i = 0; i < target.Length; i++) target[i] += best[i];
        return target;
    }

    // The share of the diagonal with the least error on the half that was not fitted; null where leaving the weight alone has less.
    static double? Choose(float[] allWeights, PairedObjective first, PairedObjective second, PairedObjective all, int threads)
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

    /// <summary>E[ŵ·x̂ − w·x] of each row.</summary>
    /// <param name="weights">w: [N, K].</param>
    /// <param name="changes">ŵ − w.</param>
    /// <param name="mean">E of (x̂, d): [2K].</param>
    public static double[] MeanError(float[] weights, float[] changes, double[] mean)
    {
        int columns = mean.Length / 2;
        double[] error = new double[weights.Length / columns];
        for (int row = 0; row < error.Length; row++)
        {
            for (int k = 0; k < columns; k++) error[row] += changes[row * columns + k] * mean[k] - weights[row * columns + k] * mean[columns + k];
        }

        return error;
    }
}
