using System.Numerics.Tensors;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Rounds a weight to multiples of one step so that output error plus price times bits is least.</summary>
/// <remarks>
/// J = Σ e·H·eᵀ + λ·bits. Columns are rounded with feedback as in <see cref="FeedbackRounding"/>, each to the multiple with the least D_k·r² + λ·bits; then a descent moves single
/// multiples while J falls, the bits counted anew between sweeps (<see cref="RateTable"/>), and the step moves to its least-squares optimum, Δ = q·H·w / q·H·q. The first step is where
/// error and bits balance at high rate, dE/dR = −λ; from there it goes downhill by fourths of an octave. A weight that is exactly 0 stays 0.
/// Cost: for each step that is tried, N·K²/2 multiply-adds and K for each multiple that moves or is not 0.
/// Source: rate-constrained rounding with feedback of [Conzelmann2025]; balance of error and rate of [GishPierce1968].
/// </remarks>
sealed class RateRounding
{
    const int Sweeps = 3;
    const int Turns = 2;
    const int RowsAtOnce = 16;
    const int MostSteps = 12;
    const double StepRatio = 1.189207115002721;

    /// <summary>The largest multiple.</summary>
    public const int MostMultiple = (1 << 15) - 1;

    readonly float[] _weights;
    readonly Group[] _groups;
    readonly int _columns;
    readonly double _price;
    readonly int _threads;
    readonly double _curvature;
    readonly float _largest;

    // H·w of each row.
    readonly float[] _pull;

    RateRounding(float[] weights, Group[] groups, int columns, double price, int threads)
    {
        (_weights, _groups, _columns, _price, _threads) = (weights, groups, columns, price, threads);
        _curvature = groups.Average(group => Enumerable.Range(0, columns).Average(k => (double)group.Feedback[k * columns + k]));
        _largest = weights.Max(Math.Abs);
        _pull = new float[weights.Length];
        ForEachRow(row => RowDescent.Pull(GroupOf(row).Full, _weights.AsSpan(row * columns, columns), _pull.AsSpan(row * columns, columns)));
    }

    int Rows => _weights.Length / _columns;

    /// <summary>Rounds, and chooses the step.</summary>
    /// <param name="weights">[N, K], finite; N is a multiple of the groups.</param>
    /// <param name="moments">H of each group.</param>
    /// <param name="price">λ, error for a bit.</param>
    /// <param name="threads">Threads in use; no result depends on them.</param>
    /// <returns>Null where some H cannot be factored.</returns>
    public static SteppedWeight? Round(float[] weights, MomentGroups moments, double price, int threads)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(price);
        var groups = new Group[moments.Groups.Count];
        for (int i = 0; i < groups.Length; i++)
        {
            if (Group.Of(moments.Groups[i], threads) is not { } group) return null;
            groups[i] = group;
        }

