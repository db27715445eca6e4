using System.Text;

namespace Kneepoint.Data.Formats;

/// <summary>The tokens of a text, one after the other.</summary>
sealed class TokenStream : IDisposable
{
    readonly string _name;
    readonly Vocabulary? _vocabulary;
    readonly Stream _stream;
    readonly StreamReader? _reader;
    readonly char[] _chars = new char[16 * 1024];
    int _position;
    int _filled;
    long _line = 1;

    /// <summary>Opens a text, through gzip if it is compressed.</summary>
    public TokenStream(string file, Vocabulary? vocabulary)
    {
        _name = Path.GetFileName(file);
        _vocabulary = vocabulary;
        _stream = Files.OpenMaybeGzip(file, out _);
        if (vocabulary is not null) _reader = new StreamReader(_stream, new UTF8Encoding(false, throwOnInvalidBytes: true));
    }

    /// <summary>The next token; −1 at the end.</summary>
    /// <exception cref="DataException">The text is not UTF-8, or holds a character outside the vocabulary.</exception>
    public long Read()
    {
        try
        {
            return _reader is null ? _stream.ReadByte() : ReadCharacter();
        }
        catch (Exception exception) when (exception is DecoderFallbackException or InvalidDataException or IOException)
        {
            throw new DataException($"{_name}, line {_line} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Closes the text.</summary>
    public void Dispose()
    {
        _reader?.Dispose();
        _stream.Dispose();
    }

    long ReadCharacter()
    {
        int first = Next();
        if (first < 0) return -1;
        int scalar = char.IsHighSurrogate((char)first) ? char.ConvertToUtf32((char)first, (char)Next()) : first;
        if (scalar == '\n') _line++;
        long token = _vocabulary![scalar];
        return token >= 0 ? token : throw new DataException(
            $"{_name}, line {_line}: the vocabulary has no token for '{char.ConvertFromUtf32(scalar)}' (U+{scalar:X4}). Say 'unknown' under 'text' to allow such characters.");
    }

    int Next()
    {
        if (_position == _filled)
        {
            _filled = _reader!.Read(_chars);
            _position = 0;
            if (_filled == 0) return -1;
        }

        return _chars[_position++];
    }
}
