using Kneepoint.Limits.OfStudy;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Limits.OfStudy;

/// <summary>Where the noise comes from: seeds of several numbers, and normal draws.</summary>
public sealed class SeedTests
{
    // From a transcription of SplitMix64 in another language: figures of earlier studies depend on them.
    [Fact]
    public void Seeds_are_the_same_in_every_process_and_version()
    {
        Assert.Equal(-2152535657050944081, HashCodes.Of(0));
        Assert.Equal(-7995527694508729151, HashCodes.Of(1));
        Assert.Equal(-1956407806741107680, HashCodes.Of(-1));
        Assert.Equal(-776262208239339584, HashCodes.Of(7, 3));
        Assert.Equal(-4278676185045027715, HashCodes.Of(3, 7));
        Assert.Equal(-6411193824288604561, HashCodes.Of(0, 0));
    }

    [Fact]
    public void No_two_of_many_seeds_are_alike()
    {
        var seen = new HashSet<long>();
        for (int seed = 0; seed < 100; seed++)
        {
            for (int rate = 1; rate <= 100; rate++) Assert.True(seen.Add(HashCodes.Of(seed, BitConverter.DoubleToInt64Bits(rate / 20.0), rate & 1)));
        }
    }

    [Fact]
    public void Normal_draws_have_the_moments_and_the_tails_of_the_normal_distribution()
    {
        const int Count = 200_000;
        var random = new Xoshiro256(5);
        double[] draws = [.. Enumerable.Range(0, Count).Select(_ => NormalDraw.Next(random))];

        // Five standard errors each: variances of x, x², x³ and x⁴ are 1, 2, 15 and 96.
        double Error(double variance) => 5 * Math.Sqrt(variance / Count);
        Assert.Equal(0, draws.Average(), Error(1));
        Assert.Equal(1, draws.Average(x => x * x), Error(2));
        Assert.Equal(0, draws.Average(x => x * x * x), Error(15));
        Assert.Equal(3, draws.Average(x => x * x * x * x), Error(96));
        Assert.Equal(0.05, draws.Average(x => Math.Abs(x) > 1.959963984540054 ? 1.0 : 0), Error(0.05));
        Assert.All(draws, draw => Assert.True(double.IsFinite(draw)));

        // Neighbors do not hang together.
        Assert.Equal(0, draws.Zip(draws.Skip(1)).Average(pair => pair.First * pair.Second), Error(1));
    }

    [Fact]
    public void A_normal_draw_takes_one_number_of_the_generator()
    {
        Xoshiro256 first = new(9), second = new(9);
        NormalDraw.Next(first);
        second.Next();

        Assert.Equal(second.Next(), first.Next());
    }
}
