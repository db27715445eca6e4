using System.Numerics.Tensors;

namespace Kneepoint.Compression.Sparsity;

/// <summary>Sets weights of a layer to 0 and lets the later ones make up for it.</summary>
/// <remarks>
/// With H = U·D·Uᵀ (<see cref="Kneepoint.Tensors.LinearAlgebra.FeedbackFactor"/>) and e_k the change of column k, a row's squared output error is Σ D_k (e_k + Σ_{j&lt;k} e_j U_jk)². The columns are gone through in blocks of 128, or run by run:
/// in each, the weights as shifted by earlier columns, v_k = w_k − Σ_{j&lt;k} e_j U_jk, go where D_k v_k² is least; then each column takes its shifted value or 0. It is the mask and the update of SparseGPT, whose
/// Cholesky factor of H⁻¹ gives the same shifts, without the inverse. Cost: N·K²/2 multiply-adds. Source: [Frantar2023b] section 3; [Hassibi1993] for the saliency.
/// </remarks>
static class SparseFit
{
    const int Block = 128;

    /// <summary>Prunes with compensation.</summary>
    /// <param name="weight">[N, K].</param>
    /// <param name="columns">K.</param>
    /// <param name="factors">[K, K], U above the diagonal and D on it.</param>
    /// <param name="share">The share of weights that go, where no runs are prescribed.</param>
    /// <param name="pattern">The runs.</param>
    /// <returns>[N, K], with zeros.</returns>
    public static double[] Fit(double[] weight, int columns, double[] factors, double share, SparsityPattern pattern)
    {
        int rows = weight.Length / columns;
        double[] shifted = [.. weight];
        double[] result = new double[weight.Length];
        bool[] isGone = new bool[weight.Length];
        int block = pattern.HasRuns ? pattern.Run : Block;
        for (int begin = 0; begin < columns; begin += block)
        {
            int end = Math.Min(columns, begin + block);
            Choose(shifted, columns, begin, end, k => factors[k * columns + k], share, pattern, isGone);
            for (int row = 0; row < rows; row++)
            {
                for (int k = begin; k < end; k++)
                {
                    int at = row * columns + k;
                    result[at] = isGone[at] || weight[at] == 0 ? 0 : shifted[at];
                    double change = result[at] - weight[at];
                    var later = shifted.AsSpan(at + 1, columns - k - 1);
                    if (change != 0) TensorPrimitives.MultiplyAdd(factors.AsSpan(k * columns + k + 1, later.Length), -change, later, later);
                }
            }
        }

        return result;
    }

    /// <summary>Sets the least important weights to 0 and leaves the others.</summary>
    /// <param name="weight">[N, K].</param>
    /// <param name="columns">K.</param>
    /// <param name="importance">Of each column: its squared weight counts by that.</param>
    /// <param name="share">The share of weights that go, where no runs are prescribed.</param>
    /// <param name="pattern">The runs.</param>
    public static double[] Cut(double[] weight, int columns, double[] importance, double share, SparsityPattern pattern)
    {
        bool[] isGone = new bool[weight.Length];
        Choose(weight, columns, 0, columns, k => importance[k], share, pattern, isGone);
        return [.. weight.Select((value, i) => isGone[i] ? 0 : value)];
    }

    // Among the weights of all rows in a block of columns, or in each run of a row. Ties go to the first.
    static void Choose(double[] weight, int columns, int begin, int end, Func<int, double> importance, double share, SparsityPattern pattern, bool[] isGone)
    {
        int rows = weight.Length / columns;
        if (!pattern.HasRuns)
        {
            int[] places = [.. Enumerable.Range(0, rows).SelectMany(row => Enumerable.Range(begin, end - begin).Select(k => row * columns + k))];
            Take(places, (int)Math.Round(share * places.Length));
            return;
        }

        for (int row = 0; row < rows; row++)
        {
            // A last run that is shorter keeps as many.
            for (int k = begin; k < end; k += pattern.Run)
            {
                int count = Math.Min(pattern.Run, end - k);
                int first = row * columns + k;
                Take([.. Enumerable.Range(first, count)], Math.Max(0, count - (pattern.Run - pattern.Zeros)));
            }
        }

        void Take(int[] places, int count)
        {
            double[] keys = [.. places.Select(at => importance(at % columns) * weight[at] * weight[at])];
            int[] sorted = [.. Enumerable.Range(0, places.Length).OrderBy(i => keys[i])];
            foreach (int i in sorted.AsSpan(0, count)) isGone[places[i]] = true;
        }
    }
}
