using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Kneepoint.Coding.Entropy;
using Kneepoint.Tensors;

namespace Kneepoint.Coding.Indices;

/// <summary>Predicts whole numbers of a plane from what stands around them, with many predictions mixed: the smallest code.</summary>
/// <remarks>
/// A question (<see cref="IndexBits"/>) is predicted from the magnitudes beside and above, the average magnitude of the row and of the column so far, the place in the kernel, and the
/// signs around; the predictions are mixed (<see cref="Mixer"/>). What it learns about one tensor it keeps for the next, since the contexts are relative to the tensor's scale.
/// Source: binary arithmetic coding of weights with contexts by neighbors after [Wiedemann2020]; mixing after [Mahoney2005]. Cost: about 0.2 µs for a number.
/// </remarks>
sealed class MixedIndexModel : IIndexModel
{
    const int Contexts = 6;
    const int Features = 256;

    // Bits after which old ones fade: for most contexts, and for one that follows the tensor.
    const int LongLimit = 500;
    const int ShortLimit = 60;

    const int Predictions = Contexts + 2;
    const int FirstWeight = 9000;
    const int Rate = 3;
    const int Bias = 256;

    // How fast the average magnitude of rows, columns and the tensor follows.
    const int RowMemory = 14;
    const int ColumnMemory = 7;
    const int TensorMemory = 128;

    readonly uint[] _states = new uint[Contexts * Features * IndexBits.All];
    readonly uint[] _short = new uint[Features * IndexBits.All];
    readonly Mixer _byQuestion = new(Predictions, IndexBits.All * 3, Rate, FirstWeight);
    readonly Mixer _byLevel = new(Predictions, 24 * 8, Rate, FirstWeight);
    readonly int[] _features = new int[Contexts];
    readonly int[] _signFeatures = new int[Contexts];
    readonly int[] _inputs = Mixer.NewInputs(Predictions);
    int _rowLevel;
    int _scale;

    /// <summary>A model that has seen nothing.</summary>
    public MixedIndexModel()
    {
        Array.Fill(_states, AdaptiveBit.Fresh);
        Array.Fill(_short, AdaptiveBit.Fresh);
    }

    /// <summary>A model that knows what weights are like.</summary>
    public static MixedIndexModel Primed()
    {
        var model = new MixedIndexModel();
        Priming.Learn(model);
        return model;
    }

    /// <inheritdoc/>
    public void Code(IBitCoder coder, Span<int> values, IndexShape shape, int shift, TrellisChains? chains = null)
    {
        ForgetOwn();
        int columns = shape.Columns, period = shape.Period;
        int[] columnAverage = new int[columns];
        int tensorAverage = 1 << 8;
        chains?.Restart();
        for (int row = 0; row < shape.Rows; row++)
        {
            int rowAverage = tensorAverage, place = 0;
            chains?.BeginRow();
            var line = values.Slice(row * columns, columns);
            var above = row > 0 ? values.Slice((row - 1) * columns, columns) : default;
            var above2 = row > 1 ? values.Slice((row - 2) * columns, columns) : default;
            for (int column = 0; column < columns; column++)
            {
                int left = column > 0 ? line[column - 1] : 0;
                int left2 = column > 1 ? line[column - 2] : 0;
                int up = row > 0 ? above[column] : 0;
                int up2 = row > 1 ? above2[column] : 0;
                int before = column >= period ? line[column - period] : 0;
                int columnMean = row > 0 ? columnAverage[column] : tensorAverage;
                SetFeatures(left, left2, up, up2, before, rowAverage, columnMean, tensorAverage, place, shift);
                int odd = chains is null ? 0 : Trellis.SetOf(chains.StateOf(column, place)) * IndexBits.Odd;
                int value = Value(coder, line[column], odd, shift);
                line[column] = value;
                if (chains is not null) Trellis.Advance(ref chains.StateOf(column, place), value);
                if (++place == period) place = 0;
                int magnitude = (int)Math.Min(Math.Abs((long)value), 1 << 20) << 8 >> shift;
                rowAverage += (magnitude - rowAverage) / RowMemory;
                columnAverage[column] = row == 0 ? (tensorAverage + magnitude) / 2 : columnMean + (magnitude - columnMean) / ColumnMemory;
                tensorAverage += (magnitude - tensorAverage) / TensorMemory;
            }
        }
    }

    int Value(IBitCoder coder, int value, int odd, int shift)
    {
        if (Bit(coder, value != 0 ? 1 : 0, odd + IndexBits.Zero, _features) == 0) return 0;
        bool isNegative = Bit(coder, value < 0 ? 1 : 0, IndexBits.Sign, _signFeatures) != 0;
        // Where numbers are not as many above as below, what follows depends on it.
        _features[0] = isNegative ? 1 : 0;
        uint rest = (uint)(Math.Abs((long)value) - 1), upper = rest >> shift;
        ulong coded = 0;
        while (coded < IndexBits.Counts && Bit(coder, upper > coded ? 1 : 0, (coded < IndexBits.OddCounts ? odd : 0) + IndexBits.Count + (int)coded, _features) != 0) coded++;
        int count = (int)coded;
        if (coded == IndexBits.Counts) coded += Beyond(coder, upper - (uint)coded);
        uint lower = 0;
        for (int i = shift - 1; i >= 0; i--)
        {
            int place = shift - 1 - i;
            int question = place == 0 ? IndexBits.Lower + Math.Min(count, 3) * 3
                : place == 1 ? IndexBits.Lower + Math.Min(count, 3) * 3 + 1 + (int)(lower & 1)
                : IndexBits.Lower + 12 + Math.Min(i, 31);
            lower = (lower << 1) | (uint)Bit(coder, (int)(rest >> i) & 1, question, _features);
        }

        long magnitude = (((long)coded << shift) | lower) + 1;
        return (int)Math.Clamp(isNegative ? -magnitude : magnitude, int.MinValue, int.MaxValue);
    }

