using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Kneepoint.Tensors.LinearAlgebra;

/// <summary>Sums of products of columns: XᵀX, the upper triangle.</summary>
/// <remarks>
/// Computes destination[i, j] += Σ_r x[r, i] · x[r, j] for i ≤ j. Within a call the sum runs over the rows in their order, one fused multiply-add in
/// binary32 after the other, and is then added in binary64: the result depends on neither the vector width nor the number of threads. Calls of at
/// most <see cref="MostRows"/> rows keep the error of a sum below 2⁻¹⁷ of the sum of magnitudes. NaN and infinity pass through.
/// Cost: R·K²/2 multiply-adds.
/// </remarks>
public static class GramProduct
{
    /// <summary>Rows of one call.</summary>
    public const int MostRows = 256;

    /// <summary>The stride of rows is a multiple of this; what is past the columns is 0.</summary>
    public const int StrideUnit = 16;

    const int TileRows = 4;

    /// <summary>The stride for so many columns.</summary>
    public static int StrideOf(int columns) => (columns + StrideUnit - 1) / StrideUnit * StrideUnit;

    /// <summary>Adds the products.</summary>
    /// <param name="rows">[R, stride], zeros past the columns; stride is <see cref="StrideOf"/> the columns.</param>
    /// <param name="rowCount">R, at most <see cref="MostRows"/>.</param>
    /// <param name="columns">K.</param>
    /// <param name="destination">[K, K]; below the diagonal nothing is written.</param>
    /// <param name="threads">Threads in use, at least 1.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Add(ReadOnlyMemory<float> rows, int rowCount, int columns, double[] destination, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(destination);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rowCount, MostRows);
        ArgumentOutOfRangeException.ThrowIfNegative(rowCount);
        int stride = StrideOf(columns);
        if (rows.Length < (long)rowCount * stride || destination.LongLength != (long)columns * columns)
        {
            throw new ArgumentException($"{rowCount} rows of {columns} columns take {(long)rowCount * stride} numbers and {(long)columns * columns} sums; "
                + $"found {rows.Length} and {destination.Length}.", nameof(rows));
        }

        int tiles = (columns + TileRows - 1) / TileRows;
        if (threads == 1 || (long)rowCount * columns * columns < 1 << 22)
        {
            for (int tile = 0; tile < tiles; tile++) AddTile(rows.Span, rowCount, stride, columns, tile * TileRows, destination);
            return;
        }

        // Each sum belongs to one tile, so threads change nothing.
        Parallel.For(0, tiles, new ParallelOptions { MaxDegreeOfParallelism = threads },
            tile => AddTile(rows.Span, rowCount, stride, columns, tile * TileRows, destination));
    }

    static void AddTile(ReadOnlySpan<float> rows, int rowCount, int stride, int columns, int i, double[] destination)
    {
        Span<float> sums = stackalloc float[TileRows * StrideUnit];
        int height = Math.Min(TileRows, columns - i);
        for (int j = i / StrideUnit * StrideUnit; j < columns; j += StrideUnit)
        {
            // The stride is a multiple of 16, so the four columns from i on are all within a row.
            Multiply(ref MemoryMarshal.GetReference(rows), rowCount, stride, i, j, ref MemoryMarshal.GetReference(sums));
            int width = Math.Min(StrideUnit, columns - j);
            for (int a = 0; a < height; a++)
            {
                var row = destination.AsSpan((i + a) * columns + j, width);
                for (int b = Math.Max(0, i + a - j); b < width; b++) row[b] += sums[a * StrideUnit + b];
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    static void Multiply(ref float rows, int rowCount, int stride, int i, int j, ref float sums)
    {
        var a0 = Vector256<float>.Zero;
        var a1 = Vector256<float>.Zero;
        var b0 = Vector256<float>.Zero;
        var b1 = Vector256<float>.Zero;
        var c0 = Vector256<float>.Zero;
        var c1 = Vector256<float>.Zero;
        var d0 = Vector256<float>.Zero;
        var d1 = Vector256<float>.Zero;
        ref float left = ref Unsafe.Add(ref rows, i);
        ref float right = ref Unsafe.Add(ref rows, j);
        for (int r = 0; r < rowCount; r++)
        {
            var low = Vector256.LoadUnsafe(ref right);
            var high = Vector256.LoadUnsafe(ref right, (nuint)Vector256<float>.Count);
            var a = Vector256.Create(left);
            var b = Vector256.Create(Unsafe.Add(ref left, 1));
            var c = Vector256.Create(Unsafe.Add(ref left, 2));
            var d = Vector256.Create(Unsafe.Add(ref left, 3));
            a0 = Vector256.FusedMultiplyAdd(a, low, a0);
            a1 = Vector256.FusedMultiplyAdd(a, high, a1);
            b0 = Vector256.FusedMultiplyAdd(b, low, b0);
            b1 = Vector256.FusedMultiplyAdd(b, high, b1);
            c0 = Vector256.FusedMultiplyAdd(c, low, c0);
            c1 = Vector256.FusedMultiplyAdd(c, high, c1);
            d0 = Vector256.FusedMultiplyAdd(d, low, d0);
            d1 = Vector256.FusedMultiplyAdd(d, high, d1);
            left = ref Unsafe.Add(ref left, stride);
            right = ref Unsafe.Add(ref right, stride);
        }

        a0.StoreUnsafe(ref sums);
        a1.StoreUnsafe(ref sums, 8);
        b0.StoreUnsafe(ref sums, 16);
        b1.StoreUnsafe(ref sums, 24);
        c0.StoreUnsafe(ref sums, 32);
        c1.StoreUnsafe(ref sums, 40);
        d0.StoreUnsafe(ref sums, 48);
        d1.StoreUnsafe(ref sums, 56);
    }
}
