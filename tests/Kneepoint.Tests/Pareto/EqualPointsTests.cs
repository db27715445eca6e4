using CsCheck;
using Kneepoint.Pareto;

namespace Kneepoint.Tests.Pareto;

public sealed class EqualPointsTests
{
    [Fact]
    public void Groups_are_those_of_equal_rows() => PointGen.Any(2, 60).Sample(points =>
    {
        var expected = points.Chunk(2).Select((row, i) => (Key: (row[0] + 0.0, row[1] + 0.0), i)).GroupBy(pair => pair.Key, pair => pair.i)
            .Where(group => group.Count() > 1).Select(group => group.ToArray());

        Assert.Equal(expected, EqualPoints.Groups(points, 2));
    }, iter: 200);
}
