using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Rounds a weight to multiples of one step so that output error plus price times bits is least.</summary>
/// <remarks>
/// J = Σ e·H·eᵀ + λ·bits. Multiples are chosen at a step (<see cref="ScalarRateRounding"/>, <see cref="TrellisRateRounding"/>), and the step moves to its least-squares optimum, Δ = q·H·w / q·H·q. The first
/// step is where error and bits balance at high rate, dE/dR = −λ; from there it goes downhill by fourths of an octave. A weight that is exactly 0 stays 0.
/// Source: rate-constrained rounding with feedback of [Conzelmann2025]; balance of error and rate of [GishPierce1968].
/// </remarks>
abstract class RateRounding
{
    // Shorter chains lose by their beginning what they gain; where bits for a weight are few, a trellis gains nothing either.
    const int LeastChain = 8;
    const double FewBits = 1;
    const int MostSteps = 12;
    const double StepRatio = 1.189207115002721;

    /// <summary>The largest multiple.</summary>
    public const int MostMultiple = (1 << 15) - 1;

    readonly double _curvature;
    readonly float _largest;

    /// <summary>What both ways to choose multiples need.</summary>
    protected RateRounding(float[] weights, Group[] groups, int columns, double price, int threads)
    {
        (Weights, Groups, Columns, Price, Threads) = (weights, groups, columns, price, threads);
        _curvature = groups.Average(group => Enumerable.Range(0, columns).Average(k => (double)group.Feedback[k * columns + k]));
        _largest = weights.Max(Math.Abs);
        Pull = new float[weights.Length];
        ForEachRow(row => RowDescent.Pull(GroupOf(row).Full, RowOf(weights, row), RowOf(Pull, row)));
    }

    /// <summary>[N, K].</summary>
    protected float[] Weights { get; }

    /// <summary>What is known of the input, for each group of rows.</summary>
    protected Group[] Groups { get; }

    /// <summary>K.</summary>
    protected int Columns { get; }

    /// <summary>λ.</summary>
    protected double Price { get; }

    /// <summary>Threads in use.</summary>
    protected int Threads { get; }

    /// <summary>H·w of each row: [N, K].</summary>
    protected float[] Pull { get; }

    /// <summary>N.</summary>
    protected int Rows => Weights.Length / Columns;

    /// <summary>Rows of a group.</summary>
    protected int RowsOfGroup => Rows / Groups.Length;

    /// <summary>How much finer than the step of single multiples the first step is.</summary>
    protected virtual double FirstPart => 1;

    /// <summary>Rounds, and chooses the step.</summary>
    /// <param name="weights">[N, K], finite; N is a multiple of the groups.</param>
    /// <param name="moments">H of each group.</param>
    /// <param name="price">λ, error for a bit.</param>
    /// <param name="isTrellis">Whether multiples depend on those before (<see cref="Tensors.Trellis"/>), down each column.</param>
    /// <param name="threads">Threads in use; no result depends on them.</param>
    /// <returns>Null where some H cannot be factored.</returns>
    public static SteppedWeight? Round(float[] weights, MomentGroups moments, double price, bool isTrellis, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(price);
        var groups = new Group[moments.Groups.Count];
        // A chain of a trellis goes through all groups: one order for all.
        int[]? common = isTrellis ? FeedbackRounding.Order(moments.MeanDiagonal()) : null;
        for (int i = 0; i < groups.Length; i++)
        {
            if (Group.Of(moments.Groups[i], common, threads) is not { } group) return null;
            groups[i] = group;
        }

        if (weights.All(weight => weight == 0)) return new SteppedWeight(1, new int[weights.Length], 0, 0);
        SteppedWeight Scalar() => new ScalarRateRounding(weights, groups, moments.Columns, price, threads).Best();
        if (!isTrellis || weights.Length / moments.Columns < LeastChain) return Scalar();
        var rounded = new TrellisRateRounding(weights, groups, moments.Columns, price, threads).Best();
        if (rounded.Bits > FewBits * weights.Length) return rounded;
        var other = Scalar();
        return other.Error + price * other.Bits < rounded.Error + price * rounded.Bits ? other : rounded;
    }

    SteppedWeight Best()
    {
        double least = _largest / MostMultiple, at = Math.Max(StepSize.Balanced(Price, _curvature) * FirstPart / StepRatio, least);
        var best = At(at);
        foreach (double ratio in new[] { 1 / StepRatio, StepRatio })
        {
            bool isMoved = false;
            for (int i = 0; i < MostSteps && at * ratio >= least; i++)
            {
                var next = At(at * ratio);
                if (!(Cost(next) < Cost(best))) break;
                (best, at, isMoved) = (next, at * ratio, true);
            }

            if (isMoved) break;
        }

        return best;
    }

    double Cost(SteppedWeight rounded) => rounded.Error + Price * rounded.Bits;

    /// <summary>Rounds at a step, or near it.</summary>
    protected abstract SteppedWeight At(double wanted);

    /// <summary>The step at which an error of these sums is least: e = Δq − w has it at Δ − (q·H·e)/(q·H·q).</summary>
    /// <param name="step">Δ.</param>
    /// <param name="sums">Of all rows.</param>
    protected static (float Step, double Error) Refit(float step, (double Error, double Slope, double Curvature) sums)
    {
        float moved = StepSize.Round((float)(step - sums.Slope / sums.Curvature));
        double change = (double)moved - step, after = Math.Max(0, sums.Error + 2 * change * sums.Slope + change * change * sums.Curvature);
        return moved > 0 && float.IsFinite(moved) && after < sums.Error ? (moved, after) : (step, sums.Error);
    }

    /// <summary>The group of a row.</summary>
    protected Group GroupOf(int row) => Groups[row / RowsOfGroup];

    /// <summary>A row of [N, K].</summary>
    protected Span<T> RowOf<T>(T[] values, int row) => values.AsSpan(row * Columns, Columns);

    /// <summary>Works on all rows.</summary>
    protected void ForEachRow(Action<int> action) => Parallel.For(0, Rows, new ParallelOptions { MaxDegreeOfParallelism = Threads }, action);

    /// <summary>What all rows of a group need.</summary>
    /// <param name="Full">H, both triangles.</param>
    /// <param name="Feedback">Its factor in the order of the columns.</param>
    /// <param name="Order">The order in which columns are rounded.</param>
    protected internal sealed record Group(float[] Full, float[] Feedback, int[] Order)
    {
        public static Group? Of(SecondMoment moment, int[]? common, int threads)
        {
            int[] order = common ?? FeedbackRounding.Order(moment.Diagonal());
            double[] factor = moment.Reordered(order);
            return FeedbackFactor.TryFactor(factor, moment.Columns, threads) ? new Group(moment.Full(), Array.ConvertAll(factor, value => (float)value), order) : null;
        }
    }
}
