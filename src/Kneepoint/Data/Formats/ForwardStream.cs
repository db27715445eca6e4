using System.Buffers;

namespace Kneepoint.Data.Formats;

/// <summary>Reads and passes over bytes; a stream that ends early or breaks becomes a <see cref="DataException"/>.</summary>
static class ForwardStream
{
    /// <summary>Fills the destination.</summary>
    /// <exception cref="DataException">The stream ends early or cannot be decompressed.</exception>
    public static void ReadExactly(Stream stream, Span<byte> destination, string name)
    {
        try
        {
            stream.ReadExactly(destination);
        }
        catch (EndOfStreamException exception)
        {
            throw new DataException($"{name} is truncated: it ends before the data that it announces.", exception);
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException)
        {
            throw new DataException($"{name} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Passes over bytes, by seeking where the stream can.</summary>
    /// <exception cref="DataException">The stream ends early or cannot be decompressed.</exception>
    public static void Skip(Stream stream, long byteCount, string name)
    {
        if (stream.CanSeek)
        {
            if (stream.Length - stream.Position < byteCount) throw new DataException($"{name} is truncated: it ends before the data that it announces.");
            stream.Seek(byteCount, SeekOrigin.Current);
            return;
        }

        byte[] scratch = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            for (long left = byteCount; left > 0;)
            {
                int count = (int)Math.Min(left, scratch.Length);
                ReadExactly(stream, scratch.AsSpan(0, count), name);
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }
}
