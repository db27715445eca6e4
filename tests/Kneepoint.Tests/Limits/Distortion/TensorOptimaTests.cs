using Kneepoint.Limits;
using Kneepoint.Limits.Distortion;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class TensorOptimaTests
{
    [Theory]
    [InlineData(4, 7, 30)]
    [InlineData(7, 4, 30)]
    [InlineData(5, 5, 3)]
    [InlineData(6, 8, 2)]
    [InlineData(8, 6, 2)]
    [InlineData(1, 3, 9)]
    public void The_best_weight_of_a_rank_reaches_the_error_and_no_other_is_below(int rows, int columns, int samples)
    {
        var random = new Random(rows * columns);
        double[] weight = [.. Enumerable.Range(0, rows * columns).Select(_ => Draws.Normal(random))], moment = Moment(columns, random, samples);

        double[] errors = TensorOptima.LowRankErrors(weight, rows, moment, columns);

        double whole = Error(weight, moment, columns);
        Assert.Equal(Math.Min(rows, columns) + 1, errors.Length);
        Assert.Equal(whole, errors[0], 1e-10 * whole);
        Assert.Equal(0, errors[^1]);
        for (int rank = 1; rank < errors.Length; rank++)
        {
            Assert.Equal(Error(Minus(weight, Best(weight, rows, moment, columns, rank)), moment, columns), errors[rank], 1e-9 * whole);
            for (int i = 0; i < 20; i++)
            {
                // Near the best one, where it is hardest.
                double[] other = Best([.. weight.Select(value => value + 0.1 * Draws.Normal(random))], rows, moment, columns, rank);
                Assert.True(Error(Minus(weight, other), moment, columns) >= errors[rank] - 1e-9 * whole);
            }
        }
    }

    [Fact]
    public void A_plain_decomposition_errs_more_than_one_weighted_by_data()
    {
        var random = new Random(3);
        const int Rows = 20, Columns = 30;
        double[] scales = [.. Enumerable.Range(0, Columns).Select(_ => Math.Exp(Draws.Normal(random)))];
        double[] weight = [.. Enumerable.Range(0, Rows * Columns).Select(_ => Draws.Normal(random))], moment = Moment(Columns, random, 100);
        for (int i = 0; i < moment.Length; i++) moment[i] *= scales[i / Columns] * scales[i % Columns];
        double[] identity = [.. Enumerable.Range(0, Columns * Columns).Select(i => i % (Columns + 1) == 0 ? 1.0 : 0)];

        double plain = Error(Minus(weight, Best(weight, Rows, identity, Columns, 10)), moment, Columns);

        Assert.True(plain > 1.2 * TensorOptima.LowRankErrors(weight, Rows, moment, Columns)[10]);
    }

    [Fact]
    public void Shared_values_err_as_the_best_way_to_cut_the_line()
    {
        var random = new Random(5);
        float[] values = [.. Draws.Of("Gauss", 9, 5).Order()];
        double[] importance = [.. values.Select(_ => 0.1 + random.NextDouble())];
        double least = double.PositiveInfinity;
        for (int a = 1; a < values.Length; a++)
        {
            for (int b = a + 1; b < values.Length; b++) least = Math.Min(least, Cost(values, importance, 0, a) + Cost(values, importance, a, b) + Cost(values, importance, b, values.Length));
        }

        Assert.Equal(least, TensorOptima.SharedValuesError(values, importance, 3), 1e-6 * least);
    }

    [Fact]
    public void No_choice_of_zeros_with_the_best_compensation_is_below_the_pruning_floor()
    {
        var random = new Random(6);
        for (int round = 0; round < 20; round++)
        {
            const int Order = 6;
            float[] weights = Draws.Of("Gauss", Order, round);
            double[] moment = Moment(Order, random, 12);
            double eigenvalue = TensorOptima.LeastEigenvalue(moment, Order);
            for (int zeros = 0; zeros <= Order; zeros++)
            {
                double floor = TensorOptima.PruningFloor(weights, zeros, eigenvalue);
                for (int set = 0; set < 1 << Order; set++)
                {
                    if (int.PopCount(set) == zeros) Assert.True(Compensated(weights, moment, set) >= floor - 1e-12);
                }
            }
        }
    }

    [Fact]
    public void With_inputs_that_do_not_depend_on_one_another_the_pruning_floor_is_reached()
    {
        float[] weights = [0.5f, -0.1f, 2, 0.3f];
        double[] moment = [3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3];

        double eigenvalue = TensorOptima.LeastEigenvalue(moment, 4);

        Assert.Equal(3, eigenvalue, 1e-12);
        Assert.Equal(Compensated(weights, moment, 0b1010), TensorOptima.PruningFloor(weights, 2, eigenvalue), 1e-12);
    }

    [Fact]
    public void No_multiples_of_a_step_are_below_the_rounding_floor_and_the_nearest_reach_it_where_inputs_are_independent()
    {
        var random = new Random(7);
        const int Order = 4;
        const double Step = 0.4;
        for (int round = 0; round < 20; round++)
        {
            float[] weights = Draws.Of("Gauss", Order, 100 + round);
            double[] moment = round == 0 ? [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2] : Moment(Order, random, 8);
            double floor = TensorOptima.RoundingFloor(weights, Step, TensorOptima.LeastEigenvalue(moment, Order)), least = double.PositiveInfinity;
            for (int choice = 0; choice < 1 << (2 * Order); choice++)
            {
                double[] error = [.. weights.Select((weight, i) => Step * (Math.Floor(weight / Step) - 1 + ((choice >> (2 * i)) & 3)) - weight)];
                least = Math.Min(least, Error(error, moment, Order));
            }

            Assert.True(floor <= least + 1e-12);
            if (round == 0) Assert.Equal(least, floor, 1e-12);
        }
    }

    [Fact]
    public void Given_values_have_the_floor_of_the_step_that_they_are_multiples_of()
    {
        float[] weights = Draws.Of("Gauss", 50, 8), values = [.. Enumerable.Range(-40, 81).Select(i => i * 0.25f)];

        Assert.Equal(TensorOptima.RoundingFloor(weights, 0.25, 1.5), TensorOptima.RoundingFloor(weights, values, 1.5), 1e-12);
    }

    [Fact]
    public void A_singular_moment_leaves_no_floor()
    {
        Assert.Equal(0, TensorOptima.LeastEigenvalue([1, 1, 1, 1], 2));
        Assert.Equal(0, TensorOptima.LeastEigenvalue(Moment(8, new Random(9), 3), 8));
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentException>(() => TensorOptima.LowRankErrors([1, 2, 3], 2, [1, 0, 0, 1], 2));
        Assert.Throws<ArgumentException>(() => TensorOptima.LowRankErrors([1, 2], 1, [1, 0, 0], 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorOptima.LowRankErrors([1, 2], 2, [-1], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorOptima.PruningFloor([1], 2, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorOptima.PruningFloor([1], 1, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorOptima.RoundingFloor([1], 0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorOptima.RoundingFloor([1], [], 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TensorOptima.SharedValuesError([1], [1], 0));
        Assert.Equal(('K', LimitStatus.True), (TensorOptima.Statement.Letter, TensorOptima.Statement.Status));
    }

    // U_r·U_rᵀ·W with the eigenvectors of W·C·Wᵀ.
    static double[] Best(double[] weight, int rows, double[] moment, int columns, int rank)
    {
        double[] outputs = new double[rows * rows];
        for (int i = 0; i < rows; i++)
        {
            for (int j = 0; j < rows; j++)
            {
                for (int k = 0; k < columns; k++)
                {
                    for (int l = 0; l < columns; l++) outputs[i * rows + j] += weight[i * columns + k] * moment[k * columns + l] * weight[j * columns + l];
                }
            }
        }

        double[] vectors = SymmetricEigen.TryDecompose(outputs, rows)!.Value.Vectors, best = new double[weight.Length];
        for (int r = 0; r < rank; r++)
        {
            for (int column = 0; column < columns; column++)
            {
                double inner = 0;
                for (int row = 0; row < rows; row++) inner += vectors[r * rows + row] * weight[row * columns + column];
                for (int row = 0; row < rows; row++) best[row * columns + column] += vectors[r * rows + row] * inner;
            }
        }

        return best;
    }

    // Σ e·C·eᵀ over rows.
    static double Error(double[] error, double[] moment, int columns)
    {
        double sum = 0;
        for (int begin = 0; begin < error.Length; begin += columns)
        {
            for (int k = 0; k < columns; k++)
            {
                for (int l = 0; l < columns; l++) sum += error[begin + k] * moment[k * columns + l] * error[begin + l];
            }
        }

        return sum;
    }

    // w_S·([H⁻¹]_SS)⁻¹·w_Sᵀ: the least error with zeros in S.
    static double Compensated(float[] weights, double[] moment, int set)
    {
        int order = weights.Length;
        int[] places = [.. Enumerable.Range(0, order).Where(i => (set >> i & 1) == 1)];
        double[] inverse = [.. moment];
        Assert.True(SymmetricInverse.TryInvert(inverse, order));
        double[] part = [.. places.SelectMany(i => places.Select(j => inverse[i * order + j]))];
        Assert.True(SymmetricInverse.TryInvert(part, places.Length));
        return Error([.. places.Select(i => (double)weights[i])], part, Math.Max(1, places.Length));
    }

    static double Cost(float[] values, double[] importance, int begin, int end)
    {
        double weight = importance[begin..end].Sum(), mean = Enumerable.Range(begin, end - begin).Sum(i => importance[i] * values[i]) / weight;
        return Enumerable.Range(begin, end - begin).Sum(i => importance[i] * (values[i] - mean) * (values[i] - mean));
    }

    static double[] Minus(double[] a, double[] b) => [.. a.Select((value, i) => value - b[i])];

    static double[] Moment(int order, Random random, int samples)
    {
        double[] moment = new double[order * order];
        for (int sample = 0; sample < samples; sample++)
        {
            double[] x = [.. Enumerable.Range(0, order).Select(_ => Draws.Normal(random))];
            for (int i = 0; i < moment.Length; i++) moment[i] += x[i / order] * x[i % order] / samples;
        }

        return moment;
    }
}
