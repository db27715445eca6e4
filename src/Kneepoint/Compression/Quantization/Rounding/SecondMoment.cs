using Kneepoint.Calibration.Moments;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>The mean of xxᵀ over rows that a weight is multiplied with: H; or, where the layer's bias takes up what shifts its output, their covariance.</summary>
/// <remarks>With a bias that is free, min over δ of E |e·x + δ|² = e·(E[xxᵀ] − E[x]·E[x]ᵀ)·eᵀ at δ = −e·E[x]: a shift costs nothing.</remarks>
/// <param name="Upper">[K, K], the upper triangle.</param>
/// <param name="Columns">K.</param>
/// <param name="Rows">Rows that the mean is of.</param>
sealed record SecondMoment(double[] Upper, int Columns, long Rows)
{
    /// <summary>Of one group of channels.</summary>
    /// <param name="moments">The sums.</param>
    /// <param name="group">The group.</param>
    /// <param name="isCentered">Whether to take the covariance.</param>
    public static SecondMoment Of(InputMoments moments, int group, bool isCentered = false)
    {
        double[] upper = moments.Products(group).ToArray();
        double count = Math.Max(1, moments.Rows);
        for (int i = 0; i < upper.Length; i++) upper[i] /= count;
        if (!isCentered) return new SecondMoment(upper, moments.Columns, moments.Rows);
        double[] mean = MeanOf(moments, group);
        for (int i = 0; i < mean.Length; i++)
        {
            for (int j = i; j < mean.Length; j++) upper[i * mean.Length + j] -= mean[i] * mean[j];

            // Rounding may leave less than nothing of an input that never changes.
            upper[i * mean.Length + i] = Math.Max(0, upper[i * mean.Length + i]);
        }

        return new SecondMoment(upper, moments.Columns, moments.Rows);
    }

    /// <summary>E[x] of one group of channels: [K].</summary>
    public static double[] MeanOf(InputMoments moments, int group)
    {
        double[] mean = moments.Sums(group).ToArray();
        for (int k = 0; k < mean.Length; k++) mean[k] /= Math.Max(1, moments.Rows);
        return mean;
    }

    /// <summary>Whether all is finite.</summary>
    public bool IsFinite => Upper.All(double.IsFinite);

    /// <summary>H_kk: [K].</summary>
    public double[] Diagonal()
    {
        double[] diagonal = new double[Columns];
        for (int k = 0; k < Columns; k++) diagonal[k] = Upper[k * Columns + k];
        return diagonal;
    }

    /// <summary>H with a share of its mean diagonal added to the diagonal: what is known of few rows is not taken at its word.</summary>
    public SecondMoment Damped(double share)
    {
        double mean = Diagonal().Sum() / Columns;
        double[] upper = [.. Upper];
        for (int k = 0; k < Columns; k++) upper[k * Columns + k] += share * mean;
        return new SecondMoment(upper, Columns, Rows);
    }

    /// <summary>Both triangles.</summary>
    public float[] Full()
    {
        float[] full = new float[Upper.Length];
        for (int i = 0; i < Columns; i++)
        {
            for (int j = i; j < Columns; j++) full[i * Columns + j] = full[j * Columns + i] = (float)Upper[i * Columns + j];
        }

        return full;
    }

    /// <summary>The upper triangle with rows and columns in another order.</summary>
    public double[] Reordered(int[] order)
    {
        double[] reordered = new double[Upper.Length];
        for (int i = 0; i < Columns; i++)
        {
            for (int j = i; j < Columns; j++)
            {
                int a = order[i], b = order[j];
                reordered[i * Columns + j] = Upper[Math.Min(a, b) * Columns + Math.Max(a, b)];
            }
        }

        return reordered;
    }

    /// <summary>Σ over rows of e·H·eᵀ: the mean squared output error of a weight that is off by e.</summary>
    /// <param name="error">[N, K].</param>
    public double ErrorOf(ReadOnlySpan<float> error)
    {
        double sum = 0;
        for (int row = 0; row < error.Length; row += Columns)
        {
            var e = error.Slice(row, Columns);
            for (int i = 0; i < Columns; i++)
            {
                if (e[i] == 0) continue;
                var upper = Upper.AsSpan(i * Columns, Columns);
                double inner = 0.5 * upper[i] * e[i];
                for (int j = i + 1; j < Columns; j++) inner += upper[j] * e[j];
                sum += 2 * e[i] * inner;
            }
        }

        return sum;
    }
}
