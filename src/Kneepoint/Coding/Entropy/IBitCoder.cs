namespace Kneepoint.Coding.Entropy;

/// <summary>Carries bits of stated probabilities: writes them, reads them, or only counts what they would cost.</summary>
/// <remarks>A model is written once against this interface and runs in all three directions, so a reader cannot drift from its writer.</remarks>
interface IBitCoder
{
    /// <summary>Carries one bit.</summary>
    /// <param name="bit">0 or 1; a reader ignores it.</param>
    /// <param name="probability">That the bit is 1, in units of 2⁻¹⁶, from 1 to 65,535.</param>
    /// <returns>The bit: as given, or as read.</returns>
    int Code(int bit, uint probability);

    /// <summary>Carries up to 16 bits that nothing predicts, at once.</summary>
    /// <param name="value">The bits, below 2^<paramref name="bits"/>; a reader ignores it.</param>
    /// <param name="bits">How many, 0 to 16.</param>
    /// <returns>The bits: as given, or as read.</returns>
    uint CodeEqual(uint value, int bits);
}
