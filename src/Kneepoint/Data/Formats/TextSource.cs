using System.Runtime.InteropServices;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>A text cut into rows of tokens for a language model: sample i holds tokens i·T to i·T + T − 1 and, as targets, the token after each.</summary>
/// <remarks>What is left at the end is dropped. The text is read forwards and never held whole.</remarks>
sealed class TextSource : ISampleSource
{
    readonly string _file;
    readonly Vocabulary? _vocabulary;
    readonly int _length;

    /// <summary>Opens a text: reads it once to count and check its tokens.</summary>
    /// <param name="file">UTF-8 where there is a vocabulary, any bytes otherwise.</param>
    /// <param name="vocabulary">Tokens of characters; null makes each byte its own token.</param>
    /// <param name="length">T, tokens of a sample.</param>
    /// <exception cref="DataException">The text is shorter than T + 1 tokens, or holds a character outside the vocabulary.</exception>
    public TextSource(string file, Vocabulary? vocabulary, int length)
    {
        _file = file;
        _vocabulary = vocabulary;
        _length = length;
        Name = Path.GetFileName(file);
        Fields =
        [
            new SampleField("ids", FieldKind.Array, ElementType.Int64, [length]),
            new SampleField("next", FieldKind.Array, ElementType.Int64, [length]),
        ];
        long tokens = 0;
        using (var stream = new TokenStream(file, vocabulary))
        {
            while (stream.Read() >= 0) tokens++;
        }

        Count = (tokens - 1) / length;
        if (tokens <= length) throw new DataException($"'{file}' holds {tokens} tokens: expected at least {length + 1} for one row of {length} and the token after it.");
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SampleField> Fields { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => [];

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => null;

    /// <inheritdoc/>
    public ISampleReader Open() => new Reader(this);

    /// <inheritdoc/>
    public string Place(long index) => $"{Name}, tokens from {index * _length}";

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    sealed class Reader : ISampleReader
    {
        readonly TextSource _source;
        readonly TokenStream _tokens;
        long _token;
        long _next;

        public Reader(TextSource source)
        {
            _source = source;
            _tokens = new TokenStream(source._file, source._vocabulary);
            _token = _tokens.Read();
        }

        public void Skip(long count)
        {
            for (long i = 0; i < count * _source._length; i++) _token = _tokens.Read();
            _next += count;
        }

        public void Read(SampleBlock block)
        {
            block.Begin(_next++);
            var ids = MemoryMarshal.Cast<byte, long>(block.Append(0, sizeof(long) * _source._length));
            var next = MemoryMarshal.Cast<byte, long>(block.Append(1, sizeof(long) * _source._length));
            for (int i = 0; i < ids.Length; i++)
            {
                ids[i] = _token;
                _token = _tokens.Read();
                if (_token < 0) throw new DataException($"'{_source._file}' has changed: it ends early.");
                next[i] = _token;
            }
        }

        public void Dispose() => _tokens.Dispose();
    }
}
