using System.Globalization;
using Kneepoint.Pareto;

namespace Kneepoint.App;

/// <summary>What a table of points says: its frontier, the volume below it, its knee and its ties.</summary>
/// <param name="Rows">Points in all.</param>
/// <param name="Frontier">Rows on the frontier, from 1, ascending.</param>
/// <param name="Values">[frontier, objectives], in the table's own units and signs.</param>
/// <param name="Volume">Dominated, in the product of the units; null without a reference; infinite if no double can hold it.</param>
/// <param name="Reference">As stated; empty without.</param>
/// <param name="KneeRow">From 1; null if the frontier has no knee.</param>
/// <param name="Ties">Rows of the frontier that are equal in every objective.</param>
sealed record FrontAnalysis(
    int Rows, int[] Frontier, double[] Values, double? Volume, double[] Reference, int? KneeRow, IReadOnlyList<int[]> Ties)
{
    /// <summary>Analyses points.</summary>
    /// <param name="points">[n, m] in the table's signs; turned in place.</param>
    /// <param name="objectives">m.</param>
    /// <param name="reference">[m] in the table's signs; empty for none.</param>
    public static FrontAnalysis Of(double[] points, FrontObjectives objectives, double[] reference)
    {
        int m = objectives.Count;
        objectives.Turn(points);
        int[] front = NondominatedFilter.Indices(points, m);
        double[] values = new double[front.Length * m];
        for (int i = 0; i < front.Length; i++) points.AsSpan(front[i] * m, m).CopyTo(values.AsSpan(i * m));

        double[] turned = [.. reference];
        objectives.Turn(turned);
        double? volume = reference.Length == 0 ? null : VolumeOf(values, turned, objectives, front);
        int knee = Knee.IndexOf(values, m);
        var ties = EqualPoints.Groups(values, m);
        objectives.Turn(values);
        int[] rows = [.. front.Select(place => place + 1)];
        return new FrontAnalysis(points.Length / m, rows, values, volume, reference, knee < 0 ? null : rows[knee],
            [.. ties.Select(group => group.Select(place => rows[place]).ToArray())]);
    }

    static double VolumeOf(double[] values, double[] reference, FrontObjectives objectives, int[] front)
    {
        int m = objectives.Count;
        for (int i = 0; i < front.Length; i++)
        {
            var point = values.AsSpan(i * m, m);
            int endless = point.IndexOf(double.NegativeInfinity);
            if (endless < 0 || !IsBelow(point, reference)) continue;
            throw new CommandLineException(string.Create(CultureInfo.InvariantCulture,
                $"row {front[i] + 1}, column '{objectives.Names[endless]}': expected a finite number for a volume, found an infinitely good one."));
        }

        double volume = Hypervolume.Of(values, reference);
        return double.IsNaN(volume) ? double.PositiveInfinity : volume;
    }

    static bool IsBelow(ReadOnlySpan<double> point, ReadOnlySpan<double> reference)
    {
        for (int k = 0; k < reference.Length; k++)
        {
            if (!(point[k] < reference[k])) return false;
        }

        return true;
    }
}
