using CsCheck;
using Kneepoint.Pareto;

namespace Kneepoint.Tests.Pareto;

public sealed class HypervolumeContributionsTests
{
    static readonly double[] Reference = [9.5, 9.75, 10, 10.25];

    [Theory]
    [InlineData(1, 30)]
    [InlineData(2, 60)]
    [InlineData(3, 40)]
    [InlineData(4, 14)]
    public void Contribution_is_what_is_lost_without_the_point(int objectives, int most) => PointGen.Tame(objectives, most).Sample(points =>
    {
        double[] reference = Reference[..objectives];
        double[] expected = Oracle.Contributions(points, reference);
        double[] actual = HypervolumeContributions.Of(points, reference);
        Assert.Equal(expected.Length, actual.Length);
        for (int i = 0; i < expected.Length; i++) Assert.Equal(expected[i], actual[i], 1e-9);
    }, iter: 40);

    [Theory]
    [InlineData(2, 2000)]
    [InlineData(3, 300)]
    [InlineData(4, 60)]
    public void Contribution_of_many_points_is_what_is_lost_without_them(int objectives, int count)
    {
        double[] points = NondominatedFilterTests.Simplex(count, objectives);
        double[] reference = [.. Enumerable.Repeat(1.1, objectives)];

        double[] contributions = HypervolumeContributions.Of(points, reference);

        double all = Hypervolume.Of(points, reference);
        for (int left = 0; left < count; left += 7)
        {
            double[] others = [.. points[..(left * objectives)], .. points[((left + 1) * objectives)..]];
            Assert.Equal(all - Hypervolume.Of(others, reference), contributions[left], 1e-12);
        }

        Assert.True(contributions.Sum() <= all);
    }

    [Fact]
    public void Equal_dominated_and_distant_points_add_nothing() =>
        Assert.Equal([0, 0, 0, 2, 0], HypervolumeContributions.Of([1, 3, 1, 3, 2, 4, 3, 1, 0, 9], [4, 4]));
}
