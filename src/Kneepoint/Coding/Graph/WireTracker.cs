using Kneepoint.Onnx;

namespace Kneepoint.Coding.Graph;

/// <summary>Follows the wire format of a model byte by byte, and knows where it is: for the model of its bytes, and to leave out the data of tensors.</summary>
/// <remarks>
/// Writer and reader each run one over the same bytes, so nothing about the places of tensors has to be stored. It never fails: what is no model is followed
/// in some way, by both in the same.
/// </remarks>
sealed class WireTracker
{
    const int MostLevels = 100;
    const int MostDimensions = 8;
    const int LeastCutBytes = 64;
    const int HighestField = 64;
    const int Remembered = 64;

    readonly Stack<(WireMessage Kind, long End)> _outer = new();
    readonly Dictionary<int, byte[]> _last = [];
    readonly byte[] _leaf = new byte[Remembered];
    readonly List<long> _dimensions = [];
    WireMessage _kind = WireMessage.Model;
    long _end = long.MaxValue;
    ulong _number;
    int _shift;
    long _left;
    long _dataType;

    /// <summary>What the next byte is a part of.</summary>
    public enum Phase
    {
        /// <summary>The number and type of a field.</summary>
        Tag,

        /// <summary>A whole number.</summary>
        Number,

        /// <summary>The length of what follows.</summary>
        Length,

        /// <summary>A number of fixed width.</summary>
        Fixed,

        /// <summary>Text, or a list of numbers.</summary>
        Leaf,
    }

    /// <summary>The place of the next byte in the model, tensors counted.</summary>
    public long Position { get; private set; }

    /// <summary>What the next byte is a part of.</summary>
    public Phase In { get; private set; }

    /// <summary>The message around the next byte.</summary>
    public WireMessage Kind => _kind;

    /// <summary>The field around the next byte; 0 at a tag.</summary>
    public int Field { get; private set; }

    /// <summary>How many bytes of the field came before.</summary>
    public int Index { get; private set; }

    /// <summary>A number for the operator of the node last named.</summary>
    public uint Operator { get; private set; }

    /// <summary>A number for the name of the attribute last named.</summary>
    public uint Attribute { get; private set; }

    /// <summary>The field before this one in the same message.</summary>
    public int PreviousField { get; private set; }

    /// <summary>A number for what the leaf holds so far.</summary>
    public uint LeafHash { get; private set; }

    /// <summary>The byte at this place of the last leaf in the same field of the same message; −1 if there is none.</summary>
    public int SameFieldByte => LastByte(_kind, Field);

    /// <summary>For the input of a node, the byte at this place of the output last named; −1 if there is none.</summary>
    public int OutputByte => _kind == WireMessage.Node && Field == 1 ? LastByte(WireMessage.Node, 2) : -1;

    /// <summary>Takes the next byte.</summary>
    /// <returns>The data that follows it and is left out, or null.</returns>
    public TensorCut? Take(byte value)
    {
        Position++;
        TensorCut? cut = null;
        switch (In)
        {
            case Phase.Tag:
                if (Continues(value)) break;
                Begin();
                break;
            case Phase.Number:
                Index++;
                if (Continues(value)) break;
                Note((long)_number);
                Next();
                break;
            case Phase.Length:
                Index++;
                if (Continues(value)) break;
                cut = Enter((long)Math.Min(_number, long.MaxValue / 2));
                break;
            case Phase.Fixed:
                Index++;
                if (--_left == 0) Next();
                break;
            default:
                TakeLeaf(value);
                break;
        }

        while (_outer.Count > 0 && Position >= _end && In == Phase.Tag && _shift == 0)
        {
            PreviousField = 0;
            (_kind, _end) = _outer.Pop();
        }

        return cut;
    }

    int LastByte(WireMessage kind, int field) =>
        In == Phase.Leaf && _last.TryGetValue(Key(kind, field), out byte[]? last) ? Index < last.Length ? last[Index] : 256 : -1;

    static int Key(WireMessage kind, int field) => ((int)kind << 16) | field;

    bool Continues(byte value)
    {
        if (_shift < 64) _number |= (ulong)(value & 0x7F) << _shift;
        _shift += 7;
        if (value >= 0x80 && _shift < 70) return true;
        _shift = 0;
        return false;
    }

    void Begin()
    {
        int wireType = (int)(_number & 7);
        Field = (int)Math.Min(_number >> 3, 0xFFFF);
        Index = 0;
        _number = 0;
        In = wireType switch { 0 => Phase.Number, 1 or 5 => Phase.Fixed, 2 => Phase.Length, _ => Phase.Tag };
        _left = wireType == 1 ? 8 : 4;
        if (In == Phase.Tag) Next();
    }

    void Next()
    {
        In = Phase.Tag;
        PreviousField = Field;
        Field = 0;
        Index = 0;
        _number = 0;
    }

    TensorCut? Enter(long length)
    {
        _number = 0;
        var inner = WireMessages.Inside(_kind, Field);
        if (inner != WireMessage.None && _outer.Count < MostLevels)
        {
            _outer.Push((_kind, _end));
            _kind = inner;
            _end = Position + length;
            if (inner == WireMessage.Tensor)
            {
                _dimensions.Clear();
                _dataType = 0;
            }

            Next();
            PreviousField = 0;
            return null;
        }

        if (_kind == WireMessage.Tensor && Field is 4 or 9 or 10 && length >= LeastCutBytes)
        {
            int type = Field switch { 4 => (int)Tensors.ElementType.Float32, 10 => (int)Tensors.ElementType.Float64, _ => (int)Math.Clamp(_dataType, 0, int.MaxValue) };
            var cut = new TensorCut(Position, length, (Tensors.ElementType)type, _dimensions.Count > MostDimensions ? [] : [.. _dimensions]);
            Position += length;
            Next();
            return cut;
        }

        Index = 0;
        LeafHash = 0;
        _left = length;
        if (length == 0)
        {
            Remember(0);
            Next();
        }
        else
        {
            In = Phase.Leaf;
        }

        return null;
    }

    void TakeLeaf(byte value)
    {
        if (Index < Remembered) _leaf[Index] = value;
        Index++;
        LeafHash = (LeafHash + value + 1) * 0x2F0B4C47;
        // A packed list of dimensions.
        if (_kind == WireMessage.Tensor && Field == 1 && !Continues(value))
        {
            Note((long)_number);
            _number = 0;
        }

        if (--_left > 0) return;
        _shift = 0;
        Remember(Math.Min(Index, Remembered));
        Next();
    }

    void Remember(int length)
    {
        if (Field > HighestField) return;
        _last[Key(_kind, Field)] = _leaf[..length];
        if (_kind == WireMessage.Node && Field == 4) Operator = LeafHash;
        if (_kind == WireMessage.Attribute && Field == 1) Attribute = LeafHash;
    }

    void Note(long number)
    {
        if (_kind != WireMessage.Tensor) return;
        if (Field == 1 && _dimensions.Count <= MostDimensions) _dimensions.Add(number);
        if (Field == 2) _dataType = number;
    }
}
