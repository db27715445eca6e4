namespace Kneepoint.Coding.Entropy;

/// <summary>Counts what bits would cost, and writes nothing.</summary>
sealed class BitCost : IBitCoder
{
    const int Shift = 4;
    static readonly float[] Bits = MakeTable();

    /// <summary>The sum of −log₂ of the probabilities of all bits so far.</summary>
    public double TotalBits { get; private set; }

    /// <inheritdoc/>
    public int Code(int bit, uint probability)
    {
        TotalBits += Bits[(bit != 0 ? probability : 65536 - probability) >> Shift];
        return bit;
    }

    static float[] MakeTable()
    {
        float[] bits = new float[(65536 >> Shift) + 1];
        for (int i = 0; i < bits.Length; i++) bits[i] = -(float)Math.Log2((i + 0.5) * (1 << Shift) / 65536);
        bits[^1] = 0;
        return bits;
    }
}
