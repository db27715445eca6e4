using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>The least expected loss at every size along one axis.</summary>
sealed class LadderRungs
{
    readonly ChoiceTable _table;
    readonly LadderAxis _axis;
    readonly int[][] _choices;
    readonly ChoiceKnapsack _knapsack;

    /// <summary>Makes the ladder of a table; choices whose loss is not finite are left out.</summary>
    public LadderRungs(ChoiceTable table, LadderAxis axis) : this(table, axis, (_, _) => true)
    {
    }

    LadderRungs(ChoiceTable table, LadderAxis axis, Func<int, int, bool> isAllowed)
    {
        _table = table;
        _axis = axis;
        _choices = [.. table.Groups.Select((group, g) => Usable(group, i => isAllowed(g, i)))];
        _knapsack = new ChoiceKnapsack(_choices.Select((choices, g) => choices.Select(i => Sized(table.Groups[g].Choices[i]))));
    }

    /// <summary>The ladder between two assignments: each group is treated as in the one or as in the other.</summary>
    public static LadderRungs Between(ChoiceTable table, LadderAxis axis, ImmutableArray<int> one, ImmutableArray<int> other) =>
        new(table, axis, (group, choice) => choice == one[group] || choice == other[group]);

    /// <summary>Size with the least loss.</summary>
    public double GreatestSize => _knapsack.Hull[0].Size;

    /// <summary>The least size.</summary>
    public double LeastSize => _knapsack.LeastSize;

    /// <summary>The assignment of the least size.</summary>
    public ImmutableArray<int> Smallest() => Translate(_knapsack.AtHull(_knapsack.Hull.Count - 1));

    /// <summary>The assignment with the least loss of at most a size; null if there is none.</summary>
    public ImmutableArray<int>? AtSize(double size) => _knapsack.Best(size) is { } picks ? Translate(picks) : null;

    /// <summary>The assignment at a fraction of the way from the smallest (0) to the least loss (1), sizes in geometric progression.</summary>
    public ImmutableArray<int>? AtFraction(double fraction)
    {
        // Sizes of zero have no logarithm: such a ladder is measured from a thousandth of its height.
        double least = Math.Max(LeastSize, GreatestSize * 1e-3);
        return AtSize(Math.Max(LeastSize, least * Math.Pow(GreatestSize / least, fraction)));
    }

    /// <summary>The size that the axis measures.</summary>
    public static double SizeOf(LadderAxis axis, Estimate estimate) => axis == LadderAxis.FileBytes ? estimate.FileBytes : estimate.Cost;

    SizedLoss Sized(GroupChoice choice) => new(_axis == LadderAxis.FileBytes ? choice.FileBytes : choice.Cost, double.IsFinite(choice.Loss) ? choice.Loss : 0);

    ImmutableArray<int> Translate(int[] picks) => [.. picks.Select((pick, group) => _choices[group][pick])];

    // A group of which nothing was measurable still needs one treatment: its first, which is the usual one.
    static int[] Usable(LayerGroup group, Func<int, bool> isAllowed)
    {
        int[] allowed = [.. Enumerable.Range(0, group.Choices.Length).Where(isAllowed)];
        int[] finite = [.. allowed.Where(i => double.IsFinite(group.Choices[i].Loss))];
        return finite.Length > 0 ? finite : allowed[..1];
    }
}
