using System.Buffers;
using System.Globalization;

namespace Kneepoint.Data.Tables;

/// <summary>Bytes from a pool, given back once.</summary>
readonly record struct PooledText(byte[] Buffer, int Length)
{
    /// <summary>The bytes in use.</summary>
    public ReadOnlySpan<byte> Span => Buffer.AsSpan(0, Length);

    /// <summary>Gives the bytes back; nobody may read them any more.</summary>
    public void Return() => ArrayPool<byte>.Shared.Return(Buffer);
}

/// <summary>Cuts a stream of CSV text into blocks of whole records.</summary>
/// <remarks>A line end within quotes ends no record. What follows the last line end of a block moves to the next one.</remarks>
sealed class TableText(Stream stream, string name, int blockBytes, int mostRecordBytes)
{
    byte[] _rest = [];
    bool _isEnd;

    /// <summary>The current block.</summary>
    public PooledText Block { get; private set; }

    /// <summary>Bytes taken from the stream so far.</summary>
    public long BytesRead { get; private set; }

    /// <summary>Gives the current block away; the receiver returns it.</summary>
    public PooledText Detach()
    {
        var block = Block;
        Block = default;
        return block;
    }

    /// <summary>Reads the next block; false at the end.</summary>
    /// <exception cref="DataException">A record is too long.</exception>
    public bool Next()
    {
        if (_isEnd && _rest.Length == 0) return false;
        byte[] buffer = ArrayPool<byte>.Shared.Rent(_rest.Length + blockBytes);
        _rest.CopyTo(buffer, 0);
        int length = _rest.Length;
        while (true)
        {
            int read = _isEnd ? 0 : stream.ReadAtLeast(buffer.AsSpan(length), buffer.Length - length, throwOnEndOfStream: false);
            _isEnd |= length + read < buffer.Length;
            BytesRead += read;
            length += read;
            int end = _isEnd ? length : LastRecordEnd(buffer.AsSpan(0, length));
            if (end > 0 || _isEnd)
            {
                _rest = buffer.AsSpan(end, length - end).ToArray();
                Block = new PooledText(buffer, end);
                return end > 0;
            }

            if (length >= mostRecordBytes)
            {
                throw new DataException(string.Create(CultureInfo.InvariantCulture,
                    $"{name}: expected records of at most {mostRecordBytes} bytes, found a longer one (is a quote never closed?)."));
            }

            byte[] larger = ArrayPool<byte>.Shared.Rent(2 * buffer.Length);
            buffer.AsSpan(0, length).CopyTo(larger);
            ArrayPool<byte>.Shared.Return(buffer);
            buffer = larger;
        }
    }

    // Blocks begin with a record, so quotes are counted from there.
    static int LastRecordEnd(ReadOnlySpan<byte> text)
    {
        if (!text.Contains((byte)'"')) return text.LastIndexOf((byte)'\n') + 1;
        int end = 0, at = 0;
        bool isQuoted = false;
        while (true)
        {
            int next = isQuoted ? text[at..].IndexOf((byte)'"') : text[at..].IndexOfAny((byte)'"', (byte)'\n');
            if (next < 0) return end;
            at += next;
            if (text[at] == '"') isQuoted = !isQuoted;
            else end = at + 1;
            at++;
        }
    }
}
