using System.Numerics.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.LowRank;

/// <summary>How the energy of a layer's outputs spreads over directions: the eigenvalues of W·H·Wᵀ, and the best weight of each rank.</summary>
/// <remarks>
/// The outputs y = W·x have the second moment W·H·Wᵀ = U·Λ·Uᵀ. Of all weights of rank r, U_r·U_rᵀ·W has the least E |W·x − W'·x|², which is Σ_{i>r} λ_i: the truncated singular value decomposition of W·L with
/// H = L·Lᵀ, without L. Source: [Eckart1936]; [Zhang2016], the linear case, for the responses in place of the weights.
/// </remarks>
sealed class Spectrum
{
    readonly double[] _weight;
    readonly int _order;
    readonly double[] _vectors;

    Spectrum(double[] weight, int order, double[] values, double[] vectors) => (_weight, _order, Values, _vectors) = (weight, order, values, vectors);

    /// <summary>Λ, the largest first; rounding below 0 is 0.</summary>
    public double[] Values { get; }

    /// <summary>Of a weight [R, K] and a moment [K, K], both triangles; null where numbers are not finite.</summary>
    public static Spectrum? TryOf(double[] weight, int order, double[] moment)
    {
        int rows = weight.Length / order;
        double[] fed = Multiply(weight, order, moment, order);
        double[] outputs = new double[rows * rows];
        for (int i = 0; i < rows; i++)
        {
            for (int j = i; j < rows; j++)
            {
                double sum = 0;
                for (int k = 0; k < order; k++) sum += fed[i * order + k] * weight[j * order + k];
                outputs[i * rows + j] = outputs[j * rows + i] = sum;
            }
        }

        return SymmetricEigen.TryDecompose(outputs, rows) is var (values, vectors)
            ? new Spectrum(weight, order, [.. values.Select(value => Math.Max(0, value))], vectors) : null;
    }

    /// <summary>The share of the energy that a rank leaves out.</summary>
    public double TailOf(int rank)
    {
        double whole = Values.Sum();
        return whole > 0 ? Values.Skip(rank).Sum() / whole : 0;
    }

    /// <summary>The least rank that leaves out at most a share of the energy.</summary>
    public int RankOf(double tail)
    {
        double allowed = tail * Values.Sum(), left = 0;
        int rank = Values.Length;
        while (rank > 1 && left + Values[rank - 1] <= allowed) left += Values[--rank];
        return rank;
    }

    /// <summary>U_rᵀ·W, [r, K], and U_r, [R, r].</summary>
    public (double[] First, double[] Second) FactorsOf(int rank)
    {
        int rows = Values.Length;
        double[] first = Multiply(_vectors[..(rank * rows)], rows, _weight, _order);
        double[] second = new double[rows * rank];
        for (int row = 0; row < rows; row++)
        {
            for (int r = 0; r < rank; r++) second[row * rank + r] = _vectors[r * rows + row];
        }

        return (first, second);
    }

    /// <summary>left [m, n] times right [n, columns].</summary>
    public static double[] Multiply(double[] left, int inner, double[] right, int columns)
    {
        double[] product = new double[left.Length / inner * columns];
        for (int row = 0; row * inner < left.Length; row++)
        {
            var sums = product.AsSpan(row * columns, columns);
            for (int k = 0; k < inner; k++)
            {
                if (left[row * inner + k] is var factor and not 0) TensorPrimitives.MultiplyAdd(right.AsSpan(k * columns, columns), factor, sums, sums);
            }
        }

        return product;
    }
}
