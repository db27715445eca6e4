using System.Numerics.Tensors;

namespace Kneepoint.Tensors.LinearAlgebra;

/// <summary>Eigenvalues and eigenvectors of a symmetric matrix.</summary>
/// <remarks>
/// Householder's reduction to three diagonals, then QL steps with implicit shifts, in binary64. All vectors lie in rows and every number is changed in one order, so the result depends on neither vector width
/// nor threads. Cost: about 6·n³ multiply-adds. Source: [GolubVanLoan2013] sections 8.3.1 and 8.3.3.
/// </remarks>
public static class SymmetricEigen
{
    const int MostSteps = 60;

    /// <summary>Decomposes.</summary>
    /// <param name="matrix">[n, n], both triangles; overwritten.</param>
    /// <param name="order">n.</param>
    /// <returns>The eigenvalues, largest first, and for each its eigenvector of length 1 as a row of [n, n]; null where a number is not finite or the steps do not end.</returns>
    /// <exception cref="ArgumentException">The length is not n².</exception>
    public static (double[] Values, double[] Vectors)? TryDecompose(double[] matrix, int order)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.LongLength != (long)order * order) throw new ArgumentException($"{matrix.Length} numbers are no matrix of order {order}.", nameof(matrix));
        if (!matrix.All(double.IsFinite)) return null;
        double[] diagonal = new double[order], beside = new double[order];
        double[] vectors = Reduce(matrix, order, diagonal, beside);
        if (!Iterate(order, diagonal, beside, vectors)) return null;
        int[] places = [.. Enumerable.Range(0, order).OrderByDescending(i => diagonal[i])];
        double[] sorted = new double[vectors.Length];
        for (int i = 0; i < order; i++) vectors.AsSpan(places[i] * order, order).CopyTo(sorted.AsSpan(i * order));
        return ([.. places.Select(i => diagonal[i])], sorted);
    }

    // A = Q·T·Qᵀ; gives Qᵀ, so that rows become eigenvectors. beside[i] joins i and i + 1.
    static double[] Reduce(double[] matrix, int order, double[] diagonal, double[] beside)
    {
        double[][] reflectors = new double[order][];
        double[] factors = new double[order];
        double[] product = new double[order];
        for (int k = 0; k < order - 2; k++)
        {
            int count = order - k - 1;
            double[] v = matrix.AsSpan(k * order + k + 1, count).ToArray();
            double norm = 0;
            foreach (double value in v) norm += value * value;
            norm = Math.Sqrt(norm);
            if (norm == 0) continue;
            double alpha = v[0] > 0 ? -norm : norm;
            beside[k] = alpha;
            v[0] -= alpha;
            double length = 0;
            foreach (double value in v) length += value * value;
            double factor = 2 / length;

            // A −= v·wᵀ + w·vᵀ with w = p − ½·factor·(pᵀv)·v and p = factor·A·v.
            var p = product.AsSpan(0, count);
            p.Clear();
            for (int i = 0; i < count; i++) TensorPrimitives.MultiplyAdd(matrix.AsSpan((k + 1 + i) * order + k + 1, count), factor * v[i], p, p);
            double inner = 0;
            for (int i = 0; i < count; i++) inner += p[i] * v[i];
            for (int i = 0; i < count; i++) p[i] -= 0.5 * factor * inner * v[i];
            for (int i = 0; i < count; i++)
            {
                var row = matrix.AsSpan((k + 1 + i) * order + k + 1, count);
                TensorPrimitives.MultiplyAdd(p, -v[i], row, row);
                TensorPrimitives.MultiplyAdd(v, -p[i], row, row);
            }

            (reflectors[k], factors[k]) = (v, factor);
        }

        if (order > 1) beside[order - 2] = matrix[(order - 2) * order + order - 1];
        for (int i = 0; i < order; i++) diagonal[i] = matrix[i * order + i];
        return Transposed(Product(reflectors, factors, order), order);
    }

    // H_0·H_1·…, from the last on: rows and columns before a reflector's are still those of the identity.
    static double[] Product(double[][] reflectors, double[] factors, int order)
    {
        double[] product = new double[order * order];
        for (int i = 0; i < order; i++) product[i * order + i] = 1;
        double[] sums = new double[order];
        for (int k = order - 3; k >= 0; k--)
        {
            if (reflectors[k] is not { } v) continue;
            int count = v.Length;
            var sum = sums.AsSpan(0, count);
            sum.Clear();
            for (int i = 0; i < count; i++) TensorPrimitives.MultiplyAdd(product.AsSpan((k + 1 + i) * order + k + 1, count), v[i], sum, sum);
            for (int i = 0; i < count; i++)
            {
                var row = product.AsSpan((k + 1 + i) * order + k + 1, count);
                TensorPrimitives.MultiplyAdd(sum, -factors[k] * v[i], row, row);
            }
        }

        return product;
    }

    static bool Iterate(int order, double[] diagonal, double[] beside, double[] vectors)
    {
        double[] kept = new double[order];
        for (int low = 0; low < order; low++)
        {
            for (int step = 0; ; step++)
            {
                int high = low;
                while (high < order - 1 && Math.Abs(beside[high]) > double.Epsilon + 2.2e-16 * (Math.Abs(diagonal[high]) + Math.Abs(diagonal[high + 1]))) high++;
                if (high == low) break;
                if (step == MostSteps) return false;
                Sweep(order, low, high, diagonal, beside, vectors, kept);
            }
        }

        return true;
    }

    // One QL step from high down to low.
    static void Sweep(int order, int low, int high, double[] diagonal, double[] beside, double[] vectors, double[] kept)
    {
        double g = (diagonal[low + 1] - diagonal[low]) / (2 * beside[low]);
        double r = Math.Sqrt(g * g + 1);
        g = diagonal[high] - diagonal[low] + beside[low] / (g + (g >= 0 ? r : -r));
        double s = 1, c = 1, p = 0;
        for (int i = high - 1; i >= low; i--)
        {
            double f = s * beside[i], b = c * beside[i];
            r = Math.Sqrt(f * f + g * g);
            beside[i + 1] = r;
            if (r == 0)
            {
                diagonal[i + 1] -= p;
                beside[high] = 0;
                return;
            }

            (s, c) = (f / r, g / r);
            g = diagonal[i + 1] - p;
            r = (diagonal[i] - g) * s + 2 * c * b;
            p = s * r;
            diagonal[i + 1] = g + p;
            g = c * r - b;
            Rotate(vectors.AsSpan(i * order, order), vectors.AsSpan((i + 1) * order, order), c, s, kept);
        }

        diagonal[low] -= p;
        beside[low] = g;
        beside[high] = 0;
    }

    // (first, second) ← (c·first − s·second, s·first + c·second).
    static void Rotate(Span<double> first, Span<double> second, double c, double s, double[] kept)
    {
        var old = kept.AsSpan(0, first.Length);
        first.CopyTo(old);
        TensorPrimitives.Multiply(first, c, first);
        TensorPrimitives.MultiplyAdd(second, -s, first, first);
        TensorPrimitives.Multiply(second, c, second);
        TensorPrimitives.MultiplyAdd(old, s, second, second);
    }

    static double[] Transposed(double[] matrix, int order)
    {
        double[] result = new double[matrix.Length];
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j < order; j++) result[j * order + i] = matrix[i * order + j];
        }

        return result;
    }
}
