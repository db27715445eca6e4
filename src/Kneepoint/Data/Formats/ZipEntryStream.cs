using System.IO.Compression;

namespace Kneepoint.Data.Formats;

/// <summary>Reads one entry of an archive forwards and closes the archive with it.</summary>
sealed class ZipEntryStream : Stream
{
    readonly ZipArchive _archive;
    readonly BufferedStream _entry;

    /// <summary>Opens an entry that exists.</summary>
    public ZipEntryStream(string archive, string entry)
    {
        _archive = Files.OpenZip(archive);
        try
        {
            _entry = new BufferedStream(_archive.GetEntry(entry)!.Open(), 64 * 1024);
        }
        catch
        {
            _archive.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => _entry.Read(buffer, offset, count);

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer) => _entry.Read(buffer);

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _entry.Dispose();
            _archive.Dispose();
        }

        base.Dispose(disposing);
    }
}
