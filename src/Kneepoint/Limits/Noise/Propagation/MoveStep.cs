namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>Moves elements and changes none: Transpose, Slice, Pad and Concat.</summary>
/// <param name="sources">For each element of the result the one of the inputs laid end to end, or −1 for <paramref name="filling"/>.</param>
/// <param name="filling">What padding holds.</param>
sealed class MoveStep(int[] sources, double filling = 0) : IntervalStep
{
    public override Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box)
    {
        var result = new Intervals(sources.Length);
        for (int i = 0; i < sources.Length; i++)
        {
            int source = sources[i], part = 0;
            if (source < 0)
            {
                result.Center[i] = filling;
                continue;
            }

            while (source >= inputs[part].Count) source -= inputs[part++].Count;
            result.Copy(i, inputs[part], source);
        }

        return result;
    }
}
