using CsCheck;
using Kneepoint.Coding.Entropy;

namespace Kneepoint.Tests.Coding.Entropy;

public sealed class AdaptiveBitTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Equal_bits_drive_the_probability_to_their_side(int bit)
    {
        uint state = AdaptiveBit.Fresh;
        for (int n = 1; n <= 1000; n++)
        {
            AdaptiveBit.Update(ref state, bit, AdaptiveBit.MostCount);
            double expected = bit == 0 ? 0.25 / (0.5 + n) : 1 - 0.25 / (0.5 + n);
            Assert.Equal(expected, AdaptiveBit.Probability(state) / 65536.0, 0.002);
        }
    }

    [Fact]
    public void The_probability_becomes_the_frequency() => Gen.Select(Gen.Int[1, 99], Gen.Int).Sample((percent, seed) =>
    {
        var random = new Random(seed);
        uint state = AdaptiveBit.Fresh;
        int ones = 0;
        for (int i = 0; i < 1000; i++)
        {
            int bit = random.Next(100) < percent ? 1 : 0;
            ones += bit;
            AdaptiveBit.Update(ref state, bit, AdaptiveBit.MostCount);
        }

        return Math.Abs(AdaptiveBit.Probability(state) / 65536.0 - ones / 1000.0) < 0.003;
    });

    [Fact]
    public void The_count_stops_at_its_limit() => Gen.Int[0, AdaptiveBit.MostCount].Sample(limit =>
    {
        uint state = AdaptiveBit.Fresh;
        for (int i = 0; i < 1100; i++)
        {
            Assert.Equal(Math.Min(i, limit), AdaptiveBit.Count(state));
            AdaptiveBit.Update(ref state, i & 1, limit);
        }
    }, iter: 30);

    [Fact]
    public void A_low_limit_forgets_sooner()
    {
        uint slow = AdaptiveBit.Fresh, fast = AdaptiveBit.Fresh;
        for (int i = 0; i < 2000; i++)
        {
            AdaptiveBit.Update(ref slow, i < 1900 ? 0 : 1, 1000);
            AdaptiveBit.Update(ref fast, i < 1900 ? 0 : 1, 30);
        }

        Assert.InRange(AdaptiveBit.Probability(fast), 60_000u, 65_535u);
        Assert.InRange(AdaptiveBit.Probability(slow), 3_000u, 8_000u);
    }

    [Fact]
    public void No_bit_is_ever_certain() => Gen.Select(Gen.UInt, Gen.Int[0, 1].Array[0, 300], Gen.Int[1, AdaptiveBit.MostCount]).Sample((state, bits, limit) =>
    {
        Assert.InRange(AdaptiveBit.Probability(state), 1u, 65_535u);
        foreach (int bit in bits)
        {
            AdaptiveBit.Update(ref state, bit, limit);
            Assert.InRange(AdaptiveBit.Probability(state), 1u, 65_535u);
        }
    });
}
