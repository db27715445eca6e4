namespace Kneepoint.Tensors;

/// <summary>Dependent quantization: numbers of a chain are multiples of a step, and the ones before say which multiples the next may be.</summary>
/// <remarks>
/// A chain begins in state 0. In an even state a number has the multiple 2k, in an odd one 2k − sign(k), for an index k: both sets hold 0, and together every multiple. The parity of the index moves the state. So
/// an index costs the bits of a step twice as coarse, and the paths through the states lie closer than that. Source: trellis-coded quantization [Marcellin1990] by the code of 32 states of [Ungerboeck1982]; sets with a zero each as in
/// dependent quantization [Schwarz2019].
/// </remarks>
static class Trellis
{
    /// <summary>States.</summary>
    public const int States = 32;

    // The parity checks 45 and 10 in octal, without their lowest bit.
    const int FromState = 0b10010;
    const int FromParity = 0b00100;

    /// <summary>Which of two sets of multiples a state takes: 0 for even ones, 1 for odd ones and zero.</summary>
    public static int SetOf(int state) => state & 1;

    /// <summary>The state behind a number.</summary>
    /// <param name="state">The state before it.</param>
    /// <param name="index">Its index.</param>
    public static int Next(int state, int index) => (state >> 1) ^ (-(index & 1) & FromParity) ^ (-(state & 1) & FromState);

    /// <summary>Goes to the state behind a number.</summary>
    public static void Advance(ref byte state, int index) => state = (byte)Next(state, index);

    /// <summary>The multiple of an index.</summary>
    public static int Multiple(int state, int index) => 2 * index - (-(state & 1) & Math.Sign(index));

    /// <summary>The index of a multiple; null if the state has it not.</summary>
    public static int? Index(int state, int multiple)
    {
        int index = SetOf(state) == 0 ? multiple / 2 : (multiple + Math.Sign(multiple)) / 2;
        return Multiple(state, index) == multiple ? index : null;
    }
}
