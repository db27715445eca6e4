using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Kneepoint.Coding.Entropy;

/// <summary>A binary arithmetic coder that writes.</summary>
/// <remarks>
/// The interval is 64 bits wide and loses 32 of them at once, so that a bit costs what its probability says to within 2⁻³² of itself. A carry runs back into the bytes
/// that were written already. Source: [Martin1979]; the renormalization by words is that of range coders since [Schindler1998].
/// </remarks>
sealed class BitWriter : IBitCoder
{
    byte[] _bytes;
    int _length;
    ulong _low;
    ulong _range = ulong.MaxValue;

    /// <summary>An empty stream.</summary>
    /// <param name="capacityBytes">Room that is taken at once; more is taken as needed.</param>
    public BitWriter(int capacityBytes = 256) => _bytes = new byte[Math.Max(capacityBytes, 16)];

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Code(int bit, uint probability)
    {
        ulong bound = (_range >> 16) * probability;
        if (bit != 0)
        {
            _range = bound;
        }
        else
        {
            _low += bound;
            if (_low < bound) Carry();
            _range -= bound;
        }

        Renew();
        return bit;
    }

    /// <inheritdoc/>
    public uint CodeEqual(uint value, int bits)
    {
        _range >>= bits;
        ulong below = value * _range;
        _low += below;
        if (_low < below) Carry();
        Renew();
        return value;
    }

    /// <summary>Ends the stream and returns it.</summary>
    /// <remarks>Of all numbers in the last interval the one with the fewest bytes is written; the reader takes zeros behind the end.</remarks>
    public byte[] End()
    {
        End(followed: false);
        while (_length > 0 && _bytes[_length - 1] == 0) _length--;
        return _bytes[.._length];
    }

    /// <summary>Ends the stream and returns it, so that it may be followed by any bytes.</summary>
    public byte[] EndBefore()
    {
        End(followed: true);
        return _bytes[.._length];
    }

    // The fewest bytes of which every continuation, or that by zeros, lies in the last interval.
    void End(bool followed)
    {
        for (int kept = 0; kept <= 8; kept++)
        {
            ulong mask = kept == 0 ? ulong.MaxValue : kept == 8 ? 0 : ulong.MaxValue >> (kept * 8);
            ulong value = unchecked(_low + mask) & ~mask;
            ulong last = unchecked(value - _low) + (followed ? mask : 0);
            if (unchecked(value - _low) >= _range || last < (followed ? mask : 0) || last >= _range) continue;
            if (value < _low) Carry();
            Write((uint)(value >> 32));
            Write((uint)value);
            _length -= 8 - kept;
            return;
        }
    }

    void Renew()
    {
        if (_range >= 1UL << 32) return;
        Write((uint)(_low >> 32));
        _low <<= 32;
        _range <<= 32;
    }

    void Write(uint word)
    {
        if (_length + sizeof(uint) > _bytes.Length) Array.Resize(ref _bytes, _bytes.Length * 2);
        BinaryPrimitives.WriteUInt32BigEndian(_bytes.AsSpan(_length), word);
        _length += sizeof(uint);
    }

    void Carry()
    {
        int place = _length - 1;
        while (++_bytes[place] == 0) place--;
    }
}
