using System.Globalization;

namespace Kneepoint.Coding.Packing;

/// <summary>The bytes of a section behind its arithmetic code: what is not coded bit by bit. The first block is the last of the section, the second stands before it, and so on.</summary>
/// <remarks>So the code before them needs no stated length: it reads into them without harm.</remarks>
sealed class PlainBytes
{
    readonly List<byte[]> _written = [];
    readonly ReadOnlyMemory<byte> _section;
    int _left;

    /// <summary>Whether they are read, not written.</summary>
    public bool IsRead { get; }

    /// <summary>To write.</summary>
    public PlainBytes()
    {
    }

    /// <summary>To read.</summary>
    /// <param name="section">All bytes of the section.</param>
    public PlainBytes(ReadOnlyMemory<byte> section) => (_section, _left, IsRead) = (section, section.Length, true);

    /// <summary>How many bytes were written or read.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a block.</summary>
    public void Add(byte[] block)
    {
        _written.Add(block);
        Count += block.Length;
    }

    /// <summary>Takes the next block.</summary>
    /// <exception cref="PackedModelException">There are not so many bytes.</exception>
    public ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_left) throw new PackedModelException(string.Create(CultureInfo.InvariantCulture, $"A tensor announces {count} bytes in a section that has {_left}."));
        _left -= (int)count;
        Count += (long)count;
        return _section.Span.Slice(_left, (int)count);
    }

    /// <summary>The whole section.</summary>
    /// <param name="writer">Wrote the arithmetic code; it is ended.</param>
    public byte[] Section(Entropy.BitWriter writer)
    {
        if (_written.Count == 0) return writer.End();
        byte[] code = writer.EndBefore(), section = new byte[code.Length + Count];
        code.CopyTo(section, 0);
        int end = section.Length;
        foreach (byte[] block in _written) block.CopyTo(section, end -= block.Length);
        return section;
    }
}
