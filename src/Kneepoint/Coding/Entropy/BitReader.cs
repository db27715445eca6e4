using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kneepoint.Coding.Entropy;

/// <summary>Reads what a <see cref="BitWriter"/> wrote.</summary>
/// <remarks>Behind the end it reads zeros, so it never fails: what it reads from damaged bytes is noise of a bounded length, because its caller knows how many bits there are.</remarks>
sealed class BitReader : IBitCoder
{
    readonly ReadOnlyMemory<byte> _bytes;
    int _place;
    ulong _code;
    ulong _range = ulong.MaxValue;

    /// <summary>Begins to read.</summary>
    public BitReader(ReadOnlyMemory<byte> bytes)
    {
        _bytes = bytes;
        _code = ((ulong)Next() << 32) | Next();
    }

    /// <summary>Reads one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Code(int bit, uint probability)
    {
        ulong bound = (_range >> 16) * probability;
        if (_code < bound)
        {
            _range = bound;
            bit = 1;
        }
        else
        {
            _code -= bound;
            _range -= bound;
            bit = 0;
        }

        Renew();
        return bit;
    }

    /// <summary>Reads bits that nothing predicts.</summary>
    public uint CodeEqual(uint value, int bits)
    {
        _range >>= bits;
        // Damaged bytes may lie behind the last of the equal parts.
        value = (uint)Math.Min(_code / _range, (1UL << bits) - 1);
        _code -= value * _range;
        Renew();
        return value;
    }

    void Renew()
    {
        if (_range >= 1UL << 32) return;
        _code = (_code << 32) | Next();
        _range <<= 32;
    }

    uint Next()
    {
        var rest = _bytes.Span[_place..];
        _place = Math.Min(_place + sizeof(uint), _bytes.Length);
        if (rest.Length >= sizeof(uint)) return BinaryPrimitives.ReadUInt32BigEndian(rest);
        uint word = 0;
        for (int i = 0; i < sizeof(uint); i++) word = (word << 8) | (i < rest.Length ? rest[i] : 0u);
        return word;
    }
}
