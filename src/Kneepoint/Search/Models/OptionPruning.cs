using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Search.Models;

/// <summary>Finds the choices of a group that cannot pay: another choice of the same group takes no more bytes and no more time, is expected to lose no more, and is better in one of them.</summary>
/// <remarks>
/// Times are those of uniform profiles. To dominate, a choice must not be slower, however little; but a lead in time alone counts only where it is larger than the tolerance, which profiles of some tens of runs do not reach everywhere.
/// What is not dominated in all three stays, and so does what has no figure to be compared by.
/// </remarks>
public static class OptionPruning
{
    /// <summary>A fraction of the time of a layer.</summary>
    public const double UsualTolerance = 0.1;

    /// <summary>Finds them.</summary>
    /// <param name="table">Bytes and expected losses, measured where they are known.</param>
    /// <param name="times">For each group and each of its choices the time, in any one unit; NaN where it is not known.</param>
    /// <param name="tolerance">0 to 1.</param>
    /// <returns>By group and choice; each with a choice that dominates it.</returns>
    /// <exception cref="ArgumentException">The times do not fit the table.</exception>
    public static ImmutableArray<PrunedOption> Of(ChoiceTable table, IReadOnlyList<IReadOnlyList<double>> times, double tolerance = UsualTolerance)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(times);
        if (!(tolerance is >= 0 and < 1)) throw new ArgumentOutOfRangeException(nameof(tolerance), tolerance, "The tolerance must be in [0, 1).");
        if (times.Count != table.Groups.Length || table.Groups.Zip(times).Any(pair => pair.First.Choices.Length != pair.Second.Count))
        {
            throw new ArgumentException("The times must have an entry for each choice of each group.", nameof(times));
        }

        return [.. table.Groups.SelectMany((group, place) => Of(group, place, times[place], tolerance))];
    }

    static IEnumerable<PrunedOption> Of(LayerGroup group, int place, IReadOnlyList<double> times, double tolerance)
    {
        // Domination is transitive but for leads below the tolerance, so each is compared with those that are left only: of two that dominate each other's dominators one stays.
        var left = Enumerable.Range(0, group.Choices.Length).ToList();
        for (int i = group.Choices.Length - 1; i >= 0; i--)
        {
            int by = left.FindIndex(j => j != i && Dominates(group.Choices[j], times[j], group.Choices[i], times[i], tolerance));
            if (by < 0) continue;
            by = left[by];
            left.Remove(i);
            yield return new PrunedOption(place, i, by, Reason(group, times, i, by));
        }
    }

    static bool Dominates(GroupChoice other, double otherTime, GroupChoice choice, double time, double tolerance)
    {
        if (!double.IsFinite(otherTime) || !double.IsFinite(time) || !double.IsFinite(other.Loss) || double.IsNaN(choice.Loss)) return false;
        return otherTime <= time && other.FileBytes <= choice.FileBytes && other.Loss <= choice.Loss
            && (otherTime < time * (1 - tolerance) || other.FileBytes < choice.FileBytes || other.Loss < choice.Loss);
    }

    static string Reason(LayerGroup group, IReadOnlyList<double> times, int pruned, int by)
    {
        var (choice, other) = (group.Choices[pruned], group.Choices[by]);
        return string.Create(CultureInfo.InvariantCulture,
            $"'{choice.Method}' on '{group.Id}' takes {times[pruned] / times[by]:F2} times as long as '{other.Method}' at {choice.FileBytes / other.FileBytes:F2} times the bytes, and is expected to lose {choice.Loss:G3} against {other.Loss:G3}.");
    }
}

/// <summary>A choice that cannot pay.</summary>
/// <param name="Group">The group's place.</param>
/// <param name="Choice">The choice's index.</param>
/// <param name="DominatedBy">The index of the choice that is at least as good in everything.</param>
/// <param name="Reason">One sentence.</param>
public sealed record PrunedOption(int Group, int Choice, int DominatedBy, string Reason);
