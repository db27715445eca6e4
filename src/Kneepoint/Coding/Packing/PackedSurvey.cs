using System.Collections.Immutable;
using System.Diagnostics;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Graph;

namespace Kneepoint.Coding.Packing;

/// <summary>Takes down, while a packed file is opened, where its bytes and bits go.</summary>
sealed class PackedSurvey
{
    readonly List<PackedSection> _groups = [];
    readonly List<List<PackedPart>> _parts = [];
    IReadOnlyList<TensorCut> _tensors = [];
    PackedHeader _header;
    PackedSection _graph = new(0, 0);
    BitMeter? _side;
    BitMeter? _numbers;
    PlainBytes? _plain;
    long _headerBytes;
    long _position;
    double _sideBits;
    double _numberBits;

    /// <summary>Takes the header down.</summary>
    public void TakeHeader(PackedHeader header, long position) => (_header, _headerBytes, _position) = (header, position, position);

    /// <summary>Takes the graph down.</summary>
    /// <param name="position">Behind its section.</param>
    public void TakeGraph(long position) => (_graph, _position) = (new PackedSection(_header.GraphBytes, position - _position), position);

    /// <summary>Takes down which tensors will come.</summary>
    public void TakeTensors(IReadOnlyList<TensorCut> tensors) => _tensors = tensors;

    /// <summary>Begins a group.</summary>
    /// <param name="reader">Reads its section.</param>
    /// <param name="plain">The bytes of its section that no arithmetic code holds.</param>
    /// <param name="position">Behind its section.</param>
    /// <returns>Reads the group's parts, and measures.</returns>
    public TensorCodec BeginGroup(IBitCoder reader, PlainBytes plain, long position)
    {
        _groups.Add(new PackedSection(0, position - _position));
        _position = position;
        (_side, _numbers, _plain, _sideBits, _numberBits) = (new BitMeter(reader), new BitMeter(reader), plain, 0, 0);
        return new TensorCodec(_side, plain, numbers: _numbers);
    }

    /// <summary>Takes a part down that was just read.</summary>
    public void TakePart(TensorPart part, TensorForm form, NumberCode code)
    {
        Debug.Assert(_side is not null && _numbers is not null && _plain is not null, "A group has begun.");
        double numberBits = _numbers.TotalBits + 8.0 * _plain.Count;
        if (_parts.Count == 0 || part.Offset >= _tensors[_parts.Count - 1].Offset + _tensors[_parts.Count - 1].Length) _parts.Add([]);
        _parts[^1].Add(new PackedPart(_groups.Count - 1, form, code, part.Bytes, part.Shape.Count, numberBits - _numberBits, _side.TotalBits - _sideBits));
        _groups[^1] = _groups[^1] with { ModelBytes = _groups[^1].ModelBytes + part.Bytes };
        (_sideBits, _numberBits) = (_side.TotalBits, numberBits);
    }

    /// <summary>All that was taken down.</summary>
    /// <param name="model">What came out.</param>
    public PackedContents Contents(byte[] model)
    {
        var names = TensorNames.Of(model);
        var tensors = _tensors.Zip(_parts, (cut, parts) => new PackedTensor(names.GetValueOrDefault(cut.Offset, ""), cut.Type, cut.Dimensions, cut.Offset, [.. parts]));
        return new PackedContents(PackedHeader.Version, _headerBytes, _graph, [.. _groups], [.. tensors], model);
    }
}
