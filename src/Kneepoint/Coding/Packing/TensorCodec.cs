using System.Runtime.InteropServices;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Floats;
using Kneepoint.Coding.Indices;
using Kneepoint.Tensors;

namespace Kneepoint.Coding.Packing;

/// <summary>Writes and reads the parts of tensors of one group; what it learns about one helps the next.</summary>
/// <param name="coder">Writes, reads or counts.</param>
/// <param name="plain">The bytes beside the arithmetic code, to write or to read.</param>
/// <param name="settings">How a writer codes the numbers of larger tensors; a reader is told, and needs none.</param>
/// <param name="numbers">The same as <paramref name="coder"/> for the numbers themselves, where they are counted apart from all that is said about them; null for <paramref name="coder"/>.</param>
sealed class TensorCodec(IBitCoder coder, PlainBytes plain, PackingSettings? settings = null, IBitCoder? numbers = null)
{
    // In place of a shift or of zeros at the end of a mantissa: another code than mixing follows.
    const int OtherShift = 31;
    const int OtherZeros = 63;

    // So few numbers of a step cost more than they save by it.
    const int LeastPerStep = 4;

    readonly IBitCoder _numberCoder = numbers ?? coder;
    readonly Dictionary<FloatLayout, FloatModel> _floats = [];
    readonly Dictionary<FloatLayout, AdaptiveFloatModel> _adaptiveFloats = [];
    readonly Dictionary<ulong, int> _seen = [];
    readonly List<TensorPart> _parts = [];
    MixedIndexModel? _weights;
    MixedIndexModel? _numbers;
    AdaptiveIndexModel? _adaptiveWeights;
    AdaptiveIndexModel? _adaptiveNumbers;
    ByteModel? _bytes;
    TensorForm _form;

    /// <summary>How the numbers of the last part were coded.</summary>
    public NumberCode LastCode { get; private set; }

    /// <summary>Writes a part.</summary>
    /// <param name="model">The whole model file.</param>
    /// <param name="part">Which bytes of it.</param>
    /// <returns>The form that it was written in.</returns>
    public TensorForm Write(ReadOnlySpan<byte> model, TensorPart part)
    {
        var data = model.Slice((int)part.Offset, part.Bytes);
        if (WritesCopy(model, data, part)) return TensorForm.Copy;
        if (FloatLayout.Of(part.Type) is { } layout) WriteFloats(data, part, layout);
        else if (!ElementBits.IsInteger(part.Type) || !WriteIntegers(data, part)) WriteBytes(data);
        return _form;
    }

    /// <summary>Reads a part into its place.</summary>
    /// <returns>The form it is written in.</returns>
    /// <exception cref="PackedModelException">The form is none that the part can have.</exception>
    public TensorForm Read(Span<byte> model, TensorPart part)
    {
        var data = model.Slice((int)part.Offset, part.Bytes);
        LastCode = NumberCode.Mixing;
        var form = (TensorForm)coder.CodeRaw(0, 3);
        var layout = FloatLayout.Of(part.Type);
        switch (form)
        {
            case TensorForm.Bytes:
                CodeBytes(data, ByteForm.Mixed);
                break;
            case TensorForm.Floats when layout is { } floats:
                ulong[] bits = new ulong[part.Shape.Count];
                CodeFloats(_numberCoder, bits, part.Shape, floats, default);
                ElementBits.Write(bits, data, floats.Bytes);
                break;
            case TensorForm.Integers when ElementBits.IsInteger(part.Type):
                ReadIntegers(data, part);
                break;
            case TensorForm.Steps when part.Type == ElementType.Float32:
                ReadSteps(MemoryMarshal.Cast<byte, float>(data), part.Shape);
                break;
            case TensorForm.Trellis when part.Type == ElementType.Float32:
                ReadTrellis(MemoryMarshal.Cast<byte, float>(data), part.Shape);
                break;
            case TensorForm.Codebook when layout is { } floats:
                ReadCodebook(data, part.Shape, floats);
                break;
            case TensorForm.Copy:
                int earlier = (int)Math.Min(coder.CodeNumber(0), int.MaxValue);
                if (earlier >= _parts.Count || _parts[earlier].Bytes != part.Bytes) throw new PackedModelException("A tensor repeats one that is not there.");
                model.Slice((int)_parts[earlier].Offset, part.Bytes).CopyTo(data);
                break;
            default:
                throw new PackedModelException($"A tensor of {part.Type} is written in the form {(int)form}, which it cannot have.");
        }

        _parts.Add(part);
        return form;
    }

    ByteModel Bytes => _bytes ??= new ByteModel();

    MixedIndexModel Weights => _weights ??= MixedIndexModel.Primed();

    MixedIndexModel Numbers => _numbers ??= new MixedIndexModel();

