namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Rounds the groups of a convolution's weight one by one: each has moments of its own.</summary>
static class GroupedRounding
{
    /// <summary>Rounds one group.</summary>
    /// <param name="group">Its number.</param>
    /// <param name="weights">[N/groups, K].</param>
    /// <param name="part">The shape of its grid.</param>
    /// <returns>Its codes; the mean error of each of its rows where the bias is free.</returns>
    public delegate RoundedWeight OneGroup(int group, float[] weights, WeightGrid part);

    /// <summary>Rounds all groups and puts them together.</summary>
    /// <param name="rows">[N, K].</param>
    /// <param name="groups">Groups; N is a multiple of them.</param>
    /// <param name="shape">Block size and codes of the whole weight.</param>
    /// <param name="round">Rounds one of them.</param>
    public static RoundedWeight Of(WeightRows rows, int groups, WeightGrid shape, OneGroup round)
    {
        int height = rows.Rows / groups, count = height * rows.Columns;
        var all = shape.Copy();
        sbyte[] codes = new sbyte[rows.Values.Length];
        var meanError = new List<double>();
        double error = 0, nearest = 0;
        for (int group = 0; group < groups; group++)
        {
            var part = new WeightGrid(height, rows.Columns, shape.BlockSize, shape.Lowest, shape.Highest);
            var rounded = round(group, rows.Values[(group * count)..((group + 1) * count)], part);
            rounded.Grid.Scales.CopyTo(all.Scales, group * part.Scales.Length);
            rounded.Grid.ZeroPoints.CopyTo(all.ZeroPoints, group * part.ZeroPoints.Length);
            rounded.Codes.CopyTo(codes, group * count);
            meanError.AddRange(rounded.MeanError);
            error += rounded.Error;
            nearest += rounded.NearestError;
        }

        return new RoundedWeight(all, codes, error, nearest, 0) { MeanError = [.. meanError] };
    }
}
