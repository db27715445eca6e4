using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization.Rounding;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>What is known of the input of a weight: one H for each group of its rows, damped as far as the samples cannot tell it.</summary>
/// <param name="Groups">One H for each group; all of the same columns.</param>
sealed record MomentGroups(IReadOnlyList<SecondMoment> Groups)
{
    /// <summary>K.</summary>
    public int Columns => Groups[0].Columns;

    /// <summary>The H of nothing known: the identity.</summary>
    public static MomentGroups Unknown(int columns)
    {
        double[] upper = new double[columns * columns];
        for (int k = 0; k < columns; k++) upper[k * columns + k] = 1;
        return new MomentGroups([new SecondMoment(upper, columns, 0)]);
    }

    /// <summary>Of moments.</summary>
    /// <param name="moments">The sums.</param>
    /// <param name="isCentered">Whether to take covariances.</param>
    public static MomentGroups Of(InputMoments moments, bool isCentered) =>
        new([.. Enumerable.Range(0, moments.Groups).Select(group => SecondMoment.Of(moments, group, isCentered))]);

    /// <summary>Whether all is finite, and not all is zero.</summary>
    public bool IsUsable => Groups.All(group => group.IsFinite) && Groups.Any(group => group.Diagonal().Any(value => value > 0));

    /// <summary>Rows that the means are of.</summary>
    public long Rows => Groups[0].Rows;

    /// <summary>With a share of each group's mean diagonal added to its diagonal; a group that is fed nothing gets a little of the others'.</summary>
    public MomentGroups Damped(double share)
    {
        double mean = Groups.Average(group => group.Diagonal().Average());
        return new MomentGroups([.. Groups.Select(group =>
        {
            double[] upper = [.. group.Upper];
            double own = Math.Max(group.Diagonal().Average(), LeastShare * mean);
            for (int k = 0; k < group.Columns; k++) upper[k * group.Columns + k] += share * own;
            return new SecondMoment(upper, group.Columns, group.Rows);
        })]);
    }

    /// <summary>The mean of the groups' diagonals: [K].</summary>
    public double[] MeanDiagonal()
    {
        double[] mean = new double[Columns];
        foreach (var group in Groups)
        {
            double[] diagonal = group.Diagonal();
            for (int k = 0; k < mean.Length; k++) mean[k] += diagonal[k] / Groups.Count;
        }

        return mean;
    }

    const double LeastShare = 1e-6;

    /// <summary>Σ e·H·eᵀ.</summary>
    /// <param name="errors">[N, K].</param>
    public double ErrorOf(ReadOnlySpan<float> errors)
    {
        double sum = 0;
        int count = errors.Length / Groups.Count;
        for (int group = 0; group < Groups.Count; group++) sum += Groups[group].ErrorOf(errors.Slice(group * count, count));
        return sum;
    }
}
