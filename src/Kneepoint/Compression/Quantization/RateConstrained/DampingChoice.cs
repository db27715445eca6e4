namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Chooses how far H is to be damped, and the price to round at: of few samples its small eigenvalues are wrong, and a weight that is fitted to them is worse than one that is not.</summary>
/// <remarks>
/// Some rows of the weight are rounded by one half of the samples and judged by the other, both ways, as error there plus price times bits: the fewer the bits, the more is made up for, and the more can go wrong. Taken are the
/// share of the mean diagonal and the part of the price with the least cost: errors on samples that were fitted are smaller than on others, so that a lower price pays. The trial uses descent alone, which needs no factor of H. With
/// many rows of input for each column the choice does not matter and the usual share is taken. Source: ridge regression by cross-validation, [Stone1974].
/// </remarks>
static class DampingChoice
{
    const double Usual = 0.01;
    const int PlentyRowsPerColumn = 40;
    const int RowsToChooseBy = 32;
    const int Sweeps = 2;
    static readonly double[] Shares = [Usual, 0.1, 1, 10];

    // Of the price: errors on samples that were fitted are smaller than on others.
    static readonly double[] Parts = [1, 0.5, 0.25, 0.125, 0.0625];

    /// <summary>How a weight is best rounded by half of the samples, for the other half.</summary>
    /// <param name="weights">[N, K].</param>
    /// <param name="first">H of one half of the samples.</param>
    /// <param name="second">H of the other.</param>
    /// <param name="price">Error for a bit.</param>
    /// <param name="threads">Threads in use.</param>
    /// <returns>The share for <see cref="MomentGroups.Damped"/>, and the price to round at.</returns>
    public static (double Share, double Price) Of(float[] weights, MomentGroups first, MomentGroups second, double price, int threads)
    {
        if (first.Rows + second.Rows >= (long)PlentyRowsPerColumn * first.Columns || first.Rows == 0 || second.Rows == 0) return (Usual, price);
        double mean = (first.Groups.Average(group => group.Diagonal().Average()) + second.Groups.Average(group => group.Diagonal().Average())) / 2;
        if (!(mean > 0)) return (Usual, price);
        (double Share, double Price) best = (Usual, price);
        double least = double.PositiveInfinity;
        foreach (double share in Shares)
        {
            double ofShare = double.PositiveInfinity;
            var (one, other) = (first.Damped(share), second.Damped(share));
            foreach (double part in Parts)
            {
                // Damping makes all errors larger: at a price as much higher it moves what is rounded to what, and not the bits.
                double own = price * part * (1 + share);
                float step = StepSize.Round((float)StepSize.Balanced(own, mean * (1 + share)));
                double cost = Unseen(weights, one, second, step, own, price, threads) + Unseen(weights, other, first, step, own, price, threads);
                if (!(cost < ofShare)) break;
                ofShare = cost;
                if (cost < least) (best, least) = ((share, own), cost);
            }

            if (ofShare > least) break;
        }

        return best;
    }

    static double Unseen(float[] weights, MomentGroups fitted, MomentGroups unseen, float step, double own, double price, int threads)
    {
        int columns = fitted.Columns, rows = weights.Length / columns, every = Math.Max(1, rows / RowsToChooseBy), rowsOfGroup = rows / fitted.Groups.Count;
        int[] chosen = [.. Enumerable.Range(0, rows).Where(row => row % every == 0)];
        float[][] full = [.. fitted.Groups.Select(group => group.Full())];
        int[] multiples =
        [
            .. chosen.SelectMany(row => weights.AsSpan(row * columns, columns).ToArray()
                .Select(weight => (int)Math.Clamp(MathF.Round(weight / step), -RateRounding.MostMultiple, RateRounding.MostMultiple))),
        ];
        var table = new RateTable(multiples, columns);
        double[] costs = new double[chosen.Length];
        Parallel.For(0, chosen.Length, new ParallelOptions { MaxDegreeOfParallelism = threads }, i =>
        {
            int group = chosen[i] / rowsOfGroup;
            var row = weights.AsSpan(chosen[i] * columns, columns);
            float[] pull = new float[columns];
            RowDescent.Pull(full[group], row, pull);
            var moved = multiples.AsSpan(i * columns, columns);
            var descent = new RowDescent(row, moved, i * columns, full[group], pull, step, own, table);
            for (int sweep = 0; sweep < Sweeps && descent.Sweep(); sweep++)
            {
            }

            float[] error = new float[columns];
            double bits = 0;
            for (int k = 0; k < columns; k++)
            {
                error[k] = moved[k] * step - row[k];
                bits += table.Bits(i * columns + k, moved[k]);
            }

            costs[i] = unseen.Groups[group].ErrorOf(error) + price * bits;
        });
        return costs.Sum();
    }
}
