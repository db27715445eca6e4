using CsCheck;
using Kneepoint.Coding.Entropy;
using Kneepoint.Coding.Indices;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Coding.Indices;

public sealed class TrellisChainsTests
{
    static readonly Gen<IndexShape> Shape = Gen.Select(Gen.Int[2, 90], Gen.Int[1, 12], Gen.Int[1, 4]).Select((rows, channels, period) => new IndexShape(rows, channels * period, period));

    [Fact]
    public void Chains_are_found_in_their_multiples_and_give_the_indices_back() => Gen.Select(Shape, Gen.Bool, Gen.Int).Sample((shape, isAlongRows, seed) =>
    {
        int[] indices = Indices(shape.Count, seed), multiples = [.. indices];
        new TrellisChains(shape, isAlongRows).ToMultiples(multiples);
        int[] found = new int[multiples.Length];

        var chains = TrellisChains.Find(multiples, shape, found);

        // Few numbers may be chains the other way too: then the indices are others, and the multiples are the same.
        Assert.NotNull(chains);
        if (chains.IsAlongRows == isAlongRows && !chains.HasBegins) Assert.Equal(indices, found);
        chains.ToMultiples(found);
        Assert.Equal(multiples, found);
    });

    [Fact]
    public void Columns_that_go_on_from_another_part_are_found_with_their_states()
    {
        var shape = new IndexShape(200, 9, 1);
        int[] multiples = Indices(shape.Count, 3);
        new TrellisChains(shape, isAlongRows: false).ToMultiples(multiples);
        int[] rest = new int[130 * 9];

        var chains = TrellisChains.Find(multiples.AsSpan(70 * 9), new IndexShape(130, 9, 1), rest);

        Assert.NotNull(chains);
        Assert.True(chains.HasBegins);
        chains.ToMultiples(rest);
        Assert.Equal(multiples[(70 * 9)..], rest);
    }

    [Fact]
    public void Multiples_that_are_no_chains_are_told()
    {
        var random = new Random(5);
        int[] multiples = [.. Enumerable.Range(0, 100 * 10).Select(_ => random.Next(-20, 20))];

        Assert.Null(TrellisChains.Find(multiples, new IndexShape(100, 10, 1), new int[1000]));
    }

    [Theory]
    [InlineData("mixed")]
    [InlineData("adaptive")]
    public void Indices_come_back_and_cost_less_where_the_sets_are_told(string name)
    {
        var shape = new IndexShape(300, 40, 4);
        IIndexModel New() => name == "mixed" ? new MixedIndexModel() : new AdaptiveIndexModel();
        foreach (bool isAlongRows in (bool[])[false, true])
        {
            var chains = new TrellisChains(shape, isAlongRows);
            int[] indices = Dependent(shape, chains), read = new int[indices.Length];
            var (told, untold) = (new BitWriter(), new BitWriter());
            New().Code(told, [.. indices], shape, 0, chains);
            New().Code(untold, [.. indices], shape, 0);
            byte[] code = told.End();

            New().Code(new BitReader(code), read, shape, 0, new TrellisChains(shape, isAlongRows));

            Assert.Equal(indices, read);
            Assert.InRange(code.Length, 0, untold.End().Length * 0.98);
        }
    }

    // Zeros are frequent in even states, rare in odd ones.
    static int[] Dependent(IndexShape shape, TrellisChains chains)
    {
        var random = new Random(7);
        int[] indices = new int[shape.Count];
        chains.Restart();
        for (int i = 0; i < indices.Length; i++)
        {
            int column = i % shape.Columns;
            if (column == 0) chains.BeginRow();
            ref byte state = ref chains.StateOf(column, column % shape.Period);
            indices[i] = random.NextDouble() < (Trellis.SetOf(state) == 0 ? 0.8 : 0.3) ? 0 : random.Next(-2, 3);
            Trellis.Advance(ref state, indices[i]);
        }

        return indices;
    }

    static int[] Indices(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(-6, 7))];
    }
}