    bool WritesCopy(ReadOnlySpan<byte> model, ReadOnlySpan<byte> data, TensorPart part)
    {
        int number = _parts.Count;
        _parts.Add(part);
        ulong hash = Hash(data);
        if (_seen.TryGetValue(hash, out int earlier) && model.Slice((int)_parts[earlier].Offset, _parts[earlier].Bytes).SequenceEqual(data))
        {
            Begin(TensorForm.Copy);
            coder.CodeNumber((ulong)earlier);
            return true;
        }

        _seen[hash] = number;
        return false;
    }

    void WriteBytes(ReadOnlySpan<byte> data)
    {
        Begin(TensorForm.Bytes);
        // What no model of bytes makes smaller stands as it is. One adaptive prediction of a bit is no faster than several that are mixed.
        CodeBytes(data.ToArray(), FormTrial.IsNoise(data) ? ByteForm.Plain : CodeFor(data.Length) == NumberCode.Static ? ByteForm.Static : ByteForm.Mixed);
    }

    void CodeBytes(Span<byte> data, ByteForm form)
    {
        form = (ByteForm)coder.CodeRaw((ulong)form, 2);
        if (form == ByteForm.Mixed)
        {
            Bytes.Code(_numberCoder, data);
            return;
        }

        LastCode = NumberCode.Static;
        if (form == ByteForm.Plain)
        {
            if (plain.IsRead) plain.Take((ulong)data.Length).CopyTo(data);
            else plain.Add(data.ToArray());
            return;
        }

        if (form != ByteForm.Static) throw new PackedModelException($"Bytes are written in the form {(int)form}, which is not known.");
        int[] values = new int[data.Length];
        if (plain.IsRead)
        {
            StaticIndexCode.Read(coder, plain, values);
            for (int i = 0; i < values.Length; i++) data[i] = (byte)values[i];
        }
        else
        {
            for (int i = 0; i < values.Length; i++) values[i] = data[i];
            StaticIndexCode.Write(coder, plain, values);
        }
    }

    void WriteFloats(ReadOnlySpan<byte> data, TensorPart part, FloatLayout layout)
    {
        if (part.Type == ElementType.Float32 && WriteSteps(MemoryMarshal.Cast<byte, float>(data), part.Shape)) return;
        ulong[] bits = ElementBits.Read(data, layout.Bytes);
        if (WriteCodebook(bits, part.Shape, layout)) return;
        Begin(TensorForm.Floats);
        CodeFloats(_numberCoder, bits, part.Shape, layout, FloatForm.Of(bits, layout));
    }

    void CodeFloats(IBitCoder into, Span<ulong> bits, IndexShape shape, FloatLayout layout, FloatForm form)
    {
        bool hasZeros = coder.CodeRaw(form.HasZeros ? 1u : 0, 1) != 0;
        bool repeats = coder.CodeRaw(form.Repeats ? 1u : 0, 1) != 0;
        // Numbers that repeat, but not from a codebook, need predictions.
        var chosen = form.Repeats ? NumberCode.Mixing : CodeFor(bits.Length);
        int trailing = (int)coder.CodeRaw(chosen == NumberCode.Mixing ? (ulong)form.TrailingZeros : OtherZeros, 6);
        if (trailing == OtherZeros)
        {
            chosen = OtherCode(chosen);
            trailing = (int)coder.CodeRaw((ulong)form.TrailingZeros, 6);
        }

        if (trailing > layout.MantissaBits) throw new PackedModelException($"A mantissa of {layout.MantissaBits} bits has {trailing} zeros at its end.");
        int largest = (int)coder.CodeRaw((ulong)form.LargestExponent, layout.ExponentBits);
        form = new FloatForm(hasZeros, trailing, repeats, largest);
        LastCode = chosen;
        if (chosen == NumberCode.Mixing) ModelOf(_floats, layout, l => new FloatModel(l)).Code(into, bits, shape, form);
        else if (chosen == NumberCode.Adaptive) ModelOf(_adaptiveFloats, layout, l => new AdaptiveFloatModel(l)).Code(into, bits, shape, form);
        else if (plain.IsRead) StaticFloatCode.Read(coder, plain, bits, layout, form);
        else StaticFloatCode.Write(coder, plain, bits, layout, form);
    }

    static TModel ModelOf<TModel>(Dictionary<FloatLayout, TModel> models, FloatLayout layout, Func<FloatLayout, TModel> make)
    {
        if (!models.TryGetValue(layout, out var model)) models.Add(layout, model = make(layout));
        return model;
    }

    NumberCode CodeFor(int count) => settings is null || count == 0 || count < settings.LeastNumbers ? NumberCode.Mixing : settings.Code;

    NumberCode OtherCode(NumberCode chosen) => coder.CodeRaw(chosen == NumberCode.Static ? 1u : 0, 1) != 0 ? NumberCode.Static : NumberCode.Adaptive;

