using System.Numerics.Tensors;

namespace Kneepoint.Tensors.LinearAlgebra;

/// <summary>The inverse of a positive definite matrix.</summary>
/// <remarks>Gauss–Jordan without pivoting, in place, one pivot after the other: each number is changed in one order. Cost: K³ multiply-adds in binary64.
/// Source: [GolubVanLoan2013] section 3.4 for why positive definite matrices need no pivoting.</remarks>
public static class SymmetricInverse
{
    /// <summary>Inverts in place.</summary>
    /// <param name="matrix">[K, K], both triangles.</param>
    /// <param name="order">K.</param>
    /// <returns>False where the matrix is not positive definite to working precision; its content is then of no use.</returns>
    /// <exception cref="ArgumentException">The length is not K².</exception>
    public static bool TryInvert(Span<double> matrix, int order)
    {
        if (matrix.Length != (long)order * order) throw new ArgumentException($"{matrix.Length} numbers are no matrix of order {order}.", nameof(matrix));
        double[] pivotRow = new double[order];
        for (int k = 0; k < order; k++)
        {
            var row = matrix.Slice(k * order, order);
            double pivot = row[k];
            if (!(pivot > 0) || !double.IsFinite(pivot)) return false;
            row[k] = 1;
            for (int j = 0; j < order; j++) row[j] /= pivot;
            row.CopyTo(pivotRow);
            for (int i = 0; i < order; i++)
            {
                if (i == k) continue;
                var other = matrix.Slice(i * order, order);
                double factor = other[k];
                if (factor == 0) continue;
                other[k] = 0;
                TensorPrimitives.MultiplyAdd(pivotRow, -factor, other, other);
            }
        }

        return true;
    }
}