    uint Beyond(IBitCoder coder, uint value)
    {
        int length = 0;
        while (length < 31 && Bit(coder, value + 1 >> length > 1 ? 1 : 0, IndexBits.Length + length, _features) != 0) length++;
        uint coded = 1;
        for (int i = length - 1; i >= 0; i--) coded = (coded << 1) | (uint)Bit(coder, (int)(value + 1 >> i) & 1, IndexBits.Beyond + i, _features);
        return coded - 1;
    }

    int Bit(IBitCoder coder, int bit, int question, int[] features)
    {
        int[] inputs = _inputs;
        ref uint states = ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_states), question * Features);
        ref int odds = ref MemoryMarshal.GetArrayDataReference(inputs);
        for (int i = 0; i < features.Length; i++)
        {
            Unsafe.Add(ref odds, i) = Logistic.Stretch(AdaptiveBit.Probability(Unsafe.Add(ref states, i * (IndexBits.All * Features) + features[i])));
        }

        ref uint own = ref _short[question * Features + features[0]];
        inputs[Contexts] = Logistic.Stretch(AdaptiveBit.Probability(own));
        inputs[Contexts + 1] = Bias;
        int logOdds = (_byQuestion.Mix(inputs, question * 3 + _scale) + _byLevel.Mix(inputs, Math.Min(_rowLevel, 23) * 8 + Math.Min(question % IndexBits.Odd, 7))) / 2;
        bit = coder.Code(bit, Logistic.Squash(logOdds));
        _byQuestion.Update(inputs, bit);
        _byLevel.Update(inputs, bit);
        for (int i = 0; i < features.Length; i++) AdaptiveBit.Update(ref Unsafe.Add(ref states, i * (IndexBits.All * Features) + features[i]), bit, LongLimit);
        AdaptiveBit.Update(ref own, bit, ShortLimit);
        return bit;
    }

    void SetFeatures(int left, int left2, int up, int up2, int before, int rowAverage, int columnAverage, int tensorAverage, int place, int shift)
    {
        int l = Magnitude(left, shift), l2 = Magnitude(left2, shift), u = Magnitude(up, shift), b = Magnitude(before, shift);
        _rowLevel = Level(rowAverage);
        int columnLevel = Level(columnAverage);
        _scale = _rowLevel < 8 ? 0 : _rowLevel < 14 ? 1 : 2;
        int expected = FineLevel((int)Math.Min((long)rowAverage * columnAverage / Math.Max(tensorAverage, 1), 1 << 24));
        _features[0] = 0;
        _features[1] = _rowLevel;
        _features[2] = columnLevel;
        _features[3] = Math.Min(_rowLevel / 2, 15) * 16 + Math.Min(columnLevel / 2, 15);
        _features[4] = Math.Min(l, 3) * 64 + Math.Min(u, 3) * 16 + Math.Min(b, 3) * 4 + Math.Min(l2, 3);
        _features[5] = expected;
        int sl = Math.Sign(left) + 1, sl2 = Math.Sign(left2) + 1, su = Math.Sign(up) + 1, su2 = Math.Sign(up2) + 1, sb = Math.Sign(before) + 1;
        place &= 31;
        _signFeatures[0] = place;
        _signFeatures[1] = sl * 27 + su * 9 + sb * 3 + sl2;
        _signFeatures[2] = su * 9 + su2 * 3 + sb;
        _signFeatures[3] = sb * 32 + place;
        _signFeatures[4] = sl * 32 + place;
        _signFeatures[5] = su * 32 + place;
    }

    // The first context is of this tensor alone.
    void ForgetOwn()
    {
        Array.Fill(_states, AdaptiveBit.Fresh, 0, Features * IndexBits.All);
        Array.Fill(_short, AdaptiveBit.Fresh);
    }

    static int Magnitude(int value, int shift) => (int)Math.Min(Math.Abs((long)value) >> shift, 63);

    static int FineLevel(int average)
    {
        uint a = (uint)average + 8;
        int log = System.Numerics.BitOperations.Log2(a);
        return Math.Clamp((log - 3) * 8 + (int)((a >> (log - 3)) & 7), 0, 127);
    }

    // Average magnitude in 1/256 on a scale of half octaves.
    static int Level(int average)
    {
        uint a = (uint)average + 4;
        int log = System.Numerics.BitOperations.Log2(a);
        return Math.Clamp((log - 2) * 2 + (int)((a >> (log - 1)) & 1), 0, 31);
    }
}
