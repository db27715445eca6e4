using System.Numerics.Tensors;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Rounds a weight column by column and lets later columns make up for the errors of those before.</summary>
/// <remarks>
/// With H = U·D·Uᵀ (<see cref="Kneepoint.Tensors.LinearAlgebra.FeedbackFactor"/>) and the errors e = Q(w) − w of a row, computes q_k = nearest(w_k − Σ_{j&lt;k} e_j U_jk), so that
/// the row's output error e·H·eᵀ = Σ D_k r_k², r_k being the rounding error of column k alone. It is the rounding of GPTQ, whose Cholesky factor of H⁻¹ gives the same shifts,
/// without the inverse. Columns come in the order of falling H_kk, so that those that matter most are rounded while later ones can still make up for them.
/// A weight that is exactly 0 stays at its nearest code. Cost: N·K²/2 multiply-adds. Source: [Frantar2023]; in this form [Chee2023], LDLQ.
/// </remarks>
static class FeedbackRounding
{
    const int RowsAtOnce = 16;

    /// <summary>The columns by falling diagonal; ties by number.</summary>
    public static int[] Order(ReadOnlySpan<double> diagonal)
    {
        double[] keys = new double[diagonal.Length];
        for (int k = 0; k < keys.Length; k++) keys[k] = -diagonal[k];
        return [.. Enumerable.Range(0, keys.Length).OrderBy(k => keys[k])];
    }

    /// <summary>Rounds.</summary>
    /// <param name="weights">[N, K].</param>
    /// <param name="factor">[K, K] in the given order: U above the diagonal.</param>
    /// <param name="order">Column k of the factor is column order[k] of the weight.</param>
    /// <param name="grid">What codes stand for.</param>
    /// <param name="threads">Threads in use.</param>
    /// <returns>[N, K], codes.</returns>
    public static sbyte[] Round(ReadOnlyMemory<float> weights, float[] factor, int[] order, WeightGrid grid, int threads)
    {
        sbyte[] codes = new sbyte[weights.Length];
        Parallel.For(0, (grid.Rows + RowsAtOnce - 1) / RowsAtOnce, new ParallelOptions { MaxDegreeOfParallelism = threads },
            chunk => RoundRows(weights.Span, factor, order, grid, chunk * RowsAtOnce, Math.Min(RowsAtOnce, grid.Rows - chunk * RowsAtOnce), codes));
        return codes;
    }

    // Several rows at once, so that a row of the factor is read once for all of them.
    static void RoundRows(ReadOnlySpan<float> weights, float[] factor, int[] order, WeightGrid grid, int first, int count, sbyte[] codes)
    {
        int columns = grid.Columns;
        float[] wanted = new float[count * columns];
        for (int r = 0; r < count; r++)
        {
            for (int k = 0; k < columns; k++) wanted[r * columns + k] = weights[(first + r) * columns + order[k]];
        }

        for (int k = 0; k < columns; k++)
        {
            int column = order[k];
            var later = factor.AsSpan(k * columns + k + 1, columns - k - 1);
            for (int r = 0; r < count; r++)
            {
                int row = first + r, block = grid.BlockOf(row, column);
                float weight = weights[row * columns + column];

                // What was pruned stays pruned.
                int code = grid.Nearest(weight == 0 ? 0 : wanted[r * columns + k], block);
                codes[row * columns + column] = (sbyte)code;
                float error = grid.Value(code, block) - weight;
                if (error == 0) continue;
                var rest = wanted.AsSpan(r * columns + k + 1, later.Length);
                TensorPrimitives.MultiplyAdd(later, -error, rest, rest);
            }
        }
    }
}
