using System.Numerics.Tensors;
using Kneepoint.Compression.Quantization.Rounding;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Rate-constrained rounding to any multiples of a step.</summary>
/// <remarks>
/// Columns are rounded with feedback as in <see cref="FeedbackRounding"/>, each to the multiple with the least D_k·r² + λ·bits; then a descent moves single multiples while J falls, the bits counted
/// anew between sweeps (<see cref="RateTable"/>). Cost: for each step that is tried, N·K²/2 multiply-adds and K for each multiple that moves or is not 0.
/// </remarks>
sealed class ScalarRateRounding(float[] weights, RateRounding.Group[] groups, int columns, double price, int threads) : RateRounding(weights, groups, columns, price, threads)
{
    const int Sweeps = 3;
    const int Turns = 2;
    const int RowsAtOnce = 16;

    /// <inheritdoc/>
    protected override SteppedWeight At(double wanted)
    {
        float step = StepSize.Round((float)wanted);
        int[] multiples = Array.ConvertAll(Weights, weight => DeadZone(weight / step));
        Feed(step, new RateTable(multiples, Columns), multiples);
        double error = 0;
        for (int turn = 0; turn < Turns; turn++) (step, error) = Descend(step, new RateTable(multiples, Columns), multiples);
        return new SteppedWeight(step, multiples, error, new RateTable(multiples, Columns).Bits(multiples));
    }

    // A third of a step more goes to zero than to nearest: near what bits make of it.
    static int DeadZone(float ratio) => Math.Sign(ratio) * (int)Math.Min(MathF.Floor(Math.Abs(ratio) + 0.34f), MostMultiple);

    void Feed(float step, RateTable table, int[] multiples)
    {
        int rowsOfGroup = RowsOfGroup, chunks = (rowsOfGroup + RowsAtOnce - 1) / RowsAtOnce;
        Parallel.For(0, Groups.Length * chunks, new ParallelOptions { MaxDegreeOfParallelism = Threads }, i =>
        {
            int first = i % chunks * RowsAtOnce;
            FeedRows(Groups[i / chunks], i / chunks * rowsOfGroup + first, Math.Min(RowsAtOnce, rowsOfGroup - first), step, table, multiples);
        });
    }

    // Several rows at once, so that a row of the factor is read once for all of them.
    void FeedRows(Group group, int first, int count, float step, RateTable table, int[] multiples)
    {
        int columns = Columns;
        float[] wanted = new float[count * columns];
        for (int r = 0; r < count; r++)
        {
            for (int k = 0; k < columns; k++) wanted[r * columns + k] = Weights[(first + r) * columns + group.Order[k]];
        }

        for (int k = 0; k < columns; k++)
        {
            int column = group.Order[k];
            double curvature = group.Feedback[k * columns + k];
            var later = group.Feedback.AsSpan(k * columns + k + 1, columns - k - 1);
            for (int r = 0; r < count; r++)
            {
                int place = (first + r) * columns + column;
                float weight = Weights[place];
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
            double cost = curvature * off * off + Price * table.Bits(place, candidate);
            if (cost < least) (least, best) = (cost, candidate);
        }

        return best;
    }

    // One descent of all rows, then the step that fits the multiples best.
    (float Step, double Error) Descend(float step, RateTable table, int[] multiples)
    {
        double[] slopes = new double[Rows], curvatures = new double[Rows], errors = new double[Rows];
        ForEachRow(row =>
        {
            var descent = new RowDescent(Weights.AsSpan(row * Columns, Columns), multiples.AsSpan(row * Columns, Columns), row * Columns,
                GroupOf(row).Full, Pull.AsSpan(row * Columns, Columns), step, Price, table);
            for (int sweep = 0; sweep < Sweeps && descent.Sweep(); sweep++)
            {
            }

            (errors[row], slopes[row], curvatures[row]) = descent.Sums();
        });
        double slope = 0, curvature = 0, error = 0;
        for (int row = 0; row < Rows; row++) (slope, curvature, error) = (slope + slopes[row], curvature + curvatures[row], error + errors[row]);
        return Refit(step, (error, slope, curvature));
    }
}
