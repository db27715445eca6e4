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

        // All paths, with the indices near the number and those near zero.
        double Least(int i, int state)
        {
            if (i == wanted.Length) return 0;
            double best = double.PositiveInfinity;
            int near = (int)Math.Round(wanted[i] / 2);
            int[] candidates = zeros[i] == 0 ? [0] : [.. Enumerable.Range(near - 2, 5).Append(0).Distinct()];
            foreach (int index in candidates) best = Math.Min(best, CostOf(i, state, index) + Least(i + 1, Trellis.Next(state, index)));
            return best;
        }
    }, iter: 60);

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
