namespace Kneepoint.Coding.Entropy;

/// <summary>Counts what the bits that pass through to another coder cost.</summary>
sealed class BitMeter(IBitCoder coder) : IBitCoder
{
    const double All = 65536;

    /// <summary>The sum of −log₂ of the probabilities of all bits so far.</summary>
    public double TotalBits { get; private set; }

    /// <inheritdoc/>
    public int Code(int bit, uint probability)
    {
        bit = coder.Code(bit, probability);
        TotalBits -= Math.Log2((bit != 0 ? probability : All - probability) / All);
        return bit;
    }

    /// <inheritdoc/>
    public uint CodeEqual(uint value, int bits)
    {
        TotalBits += bits;
        return coder.CodeEqual(value, bits);
    }
}
