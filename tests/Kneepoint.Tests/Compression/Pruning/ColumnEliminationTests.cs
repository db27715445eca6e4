using Kneepoint.Compression.Pruning;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Compression.Pruning;

public sealed class ColumnEliminationTests
{
    const int Columns = 9;
    const int Rows = 4;

    [Fact]
    public void Error_of_taking_columns_is_that_of_the_least_squares_fit_without_them()
    {
        var (weight, moment) = Problem(1);
        double energy = ColumnElimination.Energy(weight, moment, Columns);
        var elimination = ColumnElimination.TryOf(Columns, [.. weight], [.. moment])!;

        foreach (int[] taken in new int[][] { [0], [3, 4], [1, 5, 8], [0, 1, 2, 3, 4, 5, 6] })
        {
            Assert.Equal(LeastError(weight, Damped(moment), taken) / energy, elimination.ErrorWithout(taken), 1e-9);
        }
    }

    [Fact]
    public void Errors_of_columns_taken_one_after_the_other_add_up_to_that_of_all()
    {
        var (weight, moment) = Problem(2);
        double energy = ColumnElimination.Energy(weight, moment, Columns);
        var elimination = ColumnElimination.TryOf(Columns, [.. weight], [.. moment])!;
        double sum = 0;

        foreach (int[] taken in new int[][] { [2], [5, 6], [0] })
        {
            sum += elimination.ErrorWithout(taken);
            elimination.Take(taken);
        }

        Assert.Equal(LeastError(weight, Damped(moment), [0, 2, 5, 6]) / energy, sum, 1e-9);
    }

    [Fact]
    public void Input_that_is_never_there_gives_no_elimination() => Assert.Null(ColumnElimination.TryOf(2, [1, 1], new double[4]));

    // Directly: the kept columns' normal equations, then the error of what they give.
    static double LeastError(double[] weight, double[] moment, int[] taken)
    {
        int[] kept = [.. Enumerable.Range(0, Columns).Except(taken)];
        double[] system = [.. kept.SelectMany(i => kept.Select(j => moment[i * Columns + j]))];
        Assert.True(SymmetricInverse.TryInvert(system, kept.Length));
        double[] difference = new double[weight.Length];
        for (int row = 0; row < Rows; row++)
        {
            double[] right = [.. kept.Select(j => Enumerable.Range(0, Columns).Sum(k => weight[row * Columns + k] * moment[k * Columns + j]))];
            for (int k = 0; k < Columns; k++) difference[row * Columns + k] = weight[row * Columns + k];
            for (int i = 0; i < kept.Length; i++)
            {
                for (int j = 0; j < kept.Length; j++) difference[row * Columns + kept[i]] -= right[j] * system[j * kept.Length + i];
            }
        }

        return ColumnElimination.Energy(difference, moment, Columns);
    }

    static double[] Damped(double[] moment)
    {
        double mean = Enumerable.Range(0, Columns).Sum(k => moment[k * Columns + k]) / Columns;
        double[] damped = [.. moment];
        for (int k = 0; k < Columns; k++) damped[k * Columns + k] += ColumnElimination.Damping * mean;
        return damped;
    }

    static (double[] Weight, double[] Moment) Problem(int seed)
    {
        var random = new Random(seed);
        double[] weight = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.NextDouble() - 0.5)];
        double[] rows = [.. Enumerable.Range(0, 20 * Columns).Select(_ => random.NextDouble() - 0.3)];
        double[] moment = new double[Columns * Columns];
        for (int i = 0; i < Columns; i++)
        {
            for (int j = 0; j < Columns; j++) moment[i * Columns + j] = Enumerable.Range(0, 20).Sum(r => rows[r * Columns + i] * rows[r * Columns + j]) / 20;
        }

        return (weight, moment);
    }
}
