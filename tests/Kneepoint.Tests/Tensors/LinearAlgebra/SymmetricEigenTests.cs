using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Tensors.LinearAlgebra;

public sealed class SymmetricEigenTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(65)]
    public void Vectors_are_orthonormal_and_scaled_by_the_matrix(int order)
    {
        double[] matrix = Symmetric(order, order);

        var (values, vectors) = SymmetricEigen.TryDecompose([.. matrix], order)!.Value;

        for (int i = 0; i < order; i++)
        {
            if (i > 0) Assert.True(values[i] <= values[i - 1]);
            for (int j = 0; j < order; j++)
            {
                double inner = 0, product = 0;
                for (int k = 0; k < order; k++)
                {
                    inner += vectors[i * order + k] * vectors[j * order + k];
                    product += matrix[j * order + k] * vectors[i * order + k];
                }

                Assert.Equal(i == j ? 1 : 0, inner, 1e-10);
                Assert.Equal(values[i] * vectors[i * order + j], product, 1e-9);
            }
        }
    }

    [Fact]
    public void Values_that_repeat_and_zeros_are_found()
    {
        var (values, _) = SymmetricEigen.TryDecompose([2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 5], 4)!.Value;

        Assert.Equal([5, 2, 2, 0], values);
    }

    [Fact]
    public void Matrix_of_rank_one_has_one_value()
    {
        double[] matrix = [.. Enumerable.Range(1, 6).SelectMany(i => Enumerable.Range(1, 6).Select(j => (double)i * j))];

        var (values, _) = SymmetricEigen.TryDecompose(matrix, 6)!.Value;

        Assert.Equal(91, values[0], 1e-9);
        Assert.All(values[1..], value => Assert.Equal(0, value, 1e-9));
    }

    [Fact]
    public void Numbers_that_are_not_finite_are_refused() => Assert.Null(SymmetricEigen.TryDecompose([double.NaN], 1));

    static double[] Symmetric(int order, int seed)
    {
        var random = new Random(seed);
        double[] matrix = new double[order * order];
        for (int i = 0; i < order; i++)
        {
            for (int j = i; j < order; j++) matrix[i * order + j] = matrix[j * order + i] = random.NextDouble() - 0.5;
        }

        return matrix;
    }
}
