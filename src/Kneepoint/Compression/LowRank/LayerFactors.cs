using Kneepoint.Compression.Restructuring;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.LowRank;

/// <summary>Two smaller weights in place of one.</summary>
/// <param name="Form">How they belong together.</param>
/// <param name="Rank">Channels between them.</param>
/// <param name="First">[r, K]; of the spatial form [r, C·h], the window's rows.</param>
/// <param name="Second">[R, r]; of the spatial form [R, r·w], the window's columns.</param>
/// <param name="Whole">[R, K], what both are together.</param>
/// <param name="Error">The squared output error on the calibration samples, as a share of the outputs' energy.</param>
sealed record LayerFactors(LowRankForm Form, int Rank, double[] First, double[] Second, double[] Whole, double Error)
{
    /// <summary>Weights of both.</summary>
    public long WeightCount => First.LongLength + Second.LongLength;

    /// <summary>The layer as a product: of a convolution, the window with fewer outputs, then 1 × 1.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="moment">[K, K], both triangles.</param>
    /// <param name="tail">The largest error.</param>
    /// <param name="unit">The rank becomes a multiple of this.</param>
    public static LayerFactors? Product(LayerRows layer, double[] moment, double tail, int unit)
    {
        if (Spectrum.TryOf(layer.Weight, layer.Order, moment) is not { } spectrum) return null;
        int rank = Rounded(spectrum.RankOf(tail), unit);
        if (rank >= Math.Min(layer.Rows, layer.Order)) return null;
        var (first, second) = spectrum.FactorsOf(rank);
        return new LayerFactors(LowRankForm.Product, rank, first, second, Spectrum.Multiply(second, rank, first, layer.Order), spectrum.TailOf(rank));
    }

    /// <summary>A convolution as one along columns, then one along rows: W[n, c, i, j] ≈ Σ_r B[n, r, j] · A[r, c, i].</summary>
    /// <remarks>A is the best for the matrix of rows (n, j) and columns (c, i), weighted by the mean second moment of a column of the window; B is then fitted to the layer's outputs by least squares.
    /// Source: [Jaderberg2014] scheme 2, [Tai2016] for the closed form.</remarks>
    /// <param name="layer">The layer: a convolution of one group over two axes.</param>
    /// <param name="moment">[K, K], both triangles.</param>
    /// <param name="height">Rows of the window, more than 1.</param>
    /// <param name="width">Columns of the window, more than 1.</param>
    /// <param name="tail">The largest error.</param>
    /// <param name="unit">The rank becomes a multiple of this.</param>
    public static LayerFactors? Spatial(LayerRows layer, double[] moment, int height, int width, double tail, int unit)
    {
        int columns = layer.Order / width;
        double[] rows = new double[layer.Weight.Length];
        double[] column = new double[columns * columns];
        for (int row = 0; row < layer.Rows; row++)
        {
            for (int k = 0; k < layer.Order; k++) rows[(row * width + k % width) * columns + k / width] = layer.Weight[row * layer.Order + k];
        }

        for (int i = 0; i < columns; i++)
        {
            for (int j = 0; j < columns; j++)
            {
                for (int x = 0; x < width; x++) column[i * columns + j] += moment[(i * width + x) * layer.Order + j * width + x] / width;
            }
        }

        // Of the smaller side: both have the same energies.
        if (Directions(rows, columns, column) is not var (values, first)) return null;
        int most = Math.Min(columns, layer.Rows * width);
        double energy = Pruning.ColumnElimination.Energy(layer.Weight, moment, layer.Order);
        if (!(energy > 0)) return null;
        double allowed = tail * values.Sum(), left = 0;
        int rank = values.Length;
        while (rank > 1 && left + values[rank - 1] <= allowed) left += values[--rank];
        for (rank = Rounded(rank, unit); rank < most; rank += unit)
        {
            // The estimate of the tail is of single columns; the layer's own error decides.
            if (Fitted(layer, moment, first[..(rank * columns)], rank, width, energy) is not { } factors) return null;
            if (factors.Error <= tail) return factors;
        }

        return null;
    }

    // Energies and the rows A that span the best approximation of [·, columns] under the moment.
    static (double[] Values, double[] First)? Directions(double[] rows, int columns, double[] moment)
    {
        // G = MᵀM under the moment: eigenvectors of L'ᵀ·MᵀM·L' with the moment L'·L'ᵀ would need L'; the outputs' side needs none, but is larger. Gram of the outputs, then back.
        int count = rows.Length / columns;
        if (count > LowRankFactoring.MostRows) return null;
        if (Spectrum.TryOf(rows, columns, moment) is not { } spectrum) return null;
        int rank = Math.Min(count, columns);
        return (spectrum.Values[..rank], spectrum.FactorsOf(rank).First);
    }

    // B = W·H·Pᵀ·(P·H·Pᵀ)⁻¹ with P[(r, j), (c, i, j)] = A[r, (c, i)]: what the second convolution is fed is P·x.
    static LayerFactors? Fitted(LayerRows layer, double[] moment, double[] first, int rank, int width, double energy)
    {
        int columns = layer.Order / width, fed = rank * width;
        double[] spread = new double[fed * layer.Order];
        for (int r = 0; r < rank; r++)
        {
            for (int k = 0; k < layer.Order; k++) spread[(r * width + k % width) * layer.Order + k] = first[r * columns + k / width];
        }

        double[] through = Spectrum.Multiply(spread, layer.Order, moment, layer.Order);
        double[] system = TimesTransposed(through, spread, layer.Order);
        double mean = Enumerable.Range(0, fed).Sum(i => system[i * fed + i]) / fed;
        for (int i = 0; i < fed; i++) system[i * fed + i] += Math.Max(double.Epsilon, LowRankFactoring.Damping * mean);
        double[] second = TimesTransposed(layer.Weight, through, layer.Order);
        if (!FeedbackFactor.TryFactor(system, fed)) return null;
        SymmetricSolve.Solve(system, fed, second);
        double[] whole = Spectrum.Multiply(second, fed, spread, layer.Order);
        double[] difference = [.. whole.Select((value, i) => layer.Weight[i] - value)];
        return new LayerFactors(LowRankForm.Spatial, rank, first, second, whole, Pruning.ColumnElimination.Energy(difference, moment, layer.Order) / energy);
    }

    // left [m, n] times right [k, n], transposed.
    static double[] TimesTransposed(double[] left, double[] right, int inner)
    {
        int columns = right.Length / inner;
        double[] turned = new double[right.Length];
        for (int i = 0; i < columns; i++)
        {
            for (int j = 0; j < inner; j++) turned[j * columns + i] = right[i * inner + j];
        }

        return Spectrum.Multiply(left, inner, turned, columns);
    }

    static int Rounded(int rank, int unit) => (rank + unit - 1) / unit * unit;
}
