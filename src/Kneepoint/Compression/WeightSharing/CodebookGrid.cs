using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.WeightSharing;

/// <summary>The numbers of a weight [N, K] whose rows take their values from codebooks: code c of a row stands for entry c of its codebook.</summary>
sealed class CodebookGrid : WeightGrid
{
    readonly float[][] _books;
    readonly int _rowsPerBook;

    /// <summary>Joins rows and codebooks.</summary>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="rowsPerBook">Rows that share a codebook.</param>
    /// <param name="books">Rising numbers, at most 128 each.</param>
    public CodebookGrid(int rows, int columns, int rowsPerBook, float[][] books)
        : base(rows, columns, Math.Max(1, columns), 0, books.Max(book => book.Length) - 1)
    {
        (_books, _rowsPerBook) = (books, rowsPerBook);

        // What a step is, for thresholds: the mean distance of neighbors.
        for (int row = 0; row < rows; row++)
        {
            float[] book = BookOf(row);
            Scales[row] = book.Length > 1 ? (book[^1] - book[0]) / (book.Length - 1) : 1;
        }
    }

    /// <summary>The codebooks.</summary>
    public IReadOnlyList<float[]> Books => _books;

    /// <inheritdoc/>
    public override int Nearest(double value, int block) => OptimalKMeans.Nearest(BookOf(block), value);

    /// <inheritdoc/>
    public override float Value(int code, int block) => BookOf(block)[code];

    /// <summary>The codebook of a row.</summary>
    public float[] BookOf(int row) => _books[row / _rowsPerBook];
}