    bool WriteSteps(ReadOnlySpan<float> values, IndexShape shape)
    {
        int[] multiples = new int[values.Length];
        if (StepGrid.Find(values, shape, multiples) is not var (steps, axis) || steps.Length * LeastPerStep > values.Length) return false;
        if (axis == StepAxis.All && steps[0] != 0)
        {
            int[] indices = new int[multiples.Length];
            if (TrellisChains.Find(multiples, shape, indices) is { } chains && FormTrial.Saves(chains, indices, multiples, shape))
            {
                Begin(TensorForm.Trellis);
                CodeTrellis(indices, steps[0], chains, shape);
                return true;
            }
        }

        Begin(TensorForm.Steps);
        CodeSteps(multiples, steps, shape, axis);
        return true;
    }

    void ReadTrellis(Span<float> values, IndexShape shape)
    {
        int[] multiples = new int[values.Length];
        var (step, chains) = CodeTrellis(multiples, 0, null, shape);
        // Where an index is as large as only damage makes it, its multiple wraps.
        chains.ToMultiples(multiples);
        for (int i = 0; i < values.Length; i++) values[i] = multiples[i] * step;
    }

    (float Step, TrellisChains Chains) CodeTrellis(Span<int> indices, float step, TrellisChains? chains, IndexShape shape)
    {
        step = BitConverter.UInt32BitsToSingle((uint)coder.CodeRaw(BitConverter.SingleToUInt32Bits(step), 32));
        RequireFinite(step);
        bool isAlongRows = coder.CodeRaw(chains?.IsAlongRows == true ? 1u : 0, 1) != 0;
        chains ??= new TrellisChains(shape, isAlongRows);
        if (coder.CodeRaw(chains.HasBegins ? 1u : 0, 1) != 0)
        {
            foreach (ref byte begin in chains.Begins) begin = (byte)coder.CodeRaw(begin, TrellisChains.StateBits);
        }

        CodeIndices(isWeight: true, indices, shape, chains);
        return (step, chains);
    }

    void ReadSteps(Span<float> values, IndexShape shape)
    {
        int[] multiples = new int[values.Length];
        var (steps, axis) = CodeSteps(multiples, null, shape, default);
        for (int row = 0; row < shape.Rows; row++)
        {
            for (int column = 0; column < shape.Columns; column++)
            {
                int place = row * shape.Columns + column;
                values[place] = multiples[place] * steps[axis switch { StepAxis.Row => row, StepAxis.Column => column, _ => 0 }];
            }
        }
    }

    (float[] Steps, StepAxis Axis) CodeSteps(Span<int> multiples, float[]? steps, IndexShape shape, StepAxis axis)
    {
        axis = (StepAxis)coder.CodeRaw((ulong)axis, 2);
        if (axis > StepAxis.Column) throw new PackedModelException("A tensor has steps along an axis that it has not.");
        int count = axis switch { StepAxis.Row => shape.Rows, StepAxis.Column => shape.Columns, _ => 1 };
        ulong[] bits = new ulong[count];
        for (int i = 0; i < count && steps is not null; i++) bits[i] = BitConverter.SingleToUInt32Bits(steps[i]);
        if (count == 1) bits[0] = coder.CodeRaw(bits[0], 32);
        else CodeFloats(coder, bits, new IndexShape(1, count, 1), FloatLayout.Of(ElementType.Float32)!.Value, StepForm(bits));
        float[] read = [.. bits.Select(b => BitConverter.UInt32BitsToSingle((uint)b))];
        foreach (float step in read) RequireFinite(step);
        CodeIndices(isWeight: true, multiples, shape);
        return (read, axis);
    }

    // Products with infinity and NaN are other bits on other machines.
    static void RequireFinite(float step)
    {
        if (!float.IsFinite(step)) throw new PackedModelException($"A tensor has the step {step.ToString(System.Globalization.CultureInfo.InvariantCulture)}.");
    }

    // Steps have no trailing zeros that pay and do not repeat.
    static FloatForm StepForm(ulong[] bits) => FloatForm.Of(bits, FloatLayout.Of(ElementType.Float32)!.Value) with { TrailingZeros = 0, Repeats = false };

    bool WriteCodebook(ulong[] bits, IndexShape shape, FloatLayout layout)
    {
        if (Codebook.Find(bits, layout) is not var (entries, center, distances)) return false;
        Begin(TensorForm.Codebook);
        CodeCodebook(distances, entries, center, shape, layout);
        return true;
    }

    void ReadCodebook(Span<byte> data, IndexShape shape, FloatLayout layout)
    {
        int[] places = new int[shape.Count];
        var (entries, center) = CodeCodebook(places, null, 0, shape, layout);
        ulong[] bits = new ulong[places.Length];
        for (int i = 0; i < places.Length; i++)
        {
            long place = (long)places[i] + center;
            if (place < 0 || place >= entries.Length) throw new PackedModelException($"A tensor names entry {place} of a codebook of {entries.Length}.");
            bits[i] = entries[place];
        }

        ElementBits.Write(bits, data, layout.Bytes);
    }

