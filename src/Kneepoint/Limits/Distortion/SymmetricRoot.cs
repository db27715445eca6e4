using System.Numerics.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Limits.Distortion;

/// <summary>Functions of a symmetric positive semidefinite matrix by its eigenvalues, and products.</summary>
static class SymmetricRoot
{
    // Below this share of the largest, an eigenvalue cannot be told from 0.
    const double Rounding = 1e-13;

    /// <summary>M^½ and the pseudo-inverse M^(−½): on the null space of M both are 0.</summary>
    /// <param name="matrix">[n, n], symmetric; not changed.</param>
    /// <param name="order">n.</param>
    /// <exception cref="ArgumentOutOfRangeException">The matrix has an eigenvalue below 0 beyond rounding, or a number that is not finite.</exception>
    public static (double[] Root, double[] InverseRoot) Of(ReadOnlySpan<double> matrix, int order)
    {
        var (values, vectors) = Decompose(matrix, order);
        double least = Rounding * order * (order == 0 ? 0 : values[0]);
        return (Sum(vectors, order, i => values[i] > least ? Math.Sqrt(values[i]) : 0), Sum(vectors, order, i => values[i] > least ? 1 / Math.Sqrt(values[i]) : 0));
    }

    /// <summary>Eigenvalues, largest first and none below 0, and eigenvectors as rows.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An eigenvalue is below 0 beyond rounding, or a number is not finite.</exception>
    public static (double[] Values, double[] Vectors) Decompose(ReadOnlySpan<double> matrix, int order)
    {
        double[] copy = Symmetric(matrix, order);
        if (SymmetricEigen.TryDecompose(copy, order) is not var (values, vectors)) throw new ArgumentOutOfRangeException(nameof(matrix), order, "Expected a matrix of finite numbers.");
        double size = order == 0 ? 0 : Math.Max(values[0], -values[^1]);
        if (order > 0 && values[^1] < -1e-9 * size) throw new ArgumentOutOfRangeException(nameof(matrix), values[^1], "Expected no eigenvalue below 0.");

        // What is left below 0 is rounding.
        return ([.. values.Select(value => Math.Max(0, value))], vectors);
    }

    /// <summary>Σ f_i v_i v_iᵀ, for vectors as rows.</summary>
    public static double[] Sum(double[] vectors, int order, Func<int, double> factor)
    {
        double[] sum = new double[order * order];
        for (int i = 0; i < order; i++)
        {
            double f = factor(i);
            if (f == 0) continue;
            var vector = vectors.AsSpan(i * order, order);
            for (int row = 0; row < order; row++)
            {
                var target = sum.AsSpan(row * order, order);
                TensorPrimitives.MultiplyAdd(vector, f * vector[row], target, target);
            }
        }

        return sum;
    }

    /// <summary>left [m, n] times right [n, columns].</summary>
    public static double[] Multiply(ReadOnlySpan<double> left, int inner, ReadOnlySpan<double> right, int columns)
    {
        int rows = inner == 0 ? 0 : left.Length / inner;
        double[] product = new double[rows * columns];
        for (int row = 0; row < rows; row++)
        {
            var sums = product.AsSpan(row * columns, columns);
            for (int k = 0; k < inner; k++)
            {
                if (left[row * inner + k] is var factor and not 0) TensorPrimitives.MultiplyAdd(right.Slice(k * columns, columns), factor, sums, sums);
            }
        }

        return product;
    }

    /// <summary>[rows, columns] as [columns, rows].</summary>
    public static double[] Transpose(ReadOnlySpan<double> matrix, int rows, int columns)
    {
        double[] turned = new double[matrix.Length];
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++) turned[column * rows + row] = matrix[row * columns + column];
        }

        return turned;
    }

    /// <summary>(M + Mᵀ)/2: rounding must not make a symmetric matrix unsymmetric.</summary>
    public static double[] Symmetric(ReadOnlySpan<double> matrix, int order)
    {
        if (matrix.Length != (long)order * order) throw new ArgumentException($"{matrix.Length} numbers are no matrix of order {order}.", nameof(matrix));
        double[] result = new double[matrix.Length];
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j < order; j++) result[i * order + j] = 0.5 * (matrix[i * order + j] + matrix[j * order + i]);
        }

        return result;
    }
}
