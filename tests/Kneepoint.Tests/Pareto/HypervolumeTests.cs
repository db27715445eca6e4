using CsCheck;
using Kneepoint.Pareto;

namespace Kneepoint.Tests.Pareto;

public sealed class HypervolumeTests
{
    static readonly double[][] References = [[], [9.5], [9.5, 9.75], [9.5, 9.75, 10], [9.5, 9.75, 10, 10.25], [9.5, 9.75, 10, 10.25, 10.5]];

    // Both sums round; the oracles' sums by more, since they subtract.
    static bool Close(double expected, double actual, double largest) => Math.Abs(expected - actual) <= 1e-11 * Math.Max(largest, Math.Abs(expected));

    static double Box(double[] reference) => reference.Aggregate(1.0, (volume, limit) => volume * limit);

    [Fact]
    public void Four_points_of_the_literature_dominate_38() =>
        Assert.Equal(38, Hypervolume.Of([5, 5, 4, 6, 2, 7, 7, 4], [10, 10]));

    [Fact]
    public void Points_beyond_the_reference_contribute_nothing() =>
        Assert.Equal(1, Hypervolume.Of([1, 1, 1, 0, 0, 3, 2, 0, 0], [2, 2, 2]));

    [Fact]
    public void Plus_infinity_contributes_nothing() => Assert.Equal(1, Hypervolume.Of([1, 1, double.PositiveInfinity, 0], [2, 2]));

    [Fact]
    public void Minus_infinity_below_the_reference_is_an_error() =>
        Assert.Contains("Point 1, objective 0", Assert.Throws<ArgumentException>(
            () => Hypervolume.Of([1, 1, double.NegativeInfinity, 0], [2, 2])).Message, StringComparison.Ordinal);

    [Fact]
    public void An_infinite_reference_is_an_error() =>
        Assert.Contains("objective 1", Assert.Throws<ArgumentException>(
            () => Hypervolume.Of([1, 1], [2, double.PositiveInfinity])).Message, StringComparison.Ordinal);

    [Fact]
    public void No_points_dominate_nothing() => Assert.Equal(0, Hypervolume.Of([], [2, 2, 2]));

