using CsCheck;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Compression.Quantization.RateConstrained;

public sealed class TrellisPathTests
{
    static readonly Gen<float> AnyNumber = Gen.OneOf(Gen.Float[-3, 3], Gen.Float[-40, 40], Gen.Const(0f));

    [Fact]
    public void No_chain_of_indices_costs_less() => Gen.Select(AnyNumber.Array[1, 7], Gen.Double[0.01, 3], Gen.Int).Sample((wanted, price, seed) =>
    {
        var random = new Random(seed);
        int[] seen = [.. wanted.Select(_ => random.Next(-3, 4))];
        byte[] sets = [.. wanted.Select(_ => (byte)random.Next(2))];
        var table = new RateTable(seen, 1, sets, 2);
        double[] curvatures = [.. wanted.Select(_ => random.NextDouble() + 0.2)];
        int[] found = new int[wanted.Length];
        float[] zeros = [.. wanted.Select((value, i) => i == 2 ? 0 : value)];

        new TrellisPath(wanted.Length).Find(wanted, zeros, 1, curvatures, price, table, 0, found);

        double least = Least(0, 0);
        Assert.Equal(least, Cost(found), 1e-4 * least + 1e-5);
        if (zeros.Length > 2) Assert.Equal(0, found[2]);

        double CostOf(int i, int state, int index)
        {
            double off = Trellis.Multiple(state, index) - wanted[i];
            return curvatures[i] * off * off + price * table.Bits(i, Trellis.SetOf(state), index);
        }

        double Cost(int[] indices)
        {
            double cost = 0;
            int state = 0;
            for (int i = 0; i < indices.Length; i++)
            {
                cost += CostOf(i, state, indices[i]);
                state = Trellis.Next(state, indices[i]);
            }

            return cost;
        }

        // All paths, with the two indices around the number, the two toward zero, and zero.
        double Least(int i, int state)
        {
            if (i == wanted.Length) return 0;
            double best = double.PositiveInfinity;
            int below = (int)((Math.Abs(wanted[i]) + Trellis.SetOf(state)) / 2);
            int[] magnitudes = zeros[i] == 0 ? [0] : [.. Enumerable.Range(below - 2, 4).Where(index => index >= 0).Append(0).Distinct()];
            foreach (int magnitude in magnitudes)
            {
                int index = wanted[i] < 0 ? -magnitude : magnitude;
                best = Math.Min(best, CostOf(i, state, index) + Least(i + 1, Trellis.Next(state, index)));
            }

            return best;
        }
    }, iter: 60);

    [Fact]
    public void A_chain_of_a_million_numbers_ends_as_well_as_it_begins()
    {
        // The same thousand numbers again and again: the last time they are rounded as well as the second time.
        const int Count = 1000, Times = 1000;
        var random = new Random(3);
        float[] wanted = [.. Enumerable.Range(0, Count).Select(_ => random.NextSingle() * 8 - 4)];
        float[] all = [.. Enumerable.Range(0, Times).SelectMany(_ => wanted)];
        var table = new RateTable(new int[all.Length], 1, new byte[all.Length], 2);
        int[] indices = new int[all.Length];

        new TrellisPath(all.Length).Find(all, all, 1, [.. Enumerable.Repeat(1.0, all.Length)], 0.2, table, 0, indices);

        double[] costs = new double[Times];
        int state = 0;
        for (int i = 0; i < all.Length; i++)
        {
            costs[i / Count] += Math.Pow(Trellis.Multiple(state, indices[i]) - all[i], 2) + 0.2 * table.Bits(i, Trellis.SetOf(state), indices[i]);
            state = Trellis.Next(state, indices[i]);
        }

        Assert.Equal(costs[1], costs[^1], 1e-9);
    }

    [Fact]
    public void Room_is_used_again_for_the_next_chain()
    {
        var random = new Random(2);
        float[] wanted = [.. Enumerable.Range(0, 50).Select(_ => random.NextSingle() * 20 - 10)];
        double[] curvatures = [.. wanted.Select(_ => 1.0)];
        var table = new RateTable(new int[50], 1, new byte[50], 2);
        var path = new TrellisPath(50);
        int[] first = new int[50], second = new int[50], between = new int[50];

        path.Find(wanted, wanted, 1, curvatures, 0.1, table, 0, first);
        path.Find([.. wanted.Reverse()], wanted, 1, curvatures, 0.1, table, 0, between);
        path.Find(wanted, wanted, 1, curvatures, 0.1, table, 0, second);

        Assert.Equal(first, second);
        Assert.NotEqual(first, between);
    }
}
