using System.Numerics.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Pruning;

/// <summary>Takes sets of columns out of a layer's weight, the other columns making up for them as well as they can.</summary>
/// <remarks>
/// Without the columns S, the least squared output error is tr(W_S · ([H⁻¹]_SS)⁻¹ · W_Sᵀ), reached at W − W_S · ([H⁻¹]_SS)⁻¹ · [H⁻¹]_S; H⁻¹ without them is
/// H⁻¹ − [H⁻¹]_:S · ([H⁻¹]_SS)⁻¹ · [H⁻¹]_S:. Source: [Hassibi1993], optimal brain surgeon, for single weights; [Frantar2022], for blocks of columns.
/// Cost: K³ multiply-adds to begin with; |S|·K·(K + R) for each set taken.
/// </remarks>
sealed class ColumnElimination
{
    /// <summary>The share of the mean diagonal that is added to the diagonal.</summary>
    public const double Damping = 0.01;

    readonly int _order;
    readonly int _rows;
    readonly double[] _weight;
    readonly double[] _inverse;
    readonly double _energy;

    ColumnElimination(int order, double[] weight, double[] inverse, double energy) =>
        (_order, _rows, _weight, _inverse, _energy) = (order, weight.Length / order, weight, inverse, energy);

    /// <summary>Starts with all columns; null where H cannot be inverted.</summary>
    /// <param name="order">K.</param>
    /// <param name="weight">[R, K]; taken over.</param>
    /// <param name="moment">H, [K, K], both triangles; taken over.</param>
    public static ColumnElimination? TryOf(int order, double[] weight, double[] moment)
    {
        double mean = 0;
        for (int k = 0; k < order; k++) mean += moment[k * order + k] / order;
        double energy = Energy(weight, moment, order);
        for (int k = 0; k < order; k++) moment[k * order + k] += Damping * mean;
        return mean > 0 && double.IsFinite(energy) && energy > 0 && SymmetricInverse.TryInvert(moment, order) ? new ColumnElimination(order, weight, moment, energy) : null;
    }

    /// <summary>tr(W·H·Wᵀ).</summary>
    public static double Energy(ReadOnlySpan<double> weight, ReadOnlySpan<double> moment, int order)
    {
        double sum = 0;
        double[] product = new double[order];
        for (int begin = 0; begin < weight.Length; begin += order)
        {
            var row = weight.Slice(begin, order);
            product.AsSpan().Clear();
            for (int k = 0; k < order; k++)
            {
                if (row[k] != 0) TensorPrimitives.MultiplyAdd(moment.Slice(k * order, order), row[k], product, product);
            }

            for (int k = 0; k < order; k++) sum += row[k] * product[k];
        }

        return sum;
    }

    /// <summary>The squared output error that taking columns would leave, as a share of the output's energy.</summary>
    public double ErrorWithout(ReadOnlySpan<int> columns)
    {
        double[]? block = Block(columns);
        if (block is null) return double.PositiveInfinity;
        double[] taken = Taken(columns);
        double[] solved = [.. taken];
        SymmetricSolve.Solve(block, columns.Length, solved);
        double sum = 0;
        for (int i = 0; i < taken.Length; i++) sum += taken[i] * solved[i];
        return Math.Max(0, sum) / _energy;
    }

    /// <summary>Takes columns.</summary>
    public void Take(ReadOnlySpan<int> columns)
    {
        if (Block(columns) is not { } block) return;
        double[] coefficients = Taken(columns);
        SymmetricSolve.Solve(block, columns.Length, coefficients);
        double[] strip = new double[columns.Length * _order];
        for (int s = 0; s < columns.Length; s++) _inverse.AsSpan(columns[s] * _order, _order).CopyTo(strip.AsSpan(s * _order));
        Subtract(_weight, coefficients, columns.Length, strip);
        double[] sides = new double[_order * columns.Length];
        for (int k = 0; k < _order; k++)
        {
            for (int s = 0; s < columns.Length; s++) sides[k * columns.Length + s] = strip[s * _order + k];
        }

        SymmetricSolve.Solve(block, columns.Length, sides);
        Subtract(_inverse, sides, columns.Length, strip);
        foreach (int column in columns)
        {
            // Exactly nothing: rounding would leave crumbs.
            for (int row = 0; row < _rows; row++) _weight[row * _order + column] = 0;
            for (int k = 0; k < _order; k++) _inverse[k * _order + column] = _inverse[column * _order + k] = 0;
        }
    }

    // target[i] −= Σ_s factors[i, s] · strip[s].
    void Subtract(double[] target, double[] factors, int count, double[] strip)
    {
        for (int i = 0; i * _order < target.Length; i++)
        {
            var row = target.AsSpan(i * _order, _order);
            for (int s = 0; s < count; s++)
            {
                double factor = factors[i * count + s];
                if (factor != 0) TensorPrimitives.MultiplyAdd(strip.AsSpan(s * _order, _order), -factor, row, row);
            }
        }
    }

    double[] Taken(ReadOnlySpan<int> columns)
    {
        double[] taken = new double[_rows * columns.Length];
        for (int row = 0; row < _rows; row++)
        {
            for (int s = 0; s < columns.Length; s++) taken[row * columns.Length + s] = _weight[row * _order + columns[s]];
        }

        return taken;
    }

    double[]? Block(ReadOnlySpan<int> columns)
    {
        double[] block = new double[columns.Length * columns.Length];
        for (int i = 0; i < columns.Length; i++)
        {
            for (int j = 0; j < columns.Length; j++) block[i * columns.Length + j] = _inverse[columns[i] * _order + columns[j]];
        }

        return FeedbackFactor.TryFactor(block, columns.Length) ? block : null;
    }
}
