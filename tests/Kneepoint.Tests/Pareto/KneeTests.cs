using CsCheck;
using Kneepoint.Pareto;

namespace Kneepoint.Tests.Pareto;

public sealed class KneeTests
{
    [Fact]
    public void Knee_of_an_elbow_is_its_corner() => Assert.Equal(2, Knee.IndexOf([0, 100, 5, 60, 10, 12, 60, 5, 100, 0], 2));

    [Fact]
    public void Knee_of_a_hyperbola_is_where_it_is_steepest_as_the_chord() =>
        // y = 1/x on [1/8, 8]: the chord has slope −1, so x = 1.
        Assert.Equal(3, Knee.IndexOf([0.125, 8, 0.25, 4, 0.5, 2, 1, 1, 2, 0.5, 4, 0.25, 8, 0.125], 2));

    [Fact]
    public void A_straight_front_has_no_knee() =>
        Assert.Equal(-1, Knee.IndexOf([.. Enumerable.Range(0, 11).SelectMany(i => new[] { 0.1 * i, 1 - 0.1 * i })], 2));

    [Fact]
    public void A_front_that_bulges_outward_has_no_knee() => Assert.Equal(-1, Knee.IndexOf([0, 10, 8, 8, 10, 0], 2));

    [Fact]
    public void Two_points_have_no_knee() => Assert.Equal(-1, Knee.IndexOf([0, 1, 1, 0], 2));

    [Fact]
    public void Points_that_were_not_measured_are_left_out() =>
        Assert.Equal(1, Knee.IndexOf([0, 10, 1, 1, 10, 0, double.PositiveInfinity, -5], 2));

    [Fact]
    public void An_objective_that_does_not_vary_is_left_out() => Assert.Equal(1, Knee.IndexOf([0, 7, 10, 1, 7, 1, 10, 7, 0], 3));

    [Fact]
    public void Units_and_offsets_do_not_matter() => PointGen.Front(3, 40).Sample(points =>
    {
        double[] scaled = [.. points.Chunk(3).SelectMany(row => new[] { row[0] * 1024 + 512, row[1] / 64, row[2] * 4 - 8 })];
        Assert.Equal(Depth(points, Knee.IndexOf(points, 3)), Depth(points, Knee.IndexOf(scaled, 3)), 1e-9);
    }, iter: 100);

    static double Depth(double[] points, int knee) => knee < 0 ? 1 : Enumerable.Range(0, 3).Sum(k =>
    {
        double[] column = [.. points.Chunk(3).Select(row => row[k])];
        return (column[knee] - column.Min()) / (column.Max() - column.Min());
    });
}