    [Fact]
    public void Nan_is_named_by_its_place()
    {
        var exception = Assert.Throws<ArgumentException>(() => Hypervolume.Of([1, 2, 3, double.NaN], [9, 9]));

        Assert.Contains("Point 1, objective 1", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Volume_is_that_of_inclusion_and_exclusion(int objectives) => PointGen.Tame(objectives, 12).Sample(points =>
        Close(Oracle.VolumeByInclusionExclusion(points, References[objectives]), Hypervolume.Of(points, References[objectives]), Box(References[objectives])),
        iter: 150);

    [Theory]
    [InlineData(2, 200)]
    [InlineData(3, 150)]
    [InlineData(4, 60)]
    [InlineData(5, 20)]
    public void Volume_is_that_of_slices(int objectives, int most) => PointGen.Tame(objectives, most).Sample(points =>
        Close(Oracle.Volume(points, References[objectives]), Hypervolume.Of(points, References[objectives]), Box(References[objectives])), iter: 60);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_front_of_whole_numbers_has_its_volume_to_the_last_bit(int objectives) =>
        Gen.Int[0, 8].Select(i => (double)i).Array[objectives].Array[0, 60].Select(rows => rows.SelectMany(row => row).ToArray()).Sample(points =>
            Oracle.Volume(points, References[objectives]) == Hypervolume.Of(points, References[objectives]), iter: 60);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Order_duplicates_and_dominated_points_change_nothing(int objectives) => PointGen.Tame(objectives, 40).Sample(points =>
    {
        double[] reference = References[objectives];
        double[][] rows = [.. points.Chunk(objectives)];
        double volume = Hypervolume.Of(points, reference);
        double[] more = [.. rows.Reverse().Concat(rows.Select(row => row.Select(value => value + 0.125).ToArray())).Concat(rows).SelectMany(row => row)];
        return Close(volume, Hypervolume.Of(more, reference), Box(reference));
    }, iter: 50);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void One_more_point_never_takes_volume_away(int objectives) => PointGen.Tame(objectives, 40).Sample(points =>
    {
        double[] reference = References[objectives];
        double before = Hypervolume.Of(points.Length == 0 ? [] : points[objectives..], reference);
        return Hypervolume.Of(points, reference) >= before - 1e-12 * Box(reference);
    }, iter: 100);

    [Theory]
    [InlineData(10)]
    [InlineData(4096)]
    public void A_straight_front_of_equal_steps_has_its_closed_form(int steps)
    {
        // Points (i/n, 1 − i/n), reference (1, 1): n(n−1)/2 squares of side 1/n.
        double[] points = [.. Enumerable.Range(0, steps + 1).SelectMany(i => new[] { (double)i / steps, 1 - (double)i / steps })];

        Assert.Equal((steps - 1) / (2.0 * steps), Hypervolume.Of(points, [1, 1]), 1e-15);
    }

    [Theory]
    [InlineData(3, 20)]
    [InlineData(4, 9)]
    public void A_grid_on_a_plane_has_its_closed_form(int objectives, int steps)
    {
        // All points of whole numbers with sum s below s·1: the unit cells whose least corner sums to s or more.
        double[] points = [.. Grid(objectives, steps)];
        double[] reference = [.. Enumerable.Repeat((double)steps + 1, objectives)];

        int cells = Enumerable.Range(0, (int)Math.Pow(steps + 1, objectives)).Count(cell => Digits(cell, objectives, steps + 1).Sum() >= steps);

        Assert.Equal(cells, Hypervolume.Of(points, reference));
    }

    [Theory]
    [InlineData(2, 0.71, 1e-3)]
    [InlineData(3, 1.1643333333333333, 0.012)]
    [InlineData(4, 1.4224333333333334, 0.06)]
    public void Many_points_on_the_plane_come_close_to_their_limit_from_below(int objectives, double limit, double gap)
    {
        double[] reference = [.. Enumerable.Repeat(1.1, objectives)];

        double volume = Hypervolume.Of(NondominatedFilterTests.Simplex(3000, objectives), reference);

        Assert.InRange(volume, limit - gap, limit);
    }

    [Theory]
    [InlineData(2, 0.4246018366025517, 1e-3)]
    [InlineData(3, 0.8074012244017011, 0.03)]
    [InlineData(4, 1.155674862465958, 0.13)]
    public void Many_points_on_the_sphere_come_close_to_their_limit_from_below(int objectives, double limit, double gap)
    {
        // The box of side 1.1 less the part of the unit ball with positive coordinates: pi / 4, pi / 6, pi² / 32.
        double[] reference = [.. Enumerable.Repeat(1.1, objectives)];
        double[] points = [.. NondominatedFilterTests.Simplex(3000, objectives).Chunk(objectives).SelectMany(row =>
        {
            double length = Math.Sqrt(row.Sum(value => value * value));
            return row.Select(value => value / length);
        })];

        double volume = Hypervolume.Of(points, reference);

        Assert.InRange(volume, limit - gap, limit);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(4096)]
    public void A_quarter_circle_of_equal_angles_has_its_closed_form(int steps)
    {
        // Points (cos t, sin t) at t = i·h, reference (1, 1): 1 − sum cos t_i (sin t_(i+1) − sin t_i), whose products are sines of sums.
        double h = Math.PI / 2 / steps;
        double[] points = [.. Enumerable.Range(0, steps + 1).SelectMany(i => new[] { Math.Cos(i * h), Math.Sin(i * h) })];

        double expected = 1 - steps * Math.Sin(h) / 2 - Math.Tan(h / 2) / 2;

        Assert.Equal(expected, Hypervolume.Of(points, [1, 1]), 1e-12);
    }

    [Theory]
    [InlineData(3, 3000)]
    [InlineData(4, 700)]
    [InlineData(5, 120)]
    public void Volume_of_many_points_is_the_sum_of_what_each_adds_by_another_axis(int objectives, int count)
    {
        // The sweep goes along the last objective; with the objectives turned it takes another way to the same volume.
        double[] points = NondominatedFilterTests.Simplex(count, objectives);
        double[] turned = [.. points.Chunk(objectives).SelectMany(row => row[1..].Append(row[0]))];
        double[] reference = [.. Enumerable.Repeat(1.1, objectives)];

        Assert.Equal(Hypervolume.Of(points, reference), Hypervolume.Of(turned, reference), 1e-12);
    }

    static IEnumerable<double> Grid(int objectives, int sum) => Enumerable.Range(0, (int)Math.Pow(sum + 1, objectives))
        .Select(cell => Digits(cell, objectives, sum + 1)).Where(digits => digits.Sum() == sum).SelectMany(digits => digits.Select(digit => (double)digit));

    static int[] Digits(int cell, int count, int steps)
    {
        int[] digits = new int[count];
        for (int k = 0; k < count; k++, cell /= steps) digits[k] = cell % steps;
        return digits;
    }
}
