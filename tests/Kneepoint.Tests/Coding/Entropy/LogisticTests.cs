using Kneepoint.Coding.Entropy;

namespace Kneepoint.Tests.Coding.Entropy;

public sealed class LogisticTests
{
    static readonly int[] LogOdds = [.. Enumerable.Range(-Logistic.Most, 2 * Logistic.Most + 1)];
    static readonly uint[] Probabilities = [.. Enumerable.Range(1, 65535).Select(p => (uint)p)];

    [Fact]
    public void Both_functions_rise()
    {
        Assert.All(LogOdds[1..], x => Assert.True(Logistic.Squash(x) >= Logistic.Squash(x - 1)));
        Assert.All(Probabilities[1..], p => Assert.True(Logistic.Stretch(p) >= Logistic.Stretch(p - 1)));
    }

    [Fact]
    public void Squash_is_the_logistic_function_to_half_a_unit() =>
        Assert.All(LogOdds, x => Assert.Equal(65536 / (1 + Math.Exp(-x / 256.0)), Logistic.Squash(x), 0.5001));

    [Fact]
    public void Opposite_log_odds_have_probabilities_that_sum_to_one() =>
        Assert.All(LogOdds, x => Assert.InRange(Logistic.Squash(x) + Logistic.Squash(-x), 65535u, 65537u));

    [Fact]
    public void A_probability_comes_back_from_its_log_odds() =>
        // The table knows the middles of 16 probabilities; a step of the log odds is up to 64 units of probability.
        Assert.All(Probabilities.Where(p => p is > 32 and < 65504), p => Assert.InRange(Logistic.Squash(Logistic.Stretch(p)), p - 32, p + 73));

    [Fact]
    public void Log_odds_of_opposite_probabilities_are_opposite() =>
        Assert.All(Probabilities.Where(p => p is > 4096 and < 61440), p => Assert.InRange(Logistic.Stretch(p) + Logistic.Stretch(65536 - p), -2, 2));

    [Fact]
    public void Beyond_the_ends_are_the_ends()
    {
        Assert.Equal(Logistic.Squash(Logistic.Most), Logistic.Squash(int.MaxValue));
        Assert.Equal(Logistic.Squash(-Logistic.Most), Logistic.Squash(int.MinValue));
        Assert.Equal(-Logistic.Most, Logistic.Stretch(1));
        Assert.Equal(Logistic.Most, Logistic.Stretch(65535));
    }

    [Fact]
    public void The_tables_are_the_same_on_every_machine()
    {
        // A packed file opens only where these are the numbers that wrote it.
        Assert.Equal([22u, 186, 1292, 7812, 17625, 26448, 32704, 32768, 32832, 37659, 47911, 57724, 64357, 65478, 65514], ((int[])[-2047, -1500, -1000, -512, -256, -100, -1, 0, 1, 77, 256, 512, 1024, 1800, 2047]).Select(Logistic.Squash));
        Assert.Equal([-2047, -2030, -1650, -1066, -497, -210, 1, 116, 611, 1229, 1892, 2047], ((uint[])[1, 16, 100, 1000, 8192, 20000, 32768, 40000, 60000, 65000, 65500, 65535]).Select(Logistic.Stretch));
        Assert.Equal(0x793E7C8DCD46DB00UL, LogOdds.Aggregate(0ul, (hash, x) => hash * 31 + Logistic.Squash(x)));
        Assert.Equal(0xECF9D0EAB70CA21UL, Probabilities.Aggregate(0ul, (hash, p) => hash * 31 + (ulong)(Logistic.Stretch(p) + 4096)));
    }
}
