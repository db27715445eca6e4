namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>The numbers that a quantized weight [N, K] can hold: (code − zero point) · scale, with a scale and a zero point for each block of a row.</summary>
class WeightGrid
{
    /// <summary>A grid without scales yet.</summary>
    /// <param name="rows">N.</param>
    /// <param name="columns">K.</param>
    /// <param name="blockSize">Columns of a block; the last one may be shorter.</param>
    /// <param name="lowest">The lowest code.</param>
    /// <param name="highest">The highest code.</param>
    public WeightGrid(int rows, int columns, int blockSize, int lowest, int highest)
    {
        (Rows, Columns, BlockSize, Lowest, Highest) = (rows, columns, blockSize, lowest, highest);
        Blocks = (columns + blockSize - 1) / blockSize;
        Scales = new float[checked(rows * Blocks)];
        ZeroPoints = new int[Scales.Length];
    }

    /// <summary>N.</summary>
    public int Rows { get; }

    /// <summary>K.</summary>
    public int Columns { get; }

    /// <summary>Columns of a block.</summary>
    public int BlockSize { get; }

    /// <summary>Blocks of a row.</summary>
    public int Blocks { get; }

    /// <summary>The lowest code.</summary>
    public int Lowest { get; }

    /// <summary>The highest code.</summary>
    public int Highest { get; }

    /// <summary>[N, B]; finite, not zero.</summary>
    public float[] Scales { get; }

    /// <summary>[N, B]; codes.</summary>
    public int[] ZeroPoints { get; }

    /// <summary>The block of an element.</summary>
    public int BlockOf(int row, int column) => row * Blocks + column / BlockSize;

    /// <summary>The nearest code; ties to even before the zero point is added.</summary>
    public virtual int Nearest(double value, int block) =>
        (int)Math.Clamp(Math.Round(value / Scales[block], MidpointRounding.ToEven) + ZeroPoints[block], Lowest, Highest);

    /// <summary>What a code stands for.</summary>
    public virtual float Value(int code, int block) => (code - ZeroPoints[block]) * Scales[block];

    /// <summary>The nearest codes of a weight.</summary>
    public sbyte[] Nearest(ReadOnlySpan<float> weights)
    {
        sbyte[] codes = new sbyte[weights.Length];
        for (int row = 0; row < Rows; row++)
        {
            for (int column = 0; column < Columns; column++)
            {
                codes[row * Columns + column] = (sbyte)Nearest(weights[row * Columns + column], BlockOf(row, column));
            }
        }

        return codes;
    }

    /// <summary>A copy with scales of its own.</summary>
    public WeightGrid Copy()
    {
        var copy = new WeightGrid(Rows, Columns, BlockSize, Lowest, Highest);
        Scales.CopyTo(copy.Scales, 0);
        ZeroPoints.CopyTo(copy.ZeroPoints, 0);
        return copy;
    }
}
