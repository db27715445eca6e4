using Kneepoint.Coding.Indices;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Compression.Quantization.RateConstrained;

public sealed class RateRoundingTests
{
    const int Rows = 24, Columns = 18;

    [Theory]
    [InlineData(1e-6)]
    [InlineData(1e-3)]
    [InlineData(1e-1)]
    public void Error_and_bits_are_those_of_the_multiples(double price)
    {
        var (weights, moments) = Layer(seed: 1);

        var rounded = RateRounding.Round(weights, moments, price, isTrellis: false, threads: 1)!;

        double error = moments.ErrorOf(rounded.ErrorsOf(weights));
        Assert.Equal(error, rounded.Error, 1e-3 * error + 1e-6);
        Assert.Equal(new RateTable(rounded.Multiples, Columns).Bits(rounded.Multiples), rounded.Bits, 1e-6);
        Assert.Equal(rounded.Values(), rounded.Multiples.Select(multiple => multiple * rounded.Step));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_higher_price_buys_fewer_bits_and_more_error(bool isTrellis)
    {
        var (weights, moments) = Layer(seed: 2);

        var curve = new[] { 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1 }.Select(price => RateRounding.Round(weights, moments, price, isTrellis, threads: 1)!).ToList();

        Assert.All(curve.Zip(curve.Skip(1)), pair => Assert.True(pair.Second.Bits < pair.First.Bits && pair.Second.Error > pair.First.Error));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void At_its_price_it_costs_less_than_rounding_to_nearest_at_any_step(bool isTrellis)
    {
        var (weights, moments) = Layer(seed: 3);
        const double price = 1e-3;

        var rounded = RateRounding.Round(weights, moments, price, isTrellis, threads: 1)!;

        double cost = rounded.Error + price * rounded.Bits;
        for (double step = 0.01; step < 10; step *= 1.1)
        {
            int[] nearest = [.. weights.Select(weight => (int)Math.Round(weight / step))];
            double other = moments.ErrorOf([.. nearest.Zip(weights, (multiple, weight) => (float)(multiple * step - weight))]) + price * new RateTable(nearest, Columns).Bits(nearest);
            Assert.True(cost < other, $"{cost} at step {rounded.Step}, nearest costs {other} at step {step}.");
        }
    }

    [Fact]
    public void No_single_multiple_can_move_by_one_and_cost_less()
    {
        var (weights, moments) = Layer(seed: 4);
        const double price = 1e-3;
        var rounded = RateRounding.Round(weights, moments, price, isTrellis: false, threads: 1)!;
        var table = new RateTable(rounded.Multiples, Columns);
        double cost = rounded.Error + price * table.Bits(rounded.Multiples);

        double best = 0;
        for (int i = 0; i < weights.Length; i++)
        {
            foreach (int move in new[] { -1, 1 })
            {
                int[] moved = [.. rounded.Multiples];
                moved[i] += move;
                double other = moments.ErrorOf([.. moved.Zip(weights, (multiple, weight) => multiple * rounded.Step - weight)]) + price * table.Bits(moved);
                best = Math.Max(best, cost - other);
            }
        }

        // The last turn counted bits by the table before it.
        Assert.InRange(best / cost, 0, 0.005);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Weights_that_are_zero_stay_zero(bool isTrellis)
    {
        var (weights, moments) = Layer(seed: 5);
        for (int i = 0; i < weights.Length; i += 3) weights[i] = 0;

        var rounded = RateRounding.Round(weights, moments, 1e-4, isTrellis, threads: 1)!;

        for (int i = 0; i < weights.Length; i += 3) Assert.Equal(0, rounded.Multiples[i]);
    }

    [Fact]
    public void Multiples_of_a_trellis_are_chains_down_the_columns()
    {
        var (weights, moments) = Layer(seed: 14);

        var rounded = RateRounding.Round(weights, moments, 1e-3, isTrellis: true, threads: 1)!;

        var chains = TrellisChains.Find(rounded.Multiples, new IndexShape(Rows, Columns, 1), new int[rounded.Multiples.Length]);
        Assert.False(chains!.IsAlongRows);
        Assert.False(chains.HasBegins);
        double error = moments.ErrorOf(rounded.ErrorsOf(weights));
        Assert.Equal(error, rounded.Error, 1e-3 * error + 1e-6);
    }

    [Theory]
    [InlineData(1e-2)]
    [InlineData(1e-1)]
    public void A_trellis_costs_less_than_single_multiples_at_the_same_price(double price)
    {
        var random = new Xoshiro256(15);
        float[] weights = [.. Enumerable.Range(0, 200 * Columns).Select(_ => (float)Normal(random))];
        var moments = Moments(115, rows: 2000).Damped(0.01);
        double Cost(bool isTrellis) => RateRounding.Round(weights, moments, price, isTrellis, threads: 1) is { } rounded ? rounded.Error + price * rounded.Bits : double.NaN;

        Assert.InRange(Cost(isTrellis: true) / Cost(isTrellis: false), 0.9, 0.985);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Groups_are_rounded_by_their_own_inputs_at_one_step(bool isTrellis)
    {
        var (first, momentOfFirst) = Layer(seed: 6);
        var (second, momentOfSecond) = Layer(seed: 7);
        float[] both = [.. first, .. second];

        var rounded = RateRounding.Round(both, new MomentGroups([.. momentOfFirst.Groups, .. momentOfSecond.Groups]), 1e-3, isTrellis, threads: 2)!;

        float[] errors = rounded.ErrorsOf(both);
        double error = momentOfFirst.ErrorOf(errors.AsSpan(0, first.Length)) + momentOfSecond.ErrorOf(errors.AsSpan(first.Length));
        Assert.Equal(error, rounded.Error, 1e-3 * error);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Threads_do_not_change_the_result(bool isTrellis)
    {
        var (weights, moments) = Layer(seed: 8);

        var one = RateRounding.Round(weights, moments, 1e-3, isTrellis, threads: 1)!;
        var four = RateRounding.Round(weights, moments, 1e-3, isTrellis, threads: 4)!;

        Assert.Equal(one.Multiples, four.Multiples);
        Assert.Equal(one.Step, four.Step);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_step_has_eight_significant_bits_so_that_multiples_are_exact(bool isTrellis)
    {
        var (weights, moments) = Layer(seed: 9);

        var rounded = RateRounding.Round(weights, moments, 1e-4, isTrellis, threads: 1)!;

        Assert.Equal(0u, BitConverter.SingleToUInt32Bits(rounded.Step) & 0xFFFF);
        Assert.All(rounded.Multiples, multiple => Assert.Equal((double)multiple * rounded.Step, (double)(multiple * rounded.Step)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void All_zero_weights_are_no_bits(bool isTrellis)
    {
        var (_, moments) = Layer(seed: 10);

        var rounded = RateRounding.Round(new float[Rows * Columns], moments, 1e-4, isTrellis, threads: 1)!;

        Assert.Equal(0, rounded.Bits);
        Assert.All(rounded.Multiples, multiple => Assert.Equal(0, multiple));
    }

    [Fact]
    public void Few_rows_are_trusted_less_and_many_are_trusted()
    {
        var (weights, _) = Layer(seed: 11);
        (double Share, double Price) Choice(int rows) => DampingChoice.Of(weights, Moments(12, rows), Moments(13, rows), 0.3, threads: 1);

        Assert.NotEqual((0.01, 0.3), Choice(4));
        Assert.Equal((0.01, 0.3), Choice(4000));
    }

    [Fact]
    public void Bug_a_higher_price_gave_more_bits_where_the_damping_changed()
    {
        var (weights, _) = Layer(seed: 16);
        var (first, second) = (Moments(17, rows: 8), Moments(18, rows: 8));
        var whole = new MomentGroups([new SecondMoment([.. first.Groups[0].Upper.Zip(second.Groups[0].Upper, (a, b) => (a + b) / 2)], Columns, 16)]);
        double[] bits = [.. new[] { 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1 }.Select(price =>
        {
            var (share, own) = DampingChoice.Of(weights, first, second, price, threads: 1);
            return RateRounding.Round(weights, whole.Damped(share), own, isTrellis: true, threads: 1)!.Bits;
        })];

        Assert.All(bits.Zip(bits.Skip(1)), pair => Assert.True(pair.Second < pair.First * 1.1, $"{string.Join(' ', bits.Select(b => b.ToString("F0", System.Globalization.CultureInfo.InvariantCulture)))}"));
    }

    static (float[] Weights, MomentGroups Moments) Layer(ulong seed)
    {
        var random = new Xoshiro256((long)seed);
        float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(i => (float)(Normal(random) * (1 + i / Columns % 4)))];
        return (weights, Moments(seed + 100, rows: 2000).Damped(0.01));
    }

    // Of inputs that depend on each other, as neighboring pixels do.
    static MomentGroups Moments(ulong seed, int rows)
    {
        var random = new Xoshiro256((long)seed);
        double[] upper = new double[Columns * Columns], row = new double[Columns];
        for (int i = 0; i < rows; i++)
        {
            double last = 0;
            for (int k = 0; k < Columns; k++) row[k] = last = 0.8 * last + Normal(random) * (k % 3 == 0 ? 2 : 0.5);
            for (int k = 0; k < Columns; k++)
            {
                for (int j = k; j < Columns; j++) upper[k * Columns + j] += row[k] * row[j] / rows;
            }
        }

        return new MomentGroups([new SecondMoment(upper, Columns, rows)]);
    }

    static double Normal(Xoshiro256 random)
    {
        double sum = -6;
        for (int i = 0; i < 12; i++) sum += random.NextDouble();
        return sum;
    }
}
