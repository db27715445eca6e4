using System.Numerics.Tensors;

namespace Kneepoint.Tensors.LinearAlgebra;

/// <summary>Solves x·H = b for many rows b by the factors of a positive definite H.</summary>
/// <remarks>H = U·D·Uᵀ of <see cref="FeedbackFactor"/>. Cost: K² multiply-adds for each row, in binary64. Sums run in one order, so the result depends on neither vector width nor threads.</remarks>
public static class SymmetricSolve
{
    /// <summary>Solves in place.</summary>
    /// <param name="factors">[K, K], U above the diagonal and D on it.</param>
    /// <param name="order">K.</param>
    /// <param name="rows">[R, K]: b, then x.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Solve(ReadOnlySpan<double> factors, int order, Span<double> rows)
    {
        if (factors.Length != (long)order * order || (order > 0 && rows.Length % order != 0))
        {
            throw new ArgumentException($"{factors.Length} factors and {rows.Length} numbers do not belong to a matrix of order {order}.", nameof(factors));
        }

        for (int begin = 0; begin < rows.Length; begin += order) SolveRow(factors, order, rows.Slice(begin, order));
    }

    static void SolveRow(ReadOnlySpan<double> factors, int order, Span<double> row)
    {
        // z·Uᵀ = b from the last column on: z_j = b_j − Σ_{k>j} z_k U_jk.
        for (int j = order - 1; j >= 0; j--)
        {
            var upper = factors.Slice(j * order + j + 1, order - j - 1);
            double sum = row[j];
            for (int k = 0; k < upper.Length; k++) sum -= upper[k] * row[j + 1 + k];
            row[j] = sum;
        }

        // x·U·D = z from the first on: each x_j is taken from what is behind it.
        for (int j = 0; j < order; j++) row[j] /= factors[j * order + j];
        for (int j = 0; j < order; j++)
        {
            var behind = row[(j + 1)..];
            if (row[j] != 0) TensorPrimitives.MultiplyAdd(factors.Slice(j * order + j + 1, behind.Length), -row[j], behind, behind);
        }
    }
}
