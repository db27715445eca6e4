using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>A weight as codes of a grid.</summary>
/// <param name="Grid">What codes stand for.</param>
/// <param name="Codes">[N, K].</param>
/// <param name="Error">The mean squared output error on the calibration rows.</param>
/// <param name="NearestError">That of rounding to nearest, on a grid of its own.</param>
/// <param name="Damping">The share of the mean diagonal that was added; 0 where rounding to nearest was kept.</param>
sealed record RoundedWeight(WeightGrid Grid, sbyte[] Codes, double Error, double NearestError, double Damping) : FittedWeight
{
    /// <inheritdoc/>
    public override float[] ErrorsOf(float[] weights) => DataRounding.ErrorOf(weights, Grid, Codes);
}

/// <summary>Rounds a weight so that the layer's outputs on the calibration samples change least.</summary>
/// <remarks>
/// Scales by the diagonal of H, rounding with feedback, then descent over codes and scales. For a convolution whose bias is its own, H is the covariance: the bias takes up the rest. How much H is damped is decided on the other half of the samples where rows are
/// few: fitted to one half, checked on the other, both ways. If rounding to nearest does better on the half that was not seen, or on all of them, it is kept.
/// </remarks>
static class DataRounding
{
    const double UsualDamping = 0.01;
    const int Sweeps = 6;
    const int RowsToChooseBy = 64;

    // With so many rows for each column, one damping does as well as another.
    const int PlentyRowsPerColumn = 40;

    static readonly double[] Dampings = [UsualDamping, 0.1, 1];

    /// <summary>Rounds.</summary>
    /// <param name="weights">[N, K], finite.</param>
    /// <param name="first">H of one half of the samples.</param>
    /// <param name="second">H of the other half.</param>
    /// <param name="shape">Block size and codes; its scales are not used.</param>
    /// <param name="isSymmetric">Whether all zero points are 0.</param>
    /// <param name="roundScale">What a scale can be stored as.</param>
    /// <param name="threads">Threads in use; no result depends on them.</param>
    public static RoundedWeight Round(
        float[] weights, SecondMoment first, SecondMoment second, WeightGrid shape, bool isSymmetric, Func<float, float> roundScale, int threads = 1) =>
        Round(weights, first, second, Mean(first, second), shape, isSymmetric, roundScale, threads);

    /// <summary>Rounds; H of all samples is given as well, since covariances of halves do not add up to that of the whole.</summary>
    public static RoundedWeight Round(float[] weights, SecondMoment first, SecondMoment second, SecondMoment all, WeightGrid shape, bool isSymmetric,
        Func<float, float> roundScale, int threads = 1)
    {
        var nearest = Nearest(weights, shape, isSymmetric, roundScale);
        double nearestError = all.ErrorOf(ErrorOf(weights, nearest.Grid, nearest.Codes));
        var kept = new RoundedWeight(nearest.Grid, nearest.Codes, nearestError, nearestError, 0);
        if (all.Rows == 0 || !all.IsFinite) return kept;

        double? damping = all.Rows >= (long)PlentyRowsPerColumn * all.Columns ? UsualDamping : Choose(weights, first, second, shape, isSymmetric, roundScale, threads);
        if (damping is not { } chosen || Fit(weights, all, chosen, shape, isSymmetric, roundScale, threads) is not { } fit) return kept;
        double error = all.ErrorOf(ErrorOf(weights, fit.Grid, fit.Codes));
        return error < nearestError ? new RoundedWeight(fit.Grid, fit.Codes, error, nearestError, chosen) : kept;
    }

    static SecondMoment Mean(SecondMoment first, SecondMoment second)
    {
        double share = first.Rows / Math.Max(1.0, first.Rows + second.Rows);
        double[] both = new double[first.Upper.Length];
        for (int i = 0; i < both.Length; i++) both[i] = share * first.Upper[i] + (1 - share) * second.Upper[i];
        return new SecondMoment(both, first.Columns, first.Rows + second.Rows);
    }

    // The damping with the least error on the half that was not fitted; null if rounding to nearest has less.
    static double? Choose(float[] allWeights, SecondMoment first, SecondMoment second, WeightGrid allRows, bool isSymmetric, Func<float, float> roundScale, int threads)
    {
        // A few rows of the weight say as much about the damping as all of them.
        int every = (allRows.Rows + RowsToChooseBy - 1) / RowsToChooseBy, columns = allRows.Columns;
        float[] weights = [.. Enumerable.Range(0, (allRows.Rows + every - 1) / every).SelectMany(row => allWeights.AsSpan(row * every * columns, columns).ToArray())];
        var shape = new WeightGrid(weights.Length / columns, columns, allRows.BlockSize, allRows.Lowest, allRows.Highest);
        var nearest = Nearest(weights, shape, isSymmetric, roundScale);
        float[] nearestErrors = ErrorOf(weights, nearest.Grid, nearest.Codes);
        double least = first.ErrorOf(nearestErrors) + second.ErrorOf(nearestErrors);
        double? best = null;
        foreach (double damping in Dampings)
        {
            double error = 0;
            foreach (var (fitted, unseen) in new[] { (first, second), (second, first) })
            {
                error += fitted.Rows > 0 && Fit(weights, fitted, damping, shape, isSymmetric, roundScale, threads) is { } fit
                    ? unseen.ErrorOf(ErrorOf(weights, fit.Grid, fit.Codes))
                    : double.PositiveInfinity;
            }

            if (error < least) (best, least) = (damping, error);
        }

        return best;
    }

    /// <summary>The nearest codes, on scales of least squared error.</summary>
    internal static (WeightGrid Grid, sbyte[] Codes) Nearest(float[] weights, WeightGrid shape, bool isSymmetric, Func<float, float> roundScale)
    {
        var grid = shape.Copy();
        double[] alike = new double[grid.Columns];
        Array.Fill(alike, 1);
        GridRange.Fill(grid, weights, alike, isSymmetric, roundScale);
        return (grid, grid.Nearest(weights));
    }

    static (WeightGrid Grid, sbyte[] Codes)? Fit(
        float[] weights, SecondMoment moment, double damping, WeightGrid shape, bool isSymmetric, Func<float, float> roundScale, int threads)
    {
        var damped = moment.Damped(damping);
        double[] diagonal = damped.Diagonal();
        int[] order = FeedbackRounding.Order(diagonal);
        double[] factor = damped.Reordered(order);
        if (!FeedbackFactor.TryFactor(factor, damped.Columns, threads)) return null;
        var grid = shape.Copy();
        GridRange.Fill(grid, weights, diagonal, isSymmetric, roundScale);
        sbyte[] codes = FeedbackRounding.Round(weights, Array.ConvertAll(factor, value => (float)value), order, grid, threads);
        CodeDescent.Improve(weights, damped.Full(), grid, codes, Sweeps, roundScale, threads);
        return (grid, codes);
    }

    internal static float[] ErrorOf(float[] weights, WeightGrid grid, sbyte[] codes)
    {
        float[] error = new float[weights.Length];
        for (int row = 0; row < grid.Rows; row++)
        {
            for (int k = row * grid.Columns; k < (row + 1) * grid.Columns; k++) error[k] = grid.Value(codes[k], grid.BlockOf(row, k - row * grid.Columns)) - weights[k];
        }

        return error;
    }
}
