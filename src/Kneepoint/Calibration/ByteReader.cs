using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Kneepoint.Calibration;

/// <summary>Reads what <see cref="ByteWriter"/> wrote, from bytes that may be damaged: no length is believed before the bytes are there.</summary>
/// <param name="bytes">Everything that was written.</param>
/// <param name="what">What the bytes should be, for sentences: "activation statistics".</param>
ref struct ByteReader(ReadOnlySpan<byte> bytes, string what)
{
    static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);
    readonly ReadOnlySpan<byte> _bytes = bytes;
    int _place;

    /// <summary>Takes the signature and the version.</summary>
    /// <exception cref="FormatException">They are others.</exception>
    public void Expect(ReadOnlySpan<byte> magic, int version)
    {
        if (!_bytes.StartsWith(magic)) throw Damage("the signature is missing");
        _place = magic.Length;
        long found = ReadCount();
        if (found != version)
        {
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The bytes are {what} of version {found}; this program reads version {version}."));
        }
    }

    /// <summary>Takes a number from zero up.</summary>
    /// <exception cref="FormatException">The bytes end, or it does not fit 63 bits.</exception>
    public long ReadCount()
    {
        ulong value = 0;
        for (int shift = 0; shift < 63; shift += 7)
        {
            byte next = Take(1)[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80) return (long)value;
        }

        throw Damage("a number is too long");
    }

    /// <summary>Takes the number of items that follow.</summary>
    /// <param name="leastBytes">The fewest bytes that an item takes.</param>
    /// <exception cref="FormatException">So many do not fit into what is left.</exception>
    public int ReadLength(int leastBytes)
    {
        long count = ReadCount();
        return count <= (_bytes.Length - _place) / leastBytes ? (int)count : throw Damage("it announces more items than fit into its bytes");
    }

    /// <summary>Takes four bytes.</summary>
    public float ReadSingle() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    /// <summary>Takes eight bytes.</summary>
    public double ReadDouble() => BinaryPrimitives.ReadDoubleLittleEndian(Take(sizeof(double)));

    /// <summary>Takes a text.</summary>
    /// <exception cref="FormatException">The bytes end or are no UTF-8.</exception>
    public string ReadText()
    {
        var text = Take(ReadLength(1));
        try
        {
            return StrictUtf8.GetString(text);
        }
        catch (DecoderFallbackException exception)
        {
            throw new FormatException(Damage("a name is no UTF-8").Message, exception);
        }
    }

    /// <summary>Makes sure that nothing follows.</summary>
    /// <exception cref="FormatException">There are more bytes.</exception>
    public readonly void ExpectEnd()
    {
        if (_place != _bytes.Length) throw Damage("bytes follow the end");
    }

    /// <summary>The exception that says what is wrong and where.</summary>
    public readonly FormatException Damage(string problem) =>
        new(string.Create(CultureInfo.InvariantCulture, $"The bytes are no {what}: at byte {_place} of {_bytes.Length}, {problem}."));

    ReadOnlySpan<byte> Take(int count)
    {
        if (count > _bytes.Length - _place) throw Damage("they end too early");
        var taken = _bytes.Slice(_place, count);
        _place += count;
        return taken;
    }
}
