using Kneepoint.Limits.Noise.Propagation;

namespace Kneepoint.Limits.Noise;

/// <summary>What is known of a classifier's scores for one sample, of all networks in a box.</summary>
/// <remarks>Scores are those before a final Softmax, LogSoftmax or Sigmoid, which change no order.</remarks>
public sealed class IntervalOutput
{
    readonly Intervals _scores;
    readonly Intervals? _lastInput;
    readonly DenseStep? _last;
    readonly WeightBox _box;

    internal IntervalOutput(Intervals scores, Intervals? lastInput, DenseStep? last, WeightBox box) => (_scores, _lastInput, _last, _box) = (scores, lastInput, last, box);

    /// <summary>The number of classes.</summary>
    public int Count => _scores.Count;

    /// <summary>No network of the box gives the class less.</summary>
    public double Low(int index) => _scores.Low(index);

    /// <summary>No network of the box gives the class more.</summary>
    public double High(int index) => _scores.High(index);

    /// <summary>The class whose interval has the highest middle, the first of equals: the only one that may win in the whole box.</summary>
    public int Candidate
    {
        get
        {
            int best = 0;
            for (int i = 1; i < Count; i++)
            {
                if (_scores.Center[i] > _scores.Center[best]) best = i;
            }

            return best;
        }
    }

    /// <summary>By how much a class leads every other one, at least, in all networks of the box; negative where it may lose.</summary>
    /// <remarks>
    /// Computes min over i ≠ y of a lower bound of Z_y − Z_i. Where the last layer is fully connected, the difference is bounded as one linear function of that layer's
    /// inputs; the two scores share what these inputs may be, so the bound is never below low(Z_y) − high(Z_i) but for rounding. Elsewhere it is that. Not a number where
    /// nothing is known.
    /// </remarks>
    /// <param name="winner">y, 0 to <see cref="Count"/> − 1.</param>
    public double LeastLead(int winner)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(winner);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(winner, Count);
        double[] leads = new double[Count];
        if (_last is not null) _last.Margins(_lastInput!, winner, _box, leads);
        else for (int i = 0; i < Count; i++) leads[i] = Math.BitDecrement(Low(winner) - High(i));
        double least = double.PositiveInfinity;
        for (int i = 0; i < Count; i++)
        {
            if (i != winner) least = Math.Min(least, leads[i]);
        }

        return least;
    }
}
