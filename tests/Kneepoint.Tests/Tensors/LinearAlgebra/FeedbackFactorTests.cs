using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Tensors.LinearAlgebra;

public sealed class FeedbackFactorTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(33)]
    [InlineData(64)]
    [InlineData(150)]
    public void The_factors_multiply_to_the_matrix(int order)
    {
        double[] matrix = PositiveDefinite(new Random(order), order);
        double[] factor = [.. matrix];

        Assert.True(FeedbackFactor.TryFactor(factor, order));

        for (int i = 0; i < order; i++)
        {
            for (int j = i; j < order; j++)
            {
                double sum = 0;
                for (int k = j; k < order; k++) sum += U(factor, order, i, k) * factor[k * order + k] * U(factor, order, j, k);
                Assert.Equal(matrix[i * order + j], sum, 1e-9 * order);
            }
        }
    }

    [Fact]
    public void The_squared_error_is_that_of_each_column_shifted_by_those_before_it()
    {
        const int Order = 40;
        var random = new Random(5);
        double[] matrix = PositiveDefinite(random, Order), factor = [.. matrix];
        Assert.True(FeedbackFactor.TryFactor(factor, Order));
        double[] error = [.. Enumerable.Range(0, Order).Select(_ => random.NextDouble() - 0.5)];

        double whole = 0, shifted = 0;
        for (int i = 0; i < Order; i++)
        {
            for (int j = 0; j < Order; j++) whole += error[i] * matrix[Math.Min(i, j) * Order + Math.Max(i, j)] * error[j];
            double e = 0;
            for (int j = 0; j <= i; j++) e += error[j] * U(factor, Order, j, i);
            shifted += factor[i * Order + i] * e * e;
        }

        Assert.Equal(whole, shifted, 1e-9);
    }

    [Fact]
    public void Threads_change_no_bit()
    {
        double[] matrix = PositiveDefinite(new Random(7), 300), other = [.. matrix];

        Assert.True(FeedbackFactor.TryFactor(matrix, 300));
        Assert.True(FeedbackFactor.TryFactor(other, 300, threads: 3));

        Assert.Equal(matrix, other);
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void A_matrix_that_is_not_positive_definite_is_refused(double pivot)
    {
        double[] matrix = PositiveDefinite(new Random(9), 50);
        matrix[20 * 50 + 20] = pivot;

        Assert.False(FeedbackFactor.TryFactor(matrix, 50));
    }

    static double U(double[] factor, int order, int i, int k) => i == k ? 1 : i < k ? factor[i * order + k] : 0;

    static double[] PositiveDefinite(Random random, int order)
    {
        double[] root = [.. Enumerable.Range(0, order * order).Select(_ => random.NextDouble() - 0.5)];
        double[] matrix = new double[order * order];
        for (int i = 0; i < order; i++)
        {
            for (int j = i; j < order; j++)
            {
                for (int k = 0; k < order; k++) matrix[i * order + j] += root[i * order + k] * root[j * order + k];
                if (i == j) matrix[i * order + i] += 0.1;
            }
        }

        return matrix;
    }
}
