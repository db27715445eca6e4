using Kneepoint.Compression.LowRank;
using Kneepoint.Compression.Pruning;

namespace Kneepoint.Tests.Compression.LowRank;

public sealed class SpectrumTests
{
    [Theory]
    [InlineData(6, 10)]
    [InlineData(10, 6)]
    [InlineData(12, 12)]
    public void Output_error_of_a_rank_is_the_energy_of_the_tail(int rows, int columns)
    {
        var (weight, moment) = Problem(rows, columns);
        var spectrum = Spectrum.TryOf(weight, columns, moment)!;
        double energy = ColumnElimination.Energy(weight, moment, columns);

        for (int rank = 1; rank <= rows; rank++)
        {
            var (first, second) = spectrum.FactorsOf(rank);
            double[] whole = Spectrum.Multiply(second, rank, first, columns);
            double error = ColumnElimination.Energy([.. weight.Select((value, i) => value - whole[i])], moment, columns) / energy;

            Assert.Equal(spectrum.TailOf(rank), error, 1e-4 * spectrum.TailOf(rank) + 1e-12);
            Assert.True(spectrum.RankOf(spectrum.TailOf(rank) + 1e-12) <= rank);
        }
    }

    [Fact]
    public void No_other_weight_of_the_rank_has_less_error()
    {
        var (weight, moment) = Problem(5, 7);
        var spectrum = Spectrum.TryOf(weight, 7, moment)!;
        var (first, second) = spectrum.FactorsOf(2);
        double best = Error(first, second);
        var random = new Random(3);

        for (int trial = 0; trial < 200; trial++)
        {
            double[] otherFirst = [.. first.Select(value => value + 0.05 * (random.NextDouble() - 0.5))];
            double[] otherSecond = [.. second.Select(value => value + 0.05 * (random.NextDouble() - 0.5))];
            Assert.True(Error(otherFirst, otherSecond) >= best);
        }

        double Error(double[] a, double[] b) => ColumnElimination.Energy([.. Spectrum.Multiply(b, 2, a, 7).Select((value, i) => weight[i] - value)], moment, 7);
    }

    static (double[] Weight, double[] Moment) Problem(int rows, int columns)
    {
        var random = new Random(rows * 100 + columns);
        double[] weight = [.. Enumerable.Range(0, rows * columns).Select(_ => random.NextDouble() - 0.5)];
        double[] samples = [.. Enumerable.Range(0, 30 * columns).Select(i => (random.NextDouble() - 0.3) * (1 + i % columns))];
        double[] moment = new double[columns * columns];
        for (int i = 0; i < columns; i++)
        {
            for (int j = 0; j < columns; j++) moment[i * columns + j] = Enumerable.Range(0, 30).Sum(r => samples[r * columns + i] * samples[r * columns + j]) / 30;
        }

        return (weight, moment);
    }
}