    (ulong[] Entries, int Center) CodeCodebook(Span<int> places, ulong[]? entries, int center, IndexShape shape, FloatLayout layout)
    {
        int count = (int)Math.Min(coder.CodeNumber((ulong)(entries?.Length ?? 0)), Codebook.MostEntries);
        center = (int)coder.CodeRaw((ulong)center, 12);
        if (count > places.Length) throw new PackedModelException($"A tensor of {places.Length} numbers has a codebook of {count}.");
        entries ??= new ulong[count];
        CodeFloats(coder, entries, new IndexShape(1, count, 1), layout, FloatForm.Of(entries, layout));
        CodeIndices(isWeight: true, places, shape);
        return (entries, center);
    }

    bool WriteIntegers(ReadOnlySpan<byte> data, TensorPart part)
    {
        long[] values = ElementBits.ReadIntegers(data, part.Type, part.Shape.Count);
        long center = Center(values);
        int[] distances = new int[values.Length];
        for (int i = 0; i < values.Length; i++)
        {
            var distance = (Int128)values[i] - center;
            if (Int128.Abs(distance) > int.MaxValue) return false;
            distances[i] = (int)distance;
        }

        if (Tensor.Bits(part.Type) == 8 && FormTrial.AreBytes(data, distances)) return false;
        Begin(TensorForm.Integers);
        CodeIntegers(distances, center, part);
        return true;
    }

    void ReadIntegers(Span<byte> data, TensorPart part)
    {
        int[] distances = new int[part.Shape.Count];
        long center = CodeIntegers(distances, 0, part);
        long[] values = new long[distances.Length];
        for (int i = 0; i < values.Length; i++) values[i] = unchecked(center + distances[i]);
        ElementBits.WriteIntegers(values, data, part.Type);
    }

    long CodeIntegers(Span<int> distances, long center, TensorPart part)
    {
        int width = Math.Max(8, Tensor.Bits(part.Type));
        ulong coded = coder.CodeRaw((ulong)center, width);
        center = (long)(coded << (64 - width)) >> (64 - width);
        CodeIndices(width <= 16, distances, part.Shape);
        return center;
    }

    void CodeIndices(bool isWeight, Span<int> values, IndexShape shape, TrellisChains? chains = null)
    {
        var chosen = CodeFor(values.Length);
        int own = IndexBits.ShiftFor(IndexBits.MeanMagnitude(values));
        int shift = (int)coder.CodeRaw(chosen == NumberCode.Mixing ? (ulong)own : OtherShift, 5);
        if (shift == OtherShift)
        {
            chosen = OtherCode(chosen);
            shift = chosen == NumberCode.Adaptive ? (int)coder.CodeRaw((ulong)own, 5) : 0;
            if (shift == OtherShift) throw new PackedModelException($"A tensor has {shift} lower bits in each number, where 30 are the most.");
        }

        LastCode = chosen;
        if (chosen == NumberCode.Mixing) (isWeight ? Weights : Numbers).Code(_numberCoder, values, shape, shift, chains);
        else if (chosen == NumberCode.Adaptive) (isWeight ? _adaptiveWeights ??= new() : _adaptiveNumbers ??= new()).Code(_numberCoder, values, shape, shift, chains);
        else if (plain.IsRead) StaticIndexCode.Read(coder, plain, values);
        else StaticIndexCode.Write(coder, plain, values);
    }

    void Begin(TensorForm form)
    {
        _form = form;
        coder.CodeRaw((ulong)form, 3);
    }

    // The most frequent number of types of a byte or less, where codes lie around a zero point; the median of others.
    static long Center(long[] values)
    {
        if (values.Length == 0) return 0;
        long least = values.Min(), most = values.Max();
        if ((Int128)most - least > 255) return values.Order().ElementAt(values.Length / 2);
        int[] counts = new int[256];
        foreach (long value in values) counts[value - least]++;
        return least + Array.IndexOf(counts, counts.Max());
    }

    static ulong Hash(ReadOnlySpan<byte> data)
    {
        ulong hash = (ulong)data.Length;
        while (data.Length >= sizeof(ulong))
        {
            hash = (hash ^ BitConverter.ToUInt64(data)) * 0x9E3779B97F4A7C15;
            hash ^= hash >> 29;
            data = data[sizeof(ulong)..];
        }

        foreach (byte value in data) hash = (hash ^ value) * 0x9E3779B97F4A7C15;
        return hash;
    }

    /// <summary>How bytes are coded.</summary>
    enum ByteForm
    {
        Mixed, Static, Plain,
    }
}
