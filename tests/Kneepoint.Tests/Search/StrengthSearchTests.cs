using Kneepoint.Search;

namespace Kneepoint.Tests.Search;

public sealed class StrengthSearchTests
{
    [Theory]
    [InlineData(5, 0)]
    [InlineData(5, 1)]
    [InlineData(5, 3)]
    [InlineData(5, 5)]
    [InlineData(1, 0)]
    [InlineData(1, 1)]
    [InlineData(9, 4)]
    public void Both_neighbors_of_the_strongest_that_is_taken_are_measured(int strengths, int taken)
    {
        double?[] losses = new double?[strengths];
        int trials = 0;
        while (StrengthSearch.Next(losses) is { } next)
        {
            Assert.Null(losses[next]);
            losses[next] = next < taken ? 0.001 : 0.5;
            trials++;
        }

        Assert.True(taken == 0 || losses[taken - 1] is not null);
        Assert.True(taken == strengths || losses[taken] is not null);
        Assert.InRange(trials, 1, 4);
    }

    [Fact]
    public void Strength_that_failed_counts_as_too_strong() => Assert.Equal(0, StrengthSearch.Next([null, double.NaN, null]));
}
