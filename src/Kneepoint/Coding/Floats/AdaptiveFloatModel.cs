using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;

namespace Kneepoint.Coding.Floats;

/// <summary>Predicts the exponents of floating-point numbers, with one adaptive probability for each question; signs and mantissas are carried as they are.</summary>
/// <remarks>The context is the exponent to expect, from the averages of the row and of the column, in quarters. Several times as fast as <see cref="FloatModel"/>, and about 0.1 bits larger for a number.</remarks>
sealed class AdaptiveFloatModel
{
    const int Levels = 64;
    const int Counts = 24;
    const int Limit = 500;
    const int Fraction = 4;
    const int RowMemory = 4;
    const int ColumnMemory = 3;

    readonly FloatLayout _layout;
    readonly uint[] _exponents = AdaptiveBit.NewStates(Levels * Counts);
    readonly uint[] _zeros = AdaptiveBit.NewStates(4);

    /// <summary>A model that has seen nothing.</summary>
    public AdaptiveFloatModel(FloatLayout layout) => _layout = layout;

    /// <summary>Carries numbers.</summary>
    /// <param name="coder">Writes, reads or counts.</param>
    /// <param name="bits">The numbers as bits, row by row; a reader fills them.</param>
    /// <param name="shape">Their plane.</param>
    /// <param name="form">What was found out about all of them.</param>
    public void Code(IBitCoder coder, Span<ulong> bits, IndexShape shape, FloatForm form)
    {
        if (coder is BitReader reader) Run(new ReadingCoder(reader), bits, shape, form);
        else if (coder is BitWriter writer) Run(new WritingCoder(writer), bits, shape, form);
        else Run(new AnyCoder(coder), bits, shape, form);
    }

    void Run<TCoder>(TCoder coder, Span<ulong> bits, IndexShape shape, FloatForm form)
        where TCoder : struct, IBitCoder
    {
        int columns = shape.Columns, most = form.LargestExponent << Fraction;
        int[] columnAverages = new int[columns];
        int rowAverage = most;
        for (int row = 0; row < shape.Rows; row++)
        {
            var line = bits.Slice(row * columns, columns);
            for (int column = 0; column < line.Length; column++)
            {
                ulong left = column > 0 ? line[column - 1] : 1, up = row > 0 ? bits[(row - 1) * columns + column] : 1;
                int columnAverage = row > 0 ? columnAverages[column] : rowAverage;
                int level = Math.Clamp((2 * most - rowAverage - columnAverage) >> 3, 0, Levels - 1);
                ulong value = Number(coder, line[column], level, (left == 0 ? 2 : 0) + (up == 0 ? 1 : 0), form);
                line[column] = value;
                int exponent = value == 0 ? Math.Max(rowAverage - (2 << Fraction), 0) : _layout.Exponent(value) << Fraction;
                rowAverage += (exponent - rowAverage) >> RowMemory;
                columnAverages[column] = columnAverage + ((exponent - columnAverage) >> ColumnMemory);
            }
        }
    }

    ulong Number<TCoder>(TCoder coder, ulong value, int level, int zeros, FloatForm form)
        where TCoder : struct, IBitCoder
    {
        if (form.HasZeros && coder.CodeAdaptive(value == 0 ? 1 : 0, ref _zeros[zeros], Limit) != 0) return 0;
        int largest = form.LargestExponent, below = largest - _layout.Exponent(value), counted = 0;
        while (counted < Counts && counted < largest && coder.CodeAdaptive(below > counted ? 1 : 0, ref _exponents[level * Counts + counted], Limit) != 0) counted++;
        ulong exponent = counted < Counts ? (ulong)(largest - counted) : coder.CodeRaw((ulong)_layout.Exponent(value), _layout.ExponentBits);
        int mantissaBits = _layout.MantissaBits, carried = mantissaBits - form.TrailingZeros;
        ulong sign = value >> (_layout.ExponentBits + mantissaBits), mantissa = (value & ((1UL << mantissaBits) - 1)) >> form.TrailingZeros;
        ulong rest = coder.CodeRaw((sign << carried) | mantissa, carried + 1);
        return ((rest >> carried) << (_layout.ExponentBits + mantissaBits)) | (exponent << mantissaBits) | ((rest & ((1UL << carried) - 1)) << form.TrailingZeros);
    }
}
