namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Chooses scales and zero points where the weighted squared error of rounding to nearest is least.</summary>
/// <remarks>
/// Each column k of a row has the weight h_k, the second moment of the input that it is multiplied with: a column that is fed little may be rounded coarsely. Computes, for each
/// block, argmin over candidates of Σ h_k (w_k − Q(w_k))². Candidates shrink the range of the block in steps of 1/60 down to 0.3, and to 0.2 below 4 bits; a symmetric
/// grid −2^(b−1) … 2^(b−1) − 1 is tried both ways round. Where all weights of a block are 0, the scale is 1.
/// Cost: O(56 n), twice that if symmetric. Source: [Nagel2021] section 3.1 with the diagonal of the Hessian as in [Frantar2022].
/// </remarks>
static class GridRange
{
    const double CandidateStep = 1.0 / 60;
    const int Candidates = 43;
    const int CandidatesOfFewBits = 49;
    const int FewBits = 3;

    /// <summary>Fills scales and zero points.</summary>
    /// <param name="grid">Filled.</param>
    /// <param name="weights">[N, K], finite.</param>
    /// <param name="importance">[K]: h, not negative.</param>
    /// <param name="isSymmetric">Whether all zero points are 0.</param>
    /// <param name="roundScale">What a scale is stored as; null where it stays.</param>
    public static void Fill(WeightGrid grid, ReadOnlySpan<float> weights, ReadOnlySpan<double> importance, bool isSymmetric, Func<float, float>? roundScale = null)
    {
        roundScale ??= scale => scale;
        for (int row = 0; row < grid.Rows; row++)
        {
            for (int b = 0; b < grid.Blocks; b++)
            {
                int begin = b * grid.BlockSize, count = Math.Min(grid.BlockSize, grid.Columns - begin);
                var block = weights.Slice(row * grid.Columns + begin, count);
                var h = importance.Slice(begin, count);
                var (scale, zeroPoint) = isSymmetric ? Symmetric(block, h, grid, roundScale) : Asymmetric(block, h, grid, roundScale);
                grid.Scales[row * grid.Blocks + b] = scale;
                grid.ZeroPoints[row * grid.Blocks + b] = zeroPoint;
            }
        }
    }

    static (float Scale, int ZeroPoint) Symmetric(ReadOnlySpan<float> block, ReadOnlySpan<double> importance, WeightGrid grid, Func<float, float> roundScale)
    {
        double magnitude = 0;
        foreach (float weight in block) magnitude = Math.Max(magnitude, Math.Abs((double)weight));
        var best = new Candidate(1, 0, double.PositiveInfinity);
        double[] whole = grid.Highest == -grid.Lowest ? [magnitude / grid.Highest] : [magnitude / -grid.Lowest, -magnitude / -grid.Lowest];
        foreach (double scale in whole) best = Best(best, block, importance, grid, roundScale, shrink => (scale * shrink, 0));
        return (best.Scale, 0);
    }

    static (float Scale, int ZeroPoint) Asymmetric(ReadOnlySpan<float> block, ReadOnlySpan<double> importance, WeightGrid grid, Func<float, float> roundScale)
    {
        double high = 0, low = 0;
        foreach (float weight in block)
        {
            high = Math.Max(high, weight);
            low = Math.Min(low, weight);
        }

        var best = Best(new Candidate(1, 0, double.PositiveInfinity), block, importance, grid, roundScale, shrink =>
        {
            double scale = (high - low) * shrink / (grid.Highest - grid.Lowest);
            double zeroPoint = scale > 0 ? Math.Round(grid.Lowest - low * shrink / scale, MidpointRounding.ToEven) : 0;
            return (scale, (int)Math.Clamp(zeroPoint, grid.Lowest, grid.Highest));
        });
        return (best.Scale, best.ZeroPoint);
    }

    static Candidate Best(Candidate best, ReadOnlySpan<float> block, ReadOnlySpan<double> importance, WeightGrid grid,
        Func<float, float> roundScale, Func<double, (double Scale, int ZeroPoint)> at)
    {
        int candidates = grid.Highest - grid.Lowest < 1 << FewBits ? CandidatesOfFewBits : Candidates;
        for (int k = 0; k < candidates; k++)
        {
            var (wide, zeroPoint) = at(1 - k * CandidateStep);
            float scale = (float)wide;
            if (!float.IsNormal(scale)) break;
            if (roundScale(scale) is var stored && float.IsNormal(stored)) scale = stored;
            double error = Error(block, importance, scale, zeroPoint, grid);
            if (error < best.Error) best = new Candidate(scale, zeroPoint, error);
        }

        return best;
    }

    static double Error(ReadOnlySpan<float> block, ReadOnlySpan<double> importance, float scale, int zeroPoint, WeightGrid grid)
    {
        double sum = 0, inverse = 1.0 / scale;
        double lowest = grid.Lowest - zeroPoint, highest = grid.Highest - zeroPoint;
        for (int i = 0; i < block.Length; i++)
        {
            double code = Math.Clamp(Math.Round(block[i] * inverse, MidpointRounding.ToEven), lowest, highest);
            double error = block[i] - code * scale;
            sum += importance[i] * error * error;
        }

        return sum;
    }

    readonly record struct Candidate(float Scale, int ZeroPoint, double Error);
}
