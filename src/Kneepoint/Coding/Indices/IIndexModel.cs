using Kneepoint.Coding.Entropy;

namespace Kneepoint.Coding.Indices;

/// <summary>Predicts whole numbers of a plane one after the other, and learns from each.</summary>
interface IIndexModel
{
    /// <summary>Carries a tensor.</summary>
    /// <param name="coder">Writes, reads or counts.</param>
    /// <param name="values">The numbers, row by row; a reader fills them.</param>
    /// <param name="shape">Their plane.</param>
    /// <param name="shift">Lower bits of a magnitude (<see cref="IndexBits.ShiftFor"/>).</param>
    /// <param name="chains">The chains whose indices the numbers are; null where they are no indices of a trellis.</param>
    void Code(IBitCoder coder, Span<int> values, IndexShape shape, int shift, TrellisChains? chains = null);
}
