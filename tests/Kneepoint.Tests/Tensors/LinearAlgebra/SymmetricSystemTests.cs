using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Tensors.LinearAlgebra;

public sealed class SymmetricSystemTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(33)]
    [InlineData(100)]
    public void Inverse_times_the_matrix_is_the_identity(int order)
    {
        double[] matrix = PositiveDefinite(order);
        double[] inverse = [.. matrix];

        Assert.True(SymmetricInverse.TryInvert(inverse, order));

        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j < order; j++)
            {
                double sum = 0;
                for (int k = 0; k < order; k++) sum += inverse[i * order + k] * matrix[k * order + j];
                Assert.Equal(i == j ? 1 : 0, sum, 1e-9);
            }
        }
    }

    [Fact]
    public void Indefinite_matrix_has_no_inverse_here() => Assert.False(SymmetricInverse.TryInvert([1, 2, 2, 1], 2));

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(64)]
    public void Solution_times_the_matrix_is_the_right_side(int order)
    {
        double[] matrix = PositiveDefinite(order);
        double[] factors = [.. matrix];
        Assert.True(FeedbackFactor.TryFactor(factors, order));
        var random = new Random(order);
        double[] right = [.. Enumerable.Range(0, 3 * order).Select(_ => random.NextDouble() - 0.5)];
        double[] solution = [.. right];

        SymmetricSolve.Solve(factors, order, solution);

        for (int row = 0; row < 3; row++)
        {
            for (int j = 0; j < order; j++)
            {
                double sum = 0;
                for (int k = 0; k < order; k++) sum += solution[row * order + k] * matrix[k * order + j];
                Assert.Equal(right[row * order + j], sum, 1e-9);
            }
        }
    }

    static double[] PositiveDefinite(int order)
    {
        var random = new Random(order);
        double[] rows = [.. Enumerable.Range(0, 2 * order * order).Select(_ => random.NextDouble() - 0.5)];
        double[] matrix = new double[order * order];
        for (int i = 0; i < order; i++)
        {
            for (int j = 0; j < order; j++)
            {
                for (int r = 0; r < 2 * order; r++) matrix[i * order + j] += rows[r * order + i] * rows[r * order + j];
            }

            matrix[i * order + i] += 0.1;
        }

        return matrix;
    }
}
