using System.Globalization;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>Reads the dictionary of an NPY header: {'descr': '&lt;f4', 'fortran_order': False, 'shape': (10, 3), }.</summary>
/// <remarks>Strict: exactly these three keys, each once, in any order. Source: NumPy's description of the NPY format.</remarks>
ref struct NpyDictionary
{
    readonly ReadOnlySpan<char> _text;
    readonly string _name;
    int _position;

    NpyDictionary(ReadOnlySpan<char> text, string name)
    {
        _text = text;
        _name = name;
    }

    /// <summary>Parses the text of a header.</summary>
    /// <exception cref="DataException">The text is not such a dictionary, or its type or order is not supported.</exception>
    public static ArrayHeader Parse(string text, string name, long headerBytes)
    {
        var parser = new NpyDictionary(text, name);
        string? descr = null;
        bool? isFortran = null;
        List<long>? shape = null;
        parser.Expect('{');
        while (!parser.TryTake('}'))
        {
            string key = parser.Quoted();
            parser.Expect(':');
            switch (key)
            {
                case "descr" when descr is null: descr = parser.Quoted(); break;
                case "fortran_order" when isFortran is null: isFortran = parser.Boolean(); break;
                case "shape" when shape is null: shape = parser.Tuple(); break;
                default: throw parser.Malformed($"the key '{key}' is unknown or stands twice");
            }

            if (parser.TryTake(',')) continue;
            parser.Expect('}');
            break;
        }

        parser.End();
        if (descr is null || isFortran is null || shape is null) throw parser.Malformed("one of descr, fortran_order and shape is missing");
        if (isFortran.Value && shape.Count > 1)
        {
            throw new DataException($"{name} is stored in Fortran order: samples must lie one after the other. Save it with numpy.ascontiguousarray.");
        }

        var (elementType, isBigEndian) = Type(descr, name);
        return new ArrayHeader(elementType, isBigEndian, shape, headerBytes);
    }

    static (ElementType, bool) Type(string descr, string name)
    {
        var type = descr.Length < 3 ? ElementType.Undefined : descr[1..] switch
        {
            "b1" => ElementType.Bool,
            "u1" => ElementType.UInt8,
            "i1" => ElementType.Int8,
            "u2" => ElementType.UInt16,
            "i2" => ElementType.Int16,
            "u4" => ElementType.UInt32,
            "i4" => ElementType.Int32,
            "u8" => ElementType.UInt64,
            "i8" => ElementType.Int64,
            "f2" => ElementType.Float16,
            "f4" => ElementType.Float32,
            "f8" => ElementType.Float64,
            _ => ElementType.Undefined,
        };
        bool isOrdered = descr.Length > 0 && (descr[0] is '<' or '>' || (descr[0] == '|' && Tensor.Bits(type) == 8));
        return type != ElementType.Undefined && isOrdered
            ? (type, descr[0] == '>')
            : throw new DataException($"{name} holds elements of type '{descr}': expected numbers such as '<f4', '|u1' or '<i8'.");
    }

    char Peek()
    {
        while (_position < _text.Length && _text[_position] is ' ' or '\n' or '\t' or '\r') _position++;
        return _position < _text.Length ? _text[_position] : '\0';
    }

    bool TryTake(char character)
    {
        if (Peek() != character || character == '\0') return false;
        _position++;
        return true;
    }

    void Expect(char character)
    {
        if (!TryTake(character)) throw Malformed($"expected '{character}' at character {_position}");
    }

    string Quoted()
    {
        char quote = Peek() is '\'' or '"' ? _text[_position++] : throw Malformed($"expected a quoted word at character {_position}");
        int length = _text[_position..].IndexOf(quote);
        if (length is < 0 or > 64) throw Malformed("a quoted word does not end");
        string word = _text.Slice(_position, length).ToString();
        _position += length + 1;
        return word;
    }

    bool Boolean()
    {
        Peek();
        var rest = _text[_position..];
        bool value = rest.StartsWith("True", StringComparison.Ordinal);
        if (!value && !rest.StartsWith("False", StringComparison.Ordinal)) throw Malformed("fortran_order is neither True nor False");
        _position += value ? 4 : 5;
        return value;
    }

    List<long> Tuple()
    {
        var values = new List<long>();
        Expect('(');
        while (!TryTake(')'))
        {
            Peek();
            int length = 0;
            while (_position + length < _text.Length && char.IsAsciiDigit(_text[_position + length])) length++;
            if (!long.TryParse(_text.Slice(_position, length), NumberStyles.None, CultureInfo.InvariantCulture, out long value))
            {
                throw Malformed($"expected a size at character {_position}");
            }

            if (values.Count == 32) throw Malformed("there are more than 32 dimensions");
            values.Add(value);
            _position += length;
            TryTake('L');
            if (TryTake(',')) continue;
            Expect(')');
            break;
        }

        return values;
    }

    void End()
    {
        if (Peek() != '\0' || _position < _text.Length) throw Malformed($"there is more at character {_position}");
    }

    readonly DataException Malformed(string what) => new($"{_name} has a malformed NPY header: {what}.");
}
