using Kneepoint.Pareto;

namespace Kneepoint.Tests.Pareto;

public sealed class HypervolumeTests
{
    [Fact]
    public void Four_points_of_the_literature_dominate_38() =>
        Assert.Equal(38, Hypervolume.Of([5, 5, 4, 6, 2, 7, 7, 4], [10, 10]));

    [Fact]
    public void Points_beyond_the_reference_contribute_nothing() =>
        Assert.Equal(1, Hypervolume.Of([1, 1, 1, 0, 0, 3, 2, 0, 0], [2, 2, 2]));

    [Fact]
    public void Nan_is_named_by_its_place()
    {
        var exception = Assert.Throws<ArgumentException>(() => Hypervolume.Of([1, 2, 3, double.NaN], [9, 9]));

        Assert.Contains("Point 1, objective 1", exception.Message, StringComparison.Ordinal);
    }
}
