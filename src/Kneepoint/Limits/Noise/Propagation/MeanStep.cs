namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>The mean or the sum over whole axes.</summary>
/// <remarks>c = Σc ÷ n, r = (Σr + γ_(n+2)·Σ|c|) ÷ n, taken up; n is 1 for a sum.</remarks>
/// <param name="targets">For each element of the input the one of the result.</param>
/// <param name="count">Elements of the result; each has as many of the input.</param>
/// <param name="isMean">Whether the sums are divided.</param>
sealed class MeanStep(int[] targets, int count, bool isMean) : IntervalStep
{
    public override Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box)
    {
        var x = inputs[0];
        var result = new Intervals(count);
        int summed = targets.Length / count, divisor = isMean ? summed : 1;
        double gamma = Outward.Gamma(summed + 2);
        for (int k = 0; k < targets.Length; k++)
        {
            result.Center[targets[k]] += x.Center[k];
            result.Radius[targets[k]] += x.Radius[k] + gamma * Math.Abs(x.Center[k]);
        }

        for (int i = 0; i < count; i++)
        {
            result.Center[i] /= divisor;
            result.Radius[i] = Outward.Above(result.Radius[i] / divisor, 2 * summed + 8);
        }

        return result;
    }
}
