using System.Numerics;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;

namespace Kneepoint.Coding.Floats;

/// <summary>Predicts floating-point numbers of a plane by their parts: is it zero, the exponent, the sign, the upper bits of the mantissa.</summary>
/// <remarks>
/// Exponents are predicted from those beside and above, from the average of the row and of the column, and mixed; upper mantissa bits from the exponent. Bits of the mantissa that are
/// zero in all numbers are not carried. Below the upper bits a mantissa is noise, carried as it is, unless numbers repeat: then each bit is predicted from all bits above it.
/// </remarks>
sealed class FloatModel
{
    const int Contexts = 7;
    const int Features = 64;
    const int Predictions = Contexts + 1;
    const int UpperBits = 3;

    // Questions that count an exponent down from the largest one.
    const int Counts = 24;
    const int PrefixTableBits = 20;
    const int MostNotedPrefixes = 1 << 14;
    const int Limit = 500;
    const int RowMemory = 14;
    const int ColumnMemory = 7;
    const int Bias = 256;

    readonly FloatLayout _layout;
    readonly uint[] _exponents;
    readonly uint[] _zeros;
    readonly uint[] _signs = AdaptiveBit.NewStates(27);
    readonly uint[] _mantissas;
    readonly Mixer _exponentMixer;
    readonly Mixer _zeroMixer;
    readonly int[] _features = new int[Contexts];
    readonly int[] _inputs = Mixer.NewInputs(Predictions);
    uint[]? _prefixes;
    int[]? _notedPrefixes;
    int _usedPrefixes;

    /// <summary>A model that has seen nothing.</summary>
    public FloatModel(FloatLayout layout)
    {
        _layout = layout;
        _exponents = AdaptiveBit.NewStates(Contexts * Features * Counts);
        _zeros = AdaptiveBit.NewStates(Contexts * Features);
        _mantissas = AdaptiveBit.NewStates(1 << (layout.ExponentBits + UpperBits));
        _exponentMixer = new Mixer(Predictions, Counts, 6, 65536 / 4);
        _zeroMixer = new Mixer(Predictions, 1, 6, 65536 / 4);
    }

    /// <summary>Carries numbers.</summary>
    /// <param name="coder">Writes, reads or counts.</param>
    /// <param name="bits">The numbers as bits, row by row; a reader fills them.</param>
    /// <param name="shape">Their plane.</param>
    /// <param name="form">What was found out about all of them.</param>
    public void Code(IBitCoder coder, Span<ulong> bits, IndexShape shape, FloatForm form)
    {
        if (form.Repeats) ForgetPrefixes();
        int columns = shape.Columns, period = shape.Period;
        int[] columnAverages = new int[columns];
        int middle = 1 << (_layout.ExponentBits - 1) << 4;
        int tensorAverage = middle;
        for (int row = 0; row < shape.Rows; row++)
        {
            var line = bits.Slice(row * columns, columns);
            var above = row > 0 ? bits.Slice((row - 1) * columns, columns) : default;
            int rowAverage = tensorAverage;
            for (int column = 0; column < columns; column++)
            {
                ulong left = column > 0 ? line[column - 1] : 0, up = row > 0 ? above[column] : 0, before = column >= period ? line[column - period] : 0;
                int columnAverage = row > 0 ? columnAverages[column] : tensorAverage;
                SetFeatures(left, up, before, rowAverage, columnAverage, column % period);
                ulong value = Number(coder, line[column], SignContext(left, up, before), form);
                line[column] = value;
                int exponent = value << 1 == 0 ? Math.Max(rowAverage - (2 << 4), 0) : Exponent(value) << 4;
                rowAverage += (exponent - rowAverage) / RowMemory;
                columnAverages[column] = row == 0 ? (tensorAverage + exponent) / 2 : columnAverage + (exponent - columnAverage) / ColumnMemory;
                tensorAverage += (exponent - tensorAverage) / 64;
            }
        }
    }

    ulong Number(IBitCoder coder, ulong value, int signContext, FloatForm form)
    {
        if (form.HasZeros && CodeZero(coder, value)) return 0;
        int exponentBits = _layout.ExponentBits, mantissaBits = _layout.MantissaBits;
        int exponent = CodeExponent(coder, Exponent(value), form.LargestExponent);
        int sign = coder.CodeAdaptive((int)(value >> (exponentBits + mantissaBits)) & 1, ref _signs[signContext], Limit);
        int carried = mantissaBits - form.TrailingZeros;
        ulong mantissa = (value & ((1UL << mantissaBits) - 1)) >> form.TrailingZeros;
        ulong coded = form.Repeats ? CodeRepeating(coder, mantissa, carried, exponent) : CodeMantissa(coder, mantissa, carried, exponent);
        return ((ulong)sign << (exponentBits + mantissaBits)) | ((ulong)exponent << mantissaBits) | (coded << form.TrailingZeros);
    }