        if (weights.All(weight => weight == 0)) return new SteppedWeight(1, new int[weights.Length], 0, 0);
        return new RateRounding(weights, groups, moments.Columns, price, threads).Best();
    }

    SteppedWeight Best()
    {
        double least = _largest / MostMultiple, at = Math.Max(StepSize.Balanced(_price, _curvature) / StepRatio, least);
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

    double Cost(SteppedWeight rounded) => rounded.Error + _price * rounded.Bits;

    SteppedWeight At(double wanted)
    {
        float step = StepSize.Round((float)wanted);
        int[] multiples = Array.ConvertAll(_weights, weight => DeadZone(weight / step));
        Feed(step, new RateTable(multiples, _columns), multiples);
        double error = 0;
        for (int turn = 0; turn < Turns; turn++) (step, error) = Descend(step, new RateTable(multiples, _columns), multiples);
        return new SteppedWeight(step, multiples, error, new RateTable(multiples, _columns).Bits(multiples));
    }

    // A third of a step more goes to zero than to nearest: near what bits make of it.
    static int DeadZone(float ratio) => Math.Sign(ratio) * (int)Math.Min(MathF.Floor(Math.Abs(ratio) + 0.34f), MostMultiple);

    void Feed(float step, RateTable table, int[] multiples)
    {
        int rowsOfGroup = Rows / _groups.Length, chunks = (rowsOfGroup + RowsAtOnce - 1) / RowsAtOnce;
        Parallel.For(0, _groups.Length * chunks, new ParallelOptions { MaxDegreeOfParallelism = _threads }, i =>
        {
            int first = i % chunks * RowsAtOnce;
            FeedRows(_groups[i / chunks], i / chunks * rowsOfGroup + first, Math.Min(RowsAtOnce, rowsOfGroup - first), step, table, multiples);
        });
    }

    // Several rows at once, so that a row of the factor is read once for all of them.
    void FeedRows(Group group, int first, int count, float step, RateTable table, int[] multiples)
    {
        int columns = _columns;
        float[] wanted = new float[count * columns];
        for (int r = 0; r < count; r++)
        {
            for (int k = 0; k < columns; k++) wanted[r * columns + k] = _weights[(first + r) * columns + group.Order[k]];
        }

        for (int k = 0; k < columns; k++)
        {
            int column = group.Order[k];
            double curvature = group.Feedback[k * columns + k];
            var later = group.Feedback.AsSpan(k * columns + k + 1, columns - k - 1);
            for (int r = 0; r < count; r++)
            {
                int place = (first + r) * columns + column;
                float weight = _weights[place];
                int multiple = weight == 0 ? 0 : Best(wanted[r * columns + k], step, curvature, table, place);
                multiples[place] = multiple;
                float error = multiple * step - weight;
                if (error == 0) continue;
                var rest = wanted.AsSpan(r * columns + k + 1, later.Length);
                TensorPrimitives.MultiplyAdd(later, -error, rest, rest);
            }
        }
    }

    int Best(float wanted, float step, double curvature, RateTable table, int place)
    {
        int near = (int)Math.Clamp(MathF.Round(wanted / step), -MostMultiple, MostMultiple), inward = Math.Sign(near), best = 0;
        double least = double.PositiveInfinity;
        foreach (int candidate in (ReadOnlySpan<int>)[near, near - inward, near - 2 * inward, 0])
        {
            double off = (double)candidate * step - wanted;
            double cost = curvature * off * off + _price * table.Bits(place, candidate);
            if (cost < least) (least, best) = (cost, candidate);
        }

        return best;
    }

    // One descent of all rows, then the step that fits the multiples best: e = Δq − w is least at Δ − (q·H·e)/(q·H·q).
    (float Step, double Error) Descend(float step, RateTable table, int[] multiples)
    {
        double[] slopes = new double[Rows], curvatures = new double[Rows], errors = new double[Rows];
        ForEachRow(row =>
        {
            var descent = new RowDescent(_weights.AsSpan(row * _columns, _columns), multiples.AsSpan(row * _columns, _columns), row * _columns,
                GroupOf(row).Full, _pull.AsSpan(row * _columns, _columns), step, _price, table);
            for (int sweep = 0; sweep < Sweeps && descent.Sweep(); sweep++)
            {
            }

            (errors[row], slopes[row], curvatures[row]) = descent.Sums();
        });
        double slope = 0, curvature = 0, error = 0;
        for (int row = 0; row < Rows; row++) (slope, curvature, error) = (slope + slopes[row], curvature + curvatures[row], error + errors[row]);
        float moved = StepSize.Round((float)(step - slope / curvature));
        double change = (double)moved - step, after = Math.Max(0, error + 2 * change * slope + change * change * curvature);
        return moved > 0 && float.IsFinite(moved) && after < error ? (moved, after) : (step, error);
    }

    Group GroupOf(int row) => _groups[row / (Rows / _groups.Length)];

    void ForEachRow(Action<int> action) => Parallel.For(0, Rows, new ParallelOptions { MaxDegreeOfParallelism = _threads }, action);

    /// <summary>What all rows of a group need.</summary>
    /// <param name="Full">H, both triangles.</param>
    /// <param name="Feedback">Its factor in the order of the columns.</param>
    /// <param name="Order">The order in which columns are rounded.</param>
    sealed record Group(float[] Full, float[] Feedback, int[] Order)
    {
        public static Group? Of(SecondMoment moment, int threads)
        {
            int[] order = FeedbackRounding.Order(moment.Diagonal());
            double[] factor = moment.Reordered(order);
            return FeedbackFactor.TryFactor(factor, moment.Columns, threads) ? new Group(moment.Full(), Array.ConvertAll(factor, value => (float)value), order) : null;
        }
    }
}
