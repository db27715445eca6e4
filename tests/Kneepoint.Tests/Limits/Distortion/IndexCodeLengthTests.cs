using CsCheck;
using Kneepoint.Limits;
using Kneepoint.Limits.Distortion;

namespace Kneepoint.Tests.Limits.Distortion;

public sealed class IndexCodeLengthTests
{
    static readonly Gen<int[]> Indices = Gen.Int[1, 9].SelectMany(kinds => Gen.Int[0, kinds].Array[1, 400]);

    [Fact]
    public void Figures_are_those_worked_out_by_hand()
    {
        Assert.Equal(4, IndexCodeLength.Order0Bits([2, 2]), 1e-12);
        Assert.Equal(14, IndexCodeLength.Order0Bits([4, 2, 1, 1]), 1e-12);
        Assert.Equal(0, IndexCodeLength.Order0Bits([7, 0]));
        Assert.Equal(14 + 1.5 * 3, IndexCodeLength.TwoPartBits([4, 2, 1, 1]), 1e-12);

        // One half, then a quarter.
        Assert.Equal(3, IndexCodeLength.KrichevskyTrofimovBits([1, 1]), 1e-12);

        // One half, two thirds, a quarter.
        Assert.Equal(Math.Log2(12), IndexCodeLength.LaplaceBits([2, 1]), 1e-12);
        Assert.Equal(0, IndexCodeLength.LaplaceBits([5]), 1e-12);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(0.01)]
    public void An_adaptive_code_takes_what_its_predictions_add_up_to(double prior) =>
        Indices.Sample(indices =>
        {
            int[] kinds = [.. indices.Distinct().Order()];
            double[] seen = new double[kinds.Length];
            double bits = 0;
            for (int i = 0; i < indices.Length; i++)
            {
                int kind = Array.BinarySearch(kinds, indices[i]);
                bits -= Math.Log2((seen[kind] + prior) / (i + kinds.Length * prior));
                seen[kind]++;
            }

            Assert.Equal(bits, IndexCodeLength.AdaptiveBits(IndexCodeLength.CountsOf(indices), prior), 1e-9 * (1 + bits));
        });

    [Fact]
    public void Learning_the_shares_costs_half_a_logarithm_for_each() =>
        Indices.Sample(indices =>
        {
            long[] counts = IndexCodeLength.CountsOf(indices);
            double order0 = IndexCodeLength.Order0Bits(counts), adaptive = IndexCodeLength.KrichevskyTrofimovBits(counts);

            // For every sequence: at most (k − 1)/2·log₂ n + log₂ k above.
            Assert.InRange(adaptive - order0, -1e-9, (counts.Length - 1) / 2.0 * Math.Log2(indices.Length) + Math.Log2(counts.Length) + 1e-9);
        });

    [Fact]
    public void Of_a_million_indices_nothing_gets_lost()
    {
        long[] counts = [600_000, 250_000, 100_000, 50_000];

        Assert.Equal(IndexCodeLength.TwoPartBits(counts), IndexCodeLength.KrichevskyTrofimovBits(counts), 5.0);
        Assert.Equal(1e6 * (0.6 * Math.Log2(1 / 0.6) + 0.25 * 2 + 0.1 * Math.Log2(10) + 0.05 * Math.Log2(20)), IndexCodeLength.Order0Bits(counts), 1e-6);
    }

    [Fact]
    public void Counts_are_of_what_occurs() => Assert.Equal([1, 2, 1], IndexCodeLength.CountsOf([7, -3, 0, 0]));

    [Fact]
    public void Nothing_costs_nothing()
    {
        Assert.Equal(0, IndexCodeLength.Order0Bits([]));
        Assert.Equal(0, IndexCodeLength.TwoPartBits([]));
        Assert.Equal(0, IndexCodeLength.KrichevskyTrofimovBits([0, 0]));
    }

    [Fact]
    public void Impossible_numbers_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexCodeLength.Order0Bits([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => IndexCodeLength.AdaptiveBits([1], 0));
        Assert.Equal(('L', LimitStatus.True), (IndexCodeLength.Statement.Letter, IndexCodeLength.Statement.Status));
    }
}
