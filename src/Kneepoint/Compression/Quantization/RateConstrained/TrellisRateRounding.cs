using System.Numerics.Tensors;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Rate-constrained rounding by a trellis: down each column, multiples depend on those above (<see cref="Trellis"/>).</summary>
/// <remarks>
/// Rows do not weigh on one another, columns do: so a column is one chain, whose best path for given other columns is sought by <see cref="TrellisPath"/>. First with feedback to the later columns as in
/// <see cref="FeedbackRounding"/>; then, sweep by sweep, each column given all others, where a path is taken only if it lowers J. Cost: for each step that is tried, N·K²/2 multiply-adds, some 200 instructions for a weight and
/// sweep, and K for each multiple that moves or is not 0. Source: dependent quantization of weights, [Haase2020]; down columns, so that it goes together with feedback, ours.
/// </remarks>
sealed class TrellisRateRounding(float[] weights, RateRounding.Group[] groups, int columns, double price, int threads) : RateRounding(weights, groups, columns, price, threads)
{
    const int Sweeps = 2;
    const int Turns = 2;
    const int Sets = 2;

    // Fewer multiply-adds than this are not worth a second thread.
    const int LeastParallel = 1 << 16;

    readonly TrellisPath _path = new(weights.Length / columns);

    /// <inheritdoc/>
    protected override double FirstPart => 0.5;

    /// <inheritdoc/>
    protected override SteppedWeight At(double wanted)
    {
        float step = StepSize.Round((float)wanted);
        var chosen = new Chosen(Weights.Length, Rows);
        // To count bits by before anything is chosen: the nearest index, in both sets.
        for (int i = 0; i < Weights.Length; i++) (chosen.Indices[i], chosen.Sets[i]) = ((int)MathF.Round(Math.Clamp(Weights[i] / (2 * step), -MostMultiple / 2, MostMultiple / 2)), (byte)(i / Columns & 1));
        Feed(step, TableOf(chosen), chosen);
        double error = 0;
        for (int turn = 0; turn < Turns; turn++) (step, error) = Descend(step, TableOf(chosen), chosen);
        return new SteppedWeight(step, chosen.Multiples, error, TableOf(chosen).Bits(chosen.Indices, chosen.Sets));
    }

    RateTable TableOf(Chosen chosen) => new(chosen.Indices, Columns, chosen.Sets, Sets);

    void Feed(float step, RateTable table, Chosen chosen)
    {
        int rows = Rows;
        int[] order = Groups[0].Order;
        float[] wanted = new float[Weights.Length], column = new float[rows];
        double[] curvatures = new double[rows];
        ForEachRow(row =>
        {
            for (int k = 0; k < Columns; k++) wanted[row * Columns + k] = Weights[row * Columns + order[k]];
        });
        for (int k = 0; k < Columns; k++)
        {
            for (int row = 0; row < rows; row++)
            {
                column[row] = wanted[row * Columns + k] / step;
                curvatures[row] = (double)GroupOf(row).Feedback[k * Columns + k] * step * step;
            }

            Choose(order[k], column, curvatures, table, chosen, isFirst: true);
            ForRows((Columns - k) * rows, row =>
            {
                float error = chosen.Multiples[row * Columns + order[k]] * step - Weights[row * Columns + order[k]];
                if (error == 0) return;
                var rest = wanted.AsSpan(row * Columns + k + 1, Columns - k - 1);
                TensorPrimitives.MultiplyAdd(GroupOf(row).Feedback.AsSpan(k * Columns + k + 1, rest.Length), -error, rest, rest);
            });
        }
    }