    bool CodeZero(IBitCoder coder, ulong value)
    {
        for (int i = 0; i < Contexts; i++) _inputs[i] = Logistic.Stretch(AdaptiveBit.Probability(_zeros[i * Features + _features[i]]));
        _inputs[Contexts] = Bias;
        int bit = coder.Code(value == 0 ? 1 : 0, Logistic.Squash(_zeroMixer.Mix(_inputs, 0)));
        _zeroMixer.Update(_inputs, bit);
        for (int i = 0; i < Contexts; i++) AdaptiveBit.Update(ref _zeros[i * Features + _features[i]], bit, Limit);
        return bit != 0;
    }

    // How far below the largest exponent: by counting, beyond the last count as it is.
    int CodeExponent(IBitCoder coder, int exponent, int largest)
    {
        int below = largest - exponent, counted = 0;
        while (counted < Counts && counted < largest)
        {
            for (int c = 0; c < Contexts; c++) _inputs[c] = Logistic.Stretch(AdaptiveBit.Probability(State(c, counted)));
            _inputs[Contexts] = Bias;
            int bit = coder.Code(below > counted ? 1 : 0, Logistic.Squash(_exponentMixer.Mix(_inputs, counted)));
            _exponentMixer.Update(_inputs, bit);
            for (int c = 0; c < Contexts; c++) AdaptiveBit.Update(ref State(c, counted), bit, Limit);
            if (bit == 0) break;
            counted++;
        }

        return counted < Counts ? largest - counted : (int)Math.Min((uint)coder.CodeRaw((ulong)exponent, _layout.ExponentBits), (uint)largest);
    }

    ref uint State(int context, int count) => ref _exponents[(context * Features + _features[context]) * Counts + count];

    ulong CodeMantissa(IBitCoder coder, ulong mantissa, int bits, int exponent)
    {
        int upper = Math.Min(bits, UpperBits), node = 1;
        for (int i = 1; i <= upper; i++)
        {
            node = (node << 1) | coder.CodeAdaptive((int)(mantissa >> (bits - i)) & 1, ref _mantissas[(exponent << UpperBits) + node], Limit);
        }

        ulong coded = (ulong)node - (1UL << upper);
        return (coded << (bits - upper)) | coder.CodeRaw(mantissa, bits - upper);
    }

    ulong CodeRepeating(IBitCoder coder, ulong mantissa, int bits, int exponent)
    {
        uint prefix = (uint)exponent + 1;
        ulong coded = 0;
        for (int i = bits - 1; i >= 0; i--)
        {
            uint hash = prefix * 0x9E3779B1;
            int place = (int)((hash ^ (hash >> 15)) * 0x85EBCA6B >> (32 - PrefixTableBits));
            ref uint state = ref _prefixes![place];
            if (state == AdaptiveBit.Fresh) NotePrefix(place);
            int bit = coder.CodeAdaptive((int)(mantissa >> i) & 1, ref state, Limit);
            coded = (coded << 1) | (uint)bit;
            prefix = BitOperations.RotateLeft(prefix * 0xC2B2AE35, 7) + (uint)bit + 1;
        }

        return coded;
    }

    // The table is far larger than most tensors: what a tensor used is noted, so that the next one need not clear it all.
    void NotePrefix(int place)
    {
        if (_usedPrefixes < MostNotedPrefixes) _notedPrefixes![_usedPrefixes] = place;
        _usedPrefixes++;
    }

    void ForgetPrefixes()
    {
        _notedPrefixes ??= new int[MostNotedPrefixes];
        if (_prefixes is null) _prefixes = AdaptiveBit.NewStates(1 << PrefixTableBits);
        else if (_usedPrefixes > MostNotedPrefixes) Array.Fill(_prefixes, AdaptiveBit.Fresh);
        else foreach (int place in _notedPrefixes.AsSpan(0, _usedPrefixes)) _prefixes[place] = AdaptiveBit.Fresh;
        _usedPrefixes = 0;
    }

    void SetFeatures(ulong left, ulong up, ulong before, int rowAverage, int columnAverage, int place)
    {
        int middle = rowAverage + 8 >> 4;
        int l = Near(left, middle), u = Near(up, middle), b = Near(before, middle);
        _features[0] = 0;
        _features[1] = Exponent(left) & (Features - 1);
        _features[2] = (rowAverage >> 2) & (Features - 1);
        _features[3] = (columnAverage >> 2) & (Features - 1);
        _features[4] = ((rowAverage + columnAverage) >> 3) & (Features - 1);
        _features[5] = (l & 3) * 16 + (u & 3) * 4 + (b & 3);
        _features[6] = Math.Min(place, Features - 1);
    }

    // 3 for a number near the average, 2 below it, 1 far below, 0 for zero.
    int Near(ulong value, int average) => value << 1 == 0 ? 0 : Math.Clamp(Exponent(value) - average + 3, 1, 3);

    int Exponent(ulong value) => _layout.Exponent(value);

    int SignContext(ulong left, ulong up, ulong before) => Sign(left) * 9 + Sign(up) * 3 + Sign(before);

    int Sign(ulong value) => value == 0 ? 1 : value >> (_layout.ExponentBits + _layout.MantissaBits) == 0 ? 2 : 0;
}
