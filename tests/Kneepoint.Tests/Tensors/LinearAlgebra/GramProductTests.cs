using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Tensors.LinearAlgebra;

public sealed class GramProductTests
{
    [Fact]
    public void Sums_of_products_equal_those_of_two_loops_for_every_number_of_columns()
    {
        var random = new Random(1);
        for (int columns = 1; columns <= 70; columns++)
        {
            int count = random.Next(0, 40), stride = GramProduct.StrideOf(columns);
            float[] rows = Rows(random, count, columns);
            double[] sums = [.. Enumerable.Range(0, columns * columns).Select(i => (double)i)];

            GramProduct.Add(rows, count, columns, sums);

            for (int i = 0; i < columns; i++)
            {
                for (int j = 0; j < columns; j++)
                {
                    double sum = 0;
                    for (int r = 0; r < count && j >= i; r++) sum += (double)rows[r * stride + i] * rows[r * stride + j];
                    Assert.Equal(i * columns + j + sum, sums[i * columns + j], 1e-4);
                }
            }
        }
    }

    [Fact]
    public void Threads_change_no_bit()
    {
        var random = new Random(2);
        float[] rows = Rows(random, 256, 301);
        double[] one = new double[301 * 301], four = new double[301 * 301];

        GramProduct.Add(rows, 256, 301, one);
        GramProduct.Add(rows, 256, 301, four, threads: 4);

        Assert.Equal(one, four);
    }

    [Fact]
    public void Each_sum_is_one_chain_of_fused_multiply_adds()
    {
        // So that a machine without vectors gets the same bits.
        var random = new Random(3);
        float[] rows = Rows(random, 100, 5);
        double[] sums = new double[25];
        GramProduct.Add(rows, 100, 5, sums);

        float expected = 0;
        for (int r = 0; r < 100; r++) expected = MathF.FusedMultiplyAdd(rows[r * 16 + 1], rows[r * 16 + 3], expected);
        Assert.Equal(expected, sums[1 * 5 + 3]);
    }

    [Fact]
    public void Lengths_that_do_not_fit_are_refused()
    {
        Assert.Throws<ArgumentException>(() => GramProduct.Add(new float[31], 2, 3, new double[9]));
        Assert.Throws<ArgumentException>(() => GramProduct.Add(new float[32], 2, 3, new double[8]));
        Assert.Throws<ArgumentOutOfRangeException>(() => GramProduct.Add(new float[257 * 16], 257, 3, new double[9]));
    }

    static float[] Rows(Random random, int count, int columns)
    {
        int stride = GramProduct.StrideOf(columns);
        float[] rows = new float[count * stride];
        for (int r = 0; r < count; r++)
        {
            for (int i = 0; i < columns; i++) rows[r * stride + i] = (float)(random.NextDouble() - 0.5);
        }

        return rows;
    }
}
