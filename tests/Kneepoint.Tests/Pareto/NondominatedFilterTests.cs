using CsCheck;
using Kneepoint.Pareto;

namespace Kneepoint.Tests.Pareto;

public sealed class NondominatedFilterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Mask_is_that_of_all_pairs(int objectives) =>
        PointGen.Any(objectives, 150).Sample(points => Assert.Equal(Oracle.Nondominated(points, objectives), NondominatedFilter.Mask(points, objectives)), iter: 300);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Mask_of_many_points_is_that_of_all_pairs(int objectives)
    {
        double[][] sets = [Points(3000, objectives, 0), Points(3000, objectives, 12), Simplex(1500, objectives), [.. Points(5000, objectives, 0), .. Simplex(300, objectives)]];
        foreach (double[] points in sets)
        {
            Assert.Equal(Oracle.Nondominated(points, objectives), NondominatedFilter.Mask(points, objectives));
        }
    }

    [Fact]
    public void Equal_points_all_stay_and_weakly_dominated_ones_go() =>
        Assert.Equal([true, true, false, false, true], NondominatedFilter.Mask([1, 2, 1, 2, 1, 3, 2, 2, 2, 1], 2));

    [Fact]
    public void Minus_zero_equals_zero() => Assert.Equal([true, true], NondominatedFilter.Mask([0.0, -0.0, -0.0, 0.0], 2));

    [Fact]
    public void No_points_give_no_mask() => Assert.Empty(NondominatedFilter.Mask([], 3));

    [Fact]
    public void Indices_are_the_places_of_the_mask() => Assert.Equal([0, 2], NondominatedFilter.Indices([1, 3, 2, 4, 2, 2], 2));

    [Fact]
    public void Input_is_left_alone() => PointGen.Any(4, 60).Sample(points =>
    {
        double[] copy = [.. points];
        NondominatedFilter.Mask(points, 4);
        Assert.Equal(copy, points);
    }, iter: 20);

    [Theory]
    [InlineData(64)]
    [InlineData(1001)]
    public void Nan_is_named_by_its_place(int place)
    {
        double[] points = new double[3 * 400];
        points[place] = double.NaN;

        var exception = Assert.Throws<ArgumentException>(() => NondominatedFilter.Mask(points, 3));

        Assert.Contains($"Point {place / 3}, objective {place % 3}: expected a number, found NaN.", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_broken_last_row_is_an_error() =>
        Assert.Contains("4 numbers", Assert.Throws<ArgumentException>(() => NondominatedFilter.Mask([1, 2, 3, 4], 3)).Message, StringComparison.Ordinal);

    internal static double[] Points(int count, int objectives, int levels)
    {
        var random = new Random(count + objectives + levels);
        double[] points = new double[count * objectives];
        for (int i = 0; i < points.Length; i++) points[i] = levels == 0 ? random.NextDouble() : random.Next(levels);
        return points;
    }

    internal static double[] Simplex(int count, int objectives)
    {
        var random = new Random(count);
        double[] points = new double[count * objectives];
        for (int i = 0; i < count; i++)
        {
            var row = points.AsSpan(i * objectives, objectives);
            double sum = 0;
            for (int k = 0; k < objectives; k++) sum += row[k] = -Math.Log(1 - random.NextDouble());
            for (int k = 0; k < objectives; k++) row[k] /= sum;
        }

        return points;
    }
}
