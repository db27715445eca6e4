using System.Numerics;
using Kneepoint.Coding.Entropy;
using Kneepoint.Tensors;

namespace Kneepoint.Coding.Indices;

/// <summary>Predicts whole numbers of a plane with one adaptive probability for each question: a good code that is read several times as fast as the smallest one.</summary>
/// <remarks>
/// The context of a question is the magnitude to expect, from the averages of the row and the column and from what stands beside and above, on a scale of half octaves; that of the sign
/// are the signs beside. Source: context-adaptive binary arithmetic coding of weights, [Wiedemann2020].
/// </remarks>
sealed class AdaptiveIndexModel : IIndexModel
{
    const int Levels = 32;
    const int Signs = 9;
    const int Limit = 512;
    const int RowMemory = 4;
    const int ColumnMemory = 3;
    const int MostMagnitude = 1 << 12;

    readonly uint[] _states = AdaptiveBit.NewStates(IndexBits.All * Levels);
    readonly uint[] _signs = AdaptiveBit.NewStates(Signs);

    /// <inheritdoc/>
    public void Code(IBitCoder coder, Span<int> values, IndexShape shape, int shift, TrellisChains? chains = null)
    {
        // Of a known type the coder's own code is put in place of the call.
        if (coder is BitReader reader) Run(new ReadingCoder(reader), values, shape, shift, chains);
        else if (coder is BitWriter writer) Run(new WritingCoder(writer), values, shape, shift, chains);
        else Run(new AnyCoder(coder), values, shape, shift, chains);
    }

    void Run<TCoder>(TCoder coder, Span<int> values, IndexShape shape, int shift, TrellisChains? chains)
        where TCoder : struct, IBitCoder
    {
        int columns = shape.Columns, period = shape.Period;
        int[] columnAverages = new int[columns];
        int rowAverage = 1 << 8;
        chains?.Restart();
        for (int row = 0; row < shape.Rows; row++)
        {
            var line = values.Slice(row * columns, columns);
            var above = row > 0 ? values.Slice((row - 1) * columns, columns) : line;
            int left = 0, left2 = 0, place = 0;
            chains?.BeginRow();
            for (int column = 0; column < line.Length; column++)
            {
                int up = row > 0 ? above[column] : left;
                int before = column >= period ? line[column - period] : left;
                int columnAverage = row > 0 ? columnAverages[column] : rowAverage;
                int local = (3 * Magnitude(left, shift) + Magnitude(left2, shift) + 3 * Magnitude(up, shift) + Magnitude(before, shift)) << 5;
                int level = Level((3 * rowAverage + 3 * columnAverage + 2 * local) >> 3);
                int odd = 0;
                if (chains is not null) odd = Trellis.SetOf(chains.StateOf(column, place)) * IndexBits.Odd;
                int value = Value(coder, line[column], odd, level, (Math.Sign(left) + 1) * 3 + Math.Sign(before) + 1, shift);
                line[column] = value;
                if (chains is not null) Trellis.Advance(ref chains.StateOf(column, place), value);
                if (++place == period) place = 0;
                int magnitude = Magnitude(value, shift) << 8;
                rowAverage += (magnitude - rowAverage) >> RowMemory;
                columnAverages[column] = columnAverage + ((magnitude - columnAverage) >> ColumnMemory);
                (left2, left) = (left, value);
            }
        }
    }

    int Value<TCoder>(TCoder coder, int value, int odd, int level, int signs, int shift)
        where TCoder : struct, IBitCoder
    {
        var states = _states.AsSpan(level * IndexBits.All, IndexBits.All);
        if (coder.CodeAdaptive(value != 0 ? 1 : 0, ref states[odd + IndexBits.Zero], Limit) == 0) return 0;
        bool isNegative = coder.CodeAdaptive(value < 0 ? 1 : 0, ref _signs[signs], Limit) != 0;
        uint rest = (uint)(Math.Abs((long)value) - 1), upper = rest >> shift;
        ulong coded = 0;
        while (coded < IndexBits.Counts && coder.CodeAdaptive(upper > coded ? 1 : 0, ref states[(coded < IndexBits.OddCounts ? odd : 0) + IndexBits.Count + (int)coded], Limit) != 0) coded++;
        int count = (int)coded;
        if (coded == IndexBits.Counts) coded += Beyond(coder, upper - (uint)coded, states);
        if (shift > 0)
        {
            ulong highest = (ulong)coder.CodeAdaptive((int)(rest >> (shift - 1)) & 1, ref states[IndexBits.Lower + Math.Min(count, 3)], Limit);
            ulong lower = coder.CodeRaw(rest & ((1u << (shift - 1)) - 1), shift - 1);
            coded = (coded << shift) | (highest << (shift - 1)) | lower;
        }

        int magnitude = (int)Math.Min(coded + 1, int.MaxValue);
        return isNegative ? -magnitude : magnitude;
    }

    static uint Beyond<TCoder>(TCoder coder, uint value, Span<uint> states)
        where TCoder : struct, IBitCoder
    {
        int length = 0;
        while (length < 31 && coder.CodeAdaptive(value + 1 >> length > 1 ? 1 : 0, ref states[IndexBits.Length + length], Limit) != 0) length++;
        return ((1u << length) | (uint)coder.CodeRaw(value + 1 & ((1u << length) - 1), length)) - 1;
    }

    static int Magnitude(int value, int shift) => (int)Math.Min((uint)Math.Abs((long)value) >> shift, MostMagnitude);

    static int Level(int average)
    {
        uint a = (uint)average + 8;
        int log = BitOperations.Log2(a);
        return Math.Min((log - 3) * 2 + (int)((a >> (log - 1)) & 1), Levels - 1);
    }
}