    // Sweeps over all columns, then the step that fits the multiples best.
    (float Step, double Error) Descend(float step, RateTable table, Chosen chosen)
    {
        int rows = Rows;
        float[] gradient = new float[Weights.Length], column = new float[rows];
        double[] curvatures = new double[rows];
        int[] before = new int[rows];
        ForEachRow(row =>
        {
            var own = RowOf(gradient, row);
            TensorPrimitives.Negate(RowOf(Pull, row), own);
            float[] full = GroupOf(row).Full;
            for (int k = 0; k < Columns; k++)
            {
                if (chosen.Multiples[row * Columns + k] is not 0 and var multiple) TensorPrimitives.MultiplyAdd(full.AsSpan(k * Columns, Columns), multiple * step, own, own);
            }
        });
        bool isMoved = true;
        for (int sweep = 0; sweep < Sweeps && isMoved; sweep++)
        {
            isMoved = false;
            for (int k = 0; k < Columns; k++)
            {
                for (int row = 0; row < rows; row++)
                {
                    double curvature = GroupOf(row).Full[k * Columns + k];
                    before[row] = chosen.Multiples[row * Columns + k];
                    column[row] = curvature > 0 ? (float)(before[row] - gradient[row * Columns + k] / (curvature * step)) : before[row];
                    curvatures[row] = curvature * step * step;
                }

                int moved = Choose(k, column, curvatures, table, chosen, isFirst: false);
                isMoved |= moved > 0;
                ForRows(moved * Columns, row =>
                {
                    int change = chosen.Multiples[row * Columns + k] - before[row];
                    if (change != 0) TensorPrimitives.MultiplyAdd(GroupOf(row).Full.AsSpan(k * Columns, Columns), change * step, RowOf(gradient, row), RowOf(gradient, row));
                });
            }
        }

        double error = 0, slope = 0, pulled = 0;
        for (int i = 0; i < gradient.Length; i++)
        {
            double multiple = chosen.Multiples[i];
            error += (multiple * step - Weights[i]) * gradient[i];
            slope += multiple * gradient[i];
            pulled += multiple * Pull[i];
        }

        return Refit(step, (Math.Max(0, error), slope, Math.Max(0, (slope + pulled) / step)));
    }

    // The best path down a column that is found; how many multiples moved.
    int Choose(int column, ReadOnlySpan<float> wanted, ReadOnlySpan<double> curvatures, RateTable table, Chosen chosen, bool isFirst)
    {
        int[] indices = chosen.Column;
        _path.Find(wanted, Weights.AsSpan(column), Columns, curvatures, Price, table, column, indices);
        if (!isFirst && !Lowers(column, wanted, curvatures, table, chosen)) return 0;
        int state = 0, moved = 0;
        for (int row = 0; row < indices.Length; row++)
        {
            int at = row * Columns + column, multiple = Trellis.Multiple(state, indices[row]);
            (chosen.Indices[at], chosen.Sets[at]) = (indices[row], (byte)Trellis.SetOf(state));
            if (chosen.Multiples[at] != multiple) moved++;
            chosen.Multiples[at] = multiple;
            state = Trellis.Next(state, indices[row]);
        }

        return moved;
    }

    bool Lowers(int column, ReadOnlySpan<float> wanted, ReadOnlySpan<double> curvatures, RateTable table, Chosen chosen)
    {
        double change = 0;
        int state = 0;
        for (int row = 0; row < wanted.Length; row++)
        {
            int at = row * Columns + column, index = chosen.Column[row];
            double off = Trellis.Multiple(state, index) - (double)wanted[row], before = chosen.Multiples[at] - (double)wanted[row];
            change += curvatures[row] * (off * off - before * before) + Price * (table.Bits(at, Trellis.SetOf(state), index) - table.Bits(at, chosen.Sets[at], chosen.Indices[at]));
            state = Trellis.Next(state, index);
        }

        return change < 0;
    }

    void ForRows(long work, Action<int> action)
    {
        if (work >= LeastParallel && Threads > 1) ForEachRow(action);
        else for (int row = 0; row < Rows; row++) action(row);
    }

    /// <summary>What was chosen for [N, K].</summary>
    sealed class Chosen(int count, int rows)
    {
        public int[] Indices { get; } = new int[count];

        public byte[] Sets { get; } = new byte[count];

        public int[] Multiples { get; } = new int[count];

        public int[] Column { get; } = new int[rows];
    }
}
