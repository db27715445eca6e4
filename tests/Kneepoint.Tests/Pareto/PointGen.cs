using CsCheck;

namespace Kneepoint.Tests.Pareto;

/// <summary>Sets of points as they occur: spread, on few values with many ties, on a front, in clusters, over decades.</summary>
static class PointGen
{
    static readonly Gen<double> Spread = Gen.Double[0, 1];
    static readonly Gen<double> Few = Gen.Int[0, 4].Select(i => (double)i);
    static readonly Gen<double> Whole = Gen.Int[0, 40].Select(i => i * 0.25);
    static readonly Gen<double> Decades = Gen.Double[-12, 12].Select(exponent => Math.Pow(10, exponent));
    static readonly Gen<double> Odd = Gen.OneOf((double[])[0.0, -0.0, 1, -1, 1e300, -1e300, double.Epsilon, double.PositiveInfinity, double.NegativeInfinity]);

    /// <summary>Coordinates of any kind, one kind per set.</summary>
    public static Gen<double[]> Any(int objectives, int most) =>
        Gen.OneOf(Set(Spread, objectives, most), Set(Few, objectives, most), Set(Whole, objectives, most), Set(Decades, objectives, most),
            Set(Odd, objectives, most), Front(objectives, most));

    /// <summary>Finite coordinates below 11, without large spreads.</summary>
    public static Gen<double[]> Tame(int objectives, int most) =>
        Gen.OneOf(Set(Spread, objectives, most), Set(Few, objectives, most), Set(Whole, objectives, most), Front(objectives, most));

    /// <summary>Mutually nondominated up to rounding: points whose coordinates sum to one.</summary>
    public static Gen<double[]> Front(int objectives, int most) =>
        Gen.Double[0.001, 1].Array[objectives].Select(row => row.Select(value => value / row.Sum()).ToArray()).Array[0, most]
            .Select(rows => rows.SelectMany(row => row).ToArray());

    static Gen<double[]> Set(Gen<double> coordinate, int objectives, int most) =>
        Gen.Int[0, most].SelectMany(count => coordinate.Array[count * objectives]);
}
