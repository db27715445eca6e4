using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;

namespace Kneepoint.Tests.Compression.Quantization.Rounding;

public sealed class CodeDescentTests
{
    const int Rows = 8, Columns = 288, Block = 32, Sweeps = 6;

    // Inputs behind a ReLU have a mean, so all blocks of a row make the same error, and each would make up for all of it.
    [Theory]
    [InlineData(2, StoredScale.Single)]
    [InlineData(3, StoredScale.Single)]
    [InlineData(4, StoredScale.Single)]
    [InlineData(4, StoredScale.Half)]
    [InlineData(3, StoredScale.Logarithmic)]
    public void Bug_scales_of_several_blocks_were_moved_without_seeing_each_other(int bits, object stored)
    {
        float Store(float scale) => ((StoredScale)stored).Round(scale);
        for (int seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)(random.NextDouble() + random.NextDouble() - 1))];
            float[] second = SecondMoment(random);
            var grid = new WeightGrid(Rows, Columns, Block, -(1 << (bits - 1)), (1 << (bits - 1)) - 1);
            GridRange.Fill(grid, weights, [.. Enumerable.Repeat(1.0, Columns)], isSymmetric: true, Store);
            sbyte[] nearest = grid.Nearest(weights);

            double codesOnly = CodeDescent.Improve(weights, second, grid.Copy(), [.. nearest], Sweeps, null, 1).Sum();
            double both = CodeDescent.Improve(weights, second, grid.Copy(), [.. nearest], Sweeps, Store, 1).Sum();

            Assert.InRange(both, 0, 1.02 * codesOnly);
        }
    }

    static float[] SecondMoment(Random random)
    {
        const int Directions = 12, Samples = 600;
        double[] mixing = [.. Enumerable.Range(0, Columns * Directions).Select(_ => random.NextDouble() - 0.5)];
        double[] sums = new double[Columns * Columns];
        double[] x = new double[Columns];
        for (int s = 0; s < Samples; s++)
        {
            double[] few = [.. Enumerable.Range(0, Directions).Select(_ => random.NextDouble() - 0.4)];
            for (int k = 0; k < Columns; k++)
            {
                double sum = 0.1 * random.NextDouble();
                for (int j = 0; j < Directions; j++) sum += mixing[k * Directions + j] * few[j];
                x[k] = Math.Max(0, sum);
            }

            for (int i = 0; i < Columns; i++)
            {
                for (int j = 0; j < Columns; j++) sums[i * Columns + j] += x[i] * x[j] / Samples;
            }
        }

        return Array.ConvertAll(sums, sum => (float)sum);
    }
}
