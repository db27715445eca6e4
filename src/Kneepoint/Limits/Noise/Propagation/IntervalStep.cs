namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>One operator on intervals. Its result contains what the operator gives, in real arithmetic, for all inputs and weights within theirs.</summary>
/// <remarks>Steps hold no state of a run, so that runs may go on at once.</remarks>
abstract class IntervalStep
{
    /// <summary>Computes the result.</summary>
    /// <param name="inputs">In the order of the operator; not changed, but the result may be one of them.</param>
    /// <param name="box">How far weights may be off.</param>
    public abstract Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box);
}
