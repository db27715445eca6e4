namespace Kneepoint.Coding.Entropy;

/// <summary>Carries bits nowhere: for a model that only learns, and, inside a <see cref="BitMeter"/>, for one whose cost alone is asked for.</summary>
sealed class NoCoder : IBitCoder
{
    /// <inheritdoc/>
    public int Code(int bit, uint probability) => bit;

    /// <inheritdoc/>
    public uint CodeEqual(uint value, int bits) => value;
}
