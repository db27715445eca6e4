using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Kneepoint.Tensors.LinearAlgebra;

/// <summary>The factorization H = U·D·Uᵀ of a positive definite matrix, U unit upper triangular and D diagonal.</summary>
/// <remarks>
/// It is Cholesky's of the matrix with rows and columns in reverse. For a row vector e, e·H·eᵀ = Σ_k D_k (e_k + Σ_{j&lt;k} e_j U_jk)²: what has gone wrong in
/// the columns before k shifts column k by a known amount, without an inverse. Blocks of 32 columns; each number is one sum of fused
/// multiply-adds in a fixed order, so the result depends on neither vector width nor threads.
/// Cost: K³/3 multiply-adds in binary64, in place. Source: [GolubVanLoan2013] section 4.2; [Chee2023], LDLQ, for the use of U.
/// </remarks>
public static class FeedbackFactor
{
    const int Block = 32;

    /// <summary>Factors in place.</summary>
    /// <param name="matrix">[K, K] row-major, symmetric; only the upper triangle is read. Becomes U above the diagonal and D on it.</param>
    /// <param name="order">K.</param>
    /// <param name="threads">Threads in use, at least 1.</param>
    /// <returns>False where the matrix is not positive definite to working precision; its content is then of no use.</returns>
    /// <exception cref="ArgumentException">The length is not K².</exception>
    public static bool TryFactor(double[] matrix, int order, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.LongLength != (long)order * order) throw new ArgumentException($"{matrix.Length} numbers are no matrix of order {order}.", nameof(matrix));
        double[] panel = new double[Block * Math.Max(1, order)];
        for (int end = order; end > 0; end -= Block)
        {
            int begin = Math.Max(0, end - Block);
            if (!FactorPanel(matrix, order, begin, end)) return false;
            Transpose(matrix, order, begin, end, panel);
            Update(matrix, order, begin, end, panel, threads);
        }

        return true;
    }

    // Columns begin to end of all rows above them, last column first.
    static bool FactorPanel(double[] matrix, int order, int begin, int end)
    {
        for (int k = end - 1; k >= begin; k--)
        {
            double pivot = matrix[k * order + k];
            if (!(pivot > 0) || !double.IsFinite(pivot)) return false;
            for (int i = 0; i < k; i++)
            {
                double entry = matrix[i * order + k];
                if (entry == 0) continue;
                double scaled = entry / pivot;

                // The panel's own columns at once; those left of it by blocks.
                for (int j = Math.Max(i, begin); j < k; j++) matrix[i * order + j] = Math.FusedMultiplyAdd(-scaled, matrix[j * order + k], matrix[i * order + j]);
            }

            for (int i = 0; i < k; i++) matrix[i * order + k] /= pivot;
        }

        return true;
    }

    static void Transpose(double[] matrix, int order, int begin, int end, double[] panel)
    {
        for (int i = 0; i < begin; i++)
        {
            for (int k = begin; k < end; k++) panel[(k - begin) * order + i] = matrix[i * order + k];
        }
    }

    // matrix[i, j] −= Σ_k U[i, k] D[k] U[j, k] for i ≤ j < begin.
    static void Update(double[] matrix, int order, int begin, int end, double[] panel, int threads)
    {
        const int RowsAtOnce = 16;
        int chunks = (begin + RowsAtOnce - 1) / RowsAtOnce;
        void Rows(int chunk)
        {
            Span<double> factors = stackalloc double[Block];
            for (int i = chunk * RowsAtOnce; i < Math.Min(begin, (chunk + 1) * RowsAtOnce); i++)
            {
                for (int k = begin; k < end; k++) factors[k - begin] = -matrix[i * order + k] * matrix[k * order + k];
                Row(matrix.AsSpan(i * order + i, begin - i), panel, order, i, factors[..(end - begin)]);
            }
        }

        if (threads == 1 || begin < 4 * Block)
        {
            for (int chunk = 0; chunk < chunks; chunk++) Rows(chunk);
            return;
        }

        Parallel.For(0, chunks, new ParallelOptions { MaxDegreeOfParallelism = threads }, Rows);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Row(Span<double> row, double[] panel, int order, int column, ReadOnlySpan<double> factors)
    {
        int width = Vector256<double>.Count;
        int j = 0;
        for (; j + 4 * width <= row.Length; j += 4 * width)
        {
            ref double at = ref row[j];
            var a = Vector256.LoadUnsafe(ref at);
            var b = Vector256.LoadUnsafe(ref at, (nuint)width);
            var c = Vector256.LoadUnsafe(ref at, (nuint)(2 * width));
            var d = Vector256.LoadUnsafe(ref at, (nuint)(3 * width));
            for (int k = 0; k < factors.Length; k++)
            {
                ref double other = ref panel[k * order + column + j];
                var factor = Vector256.Create(factors[k]);
                a = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref other), a);
                b = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref other, (nuint)width), b);
                c = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref other, (nuint)(2 * width)), c);
                d = Vector256.FusedMultiplyAdd(factor, Vector256.LoadUnsafe(ref other, (nuint)(3 * width)), d);
            }

            a.StoreUnsafe(ref at);
            b.StoreUnsafe(ref at, (nuint)width);
            c.StoreUnsafe(ref at, (nuint)(2 * width));
            d.StoreUnsafe(ref at, (nuint)(3 * width));
        }

        for (; j < row.Length; j++)
        {
            double sum = row[j];
            for (int k = 0; k < factors.Length; k++) sum = Math.FusedMultiplyAdd(factors[k], panel[k * order + column + j], sum);
            row[j] = sum;
        }
    }
}
