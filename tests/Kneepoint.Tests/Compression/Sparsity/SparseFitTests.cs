using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Sparsity;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Compression.Sparsity;

public sealed class SparseFitTests
{
    const int Columns = 12;
    const int Rows = 5;

    [Theory]
    [InlineData(0.25)]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void The_wanted_share_of_weights_is_0(double share)
    {
        var (weight, _, factors) = Problem(1);

        double[] sparse = SparseFit.Fit(weight, Columns, factors, share, SparsityPattern.Any);

        Assert.Equal((int)Math.Round(share * weight.Length), sparse.Count(value => value == 0));
    }

    [Theory]
    [InlineData(2, 4)]
    [InlineData(4, 8)]
    public void Each_run_has_its_zeros(int zeros, int run)
    {
        var (weight, _, factors) = Problem(2);

        double[] sparse = SparseFit.Fit(weight, Columns, factors, 0, new SparsityPattern(zeros, run));

        foreach (double[] row in sparse.Chunk(Columns))
        {
            foreach (double[] part in row.Chunk(run)) Assert.Equal(Math.Max(0, part.Length - (run - zeros)), part.Count(value => value == 0));
        }
    }

    [Fact]
    public void Last_columns_make_up_for_the_others_as_well_as_least_squares_can()
    {
        var (weight, moment, factors) = Problem(3);

        // The first half of the columns goes: what is behind them can then be fitted without regard to order.
        double[] small = [.. weight.Select((value, i) => i % Columns < Columns / 2 ? 1e-3 * value : Math.Sign(value) * (1 + Math.Abs(value)))];
        int[] gone = [.. Enumerable.Range(0, Columns / 2)];
        double[] inverse = [.. moment];
        Assert.True(SymmetricInverse.TryInvert(inverse, Columns));
        double[] block = [.. gone.SelectMany(i => gone.Select(j => inverse[i * Columns + j]))];
        Assert.True(SymmetricInverse.TryInvert(block, gone.Length));
        double least = Enumerable.Range(0, Rows).Sum(row => gone.Sum(i => gone.Sum(j => small[row * Columns + i] * block[i * gone.Length + j] * small[row * Columns + j])));

        double[] sparse = SparseFit.Fit(small, Columns, factors, 0.5, SparsityPattern.Any);

        Assert.All(sparse.Where((_, i) => i % Columns < Columns / 2), value => Assert.Equal(0, value));
        Assert.Equal(least, Error(small, sparse, moment), 1e-6 * least);
    }

    [Fact]
    public void Error_is_less_than_that_of_cutting_the_least_weights()
    {
        double fitted = 0, cut = 0;
        for (int seed = 10; seed < 30; seed++)
        {
            var (weight, moment, factors) = Problem(seed);
            double[] diagonal = [.. Enumerable.Range(0, Columns).Select(k => moment[k * Columns + k])];
            fitted += Error(weight, SparseFit.Fit(weight, Columns, factors, 0.5, SparsityPattern.Any), moment);
            cut += Error(weight, SparseFit.Cut(weight, Columns, diagonal, 0.5, SparsityPattern.Any), moment);
        }

        Assert.True(fitted < 0.8 * cut, $"{fitted} of {cut}");
    }

    [Fact]
    public void A_single_weight_goes_where_the_optimal_brain_surgeon_takes_it()
    {
        // One row, the last two columns free to make up: of all single weights the loss is w² / [H⁻¹]_kk, and the least of them in the last column is exact.
        var (weight, moment, factors) = Problem(4);
        double[] row = weight[..Columns];
        double[] inverse = [.. moment];
        Assert.True(SymmetricInverse.TryInvert(inverse, Columns));
        double[] small = [.. row.Select((value, k) => k == 0 ? 1e-3 : Math.Sign(value) * (1 + Math.Abs(value)))];

        double[] sparse = SparseFit.Fit(small, Columns, factors, 1.0 / Columns, SparsityPattern.Any);

        Assert.Equal(0, sparse[0]);
        Assert.Equal(small[0] * small[0] / inverse[0], Error(small, sparse, moment), 1e-12);
    }

    [Fact]
    public void Zeros_stay_zeros()
    {
        var (weight, _, factors) = Problem(5);
        weight[3] = weight[17] = 0;

        double[] sparse = SparseFit.Fit(weight, Columns, factors, 0.1, SparsityPattern.Any);

        Assert.Equal(0, sparse[3]);
        Assert.Equal(0, sparse[17]);
    }

    static double Error(double[] weight, double[] other, double[] moment) => ColumnElimination.Energy([.. weight.Select((value, i) => value - other[i])], moment, Columns);

    static (double[] Weight, double[] Moment, double[] Factors) Problem(int seed)
    {
        var random = new Random(seed);
        double[] weight = [.. Enumerable.Range(0, Rows * Columns).Select(_ => random.NextDouble() - 0.5)];
        double[] mix = [.. Enumerable.Range(0, Columns * Columns).Select(_ => random.NextDouble() - 0.3)];
        double[] moment = new double[Columns * Columns];
        for (int i = 0; i < Columns; i++)
        {
            for (int j = 0; j < Columns; j++) moment[i * Columns + j] = (i == j ? 0.05 : 0) + Enumerable.Range(0, Columns).Sum(r => mix[r * Columns + i] * mix[r * Columns + j]);
        }

        double[] factors = [.. moment];
        Assert.True(FeedbackFactor.TryFactor(factors, Columns));
        return (weight, moment, factors);
    }
}
