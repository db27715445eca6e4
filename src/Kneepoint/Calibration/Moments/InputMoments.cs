using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Calibration.Moments;

/// <summary>Sums of x and xxᵀ over the rows that a layer's weight is multiplied with, for each group of channels.</summary>
/// <remarks>For a weight W of a group and another one W', Σ |W·x − W'·x|² = tr((W − W')·Σxxᵀ·(W − W')ᵀ): all that a layer's squared output error needs.</remarks>
public sealed class InputMoments
{
    readonly double[][] _products;
    readonly double[][] _sums;

    /// <summary>Starts with nothing.</summary>
    /// <param name="groups">Groups of channels.</param>
    /// <param name="columns">K, columns of a row.</param>
    public InputMoments(int groups, int columns)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(columns, 1);
        Columns = columns;
        _products = [.. Enumerable.Range(0, groups).Select(_ => new double[checked(columns * columns)])];
        _sums = [.. Enumerable.Range(0, groups).Select(_ => new double[columns])];
    }

    /// <summary>Groups of channels.</summary>
    public int Groups => _products.Length;

    /// <summary>K.</summary>
    public int Columns { get; }

    /// <summary>Rows that went into the sums, the same for each group.</summary>
    public long Rows { get; private set; }

    /// <summary>Σ xxᵀ of a group: [K, K], the upper triangle.</summary>
    public ReadOnlySpan<double> Products(int group) => _products[group];

    /// <summary>Σ x of a group: [K].</summary>
    public ReadOnlySpan<double> Sums(int group) => _sums[group];

    /// <summary>Adds rows of a group; the caller counts them once for all groups by <see cref="CountRows"/>.</summary>
    internal void Add(int group, float[] panel, int rows, int threads = 1)
    {
        GramProduct.Add(panel, rows, Columns, _products[group], threads);
        int stride = GramProduct.StrideOf(Columns);
        double[] sums = _sums[group];
        for (int r = 0; r < rows; r++)
        {
            for (int k = 0; k < sums.Length; k++) sums[k] += panel[r * stride + k];
        }
    }

    internal void CountRows(long rows) => Rows += rows;

    /// <summary>The sums of both.</summary>
    /// <exception cref="ArgumentException">They are of another form.</exception>
    public InputMoments Plus(InputMoments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Groups != Groups || other.Columns != Columns) throw new ArgumentException("Moments of unlike forms have no sum.", nameof(other));
        var sum = new InputMoments(Groups, Columns) { Rows = Rows + other.Rows };
        for (int group = 0; group < Groups; group++)
        {
            for (int i = 0; i < sum._products[group].Length; i++) sum._products[group][i] = _products[group][i] + other._products[group][i];
            for (int i = 0; i < Columns; i++) sum._sums[group][i] = _sums[group][i] + other._sums[group][i];
        }

        return sum;
    }

    internal static InputMoments Restore(int columns, long rows, double[][] products, double[][] sums) => new(columns, rows, products, sums);

    InputMoments(int columns, long rows, double[][] products, double[][] sums) =>
        (Columns, Rows, _products, _sums) = (columns, rows, products, sums);
}

/// <summary>The moments of two halves of the samples: what is fitted to one can be checked on the other.</summary>
/// <param name="First">Of the one half.</param>
/// <param name="Second">Of the other.</param>
public sealed record SplitMoments(InputMoments First, InputMoments Second)
{
    /// <summary>Of all samples.</summary>
    public InputMoments All() => First.Plus(Second);
}
