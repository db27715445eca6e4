using System.Collections.Immutable;

namespace Kneepoint.Pareto.Choices;

/// <summary>The lower convex hull of all choices of one option for each group, under one budget.</summary>
/// <remarks>
/// Minimizing loss + price × cost for all prices at once gives, from the least loss to the least cost, a nested chain of choices; consecutive ones differ in one group. Each is optimal for its own cost, and the line through
/// neighbors is a lower bound for all costs between (Lagrange): the relaxed bound of <see cref="ChoiceOptimum"/> for every budget in one sweep. Cost: O(m log m) for m options. Deterministic: ties go to the lower index.
/// Source: [Shoham1988]; [Kellerer2004] chapter 11.
/// </remarks>
public sealed class ChoiceHull
{
    readonly int[] _leastLoss;
    readonly List<(int Group, int Option)> _moves = [];

    ChoiceHull(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups)
    {
        int[][] corners = [.. groups.Select(Corners)];
        _leastLoss = [.. corners.Select(options => options[0])];
        var edges = new List<(double Price, int Group, int Place, int Option)>();
        for (int group = 0; group < groups.Count; group++)
        {
            for (int i = 1; i < corners[group].Length; i++) edges.Add((Price(groups[group][corners[group][i - 1]], groups[group][corners[group][i]]), group, i, corners[group][i]));
        }

        // Within a group prices rise, so this order keeps a group's edges in theirs; the place breaks ties of rounding.
        foreach (var edge in edges.OrderBy(e => e.Price).ThenBy(e => e.Group).ThenBy(e => e.Place)) _moves.Add((edge.Group, edge.Option));
        Points = PointsOf(groups);
    }

    /// <summary>Cost and loss of each choice on the hull, from the least loss to the least cost.</summary>
    public ImmutableArray<HullPoint> Points { get; }

    /// <summary>The least cost that any choice has.</summary>
    public double LeastCost => Points[^1].Cost;

    /// <summary>Finds the hull.</summary>
    /// <param name="groups">The options of each group, at least one each, all with one cost.</param>
    /// <exception cref="ArgumentException">A group has no option, or an option has more or fewer costs than one.</exception>
    public static ChoiceHull Of(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ChoiceOptimum.Check(groups, [0]);
        return new ChoiceHull(groups);
    }

    /// <summary>The choice at a point of <see cref="Points"/>: for each group the index of its option.</summary>
    public ImmutableArray<int> ChoiceAt(int point)
    {
        int[] choice = [.. _leastLoss];
        foreach (var (group, option) in _moves[..point]) choice[group] = option;
        return [.. choice];
    }

    /// <summary>No choice of at most this cost has a smaller loss; infinite if there is no such choice.</summary>
    public double LowerBound(double budget)
    {
        if (budget >= Points[0].Cost) return Points[0].Loss;
        if (!(budget >= LeastCost)) return double.PositiveInfinity;
        int after = 1;
        while (Points[after].Cost > budget) after++;
        var (large, small) = (Points[after - 1], Points[after]);
        return small.Loss - (small.Loss - large.Loss) * (budget - small.Cost) / (large.Cost - small.Cost);
    }

    ImmutableArray<HullPoint> PointsOf(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups)
    {
        var points = ImmutableArray.CreateBuilder<HullPoint>(_moves.Count + 1);
        int[] choice = [.. _leastLoss];
        points.Add(Total(groups, choice));
        foreach (var (group, option) in _moves)
        {
            choice[group] = option;
            points.Add(Total(groups, choice));
        }

        return points.MoveToImmutable();
    }

    static HullPoint Total(IReadOnlyList<IReadOnlyList<ChoiceOption>> groups, int[] choice)
    {
        CompensatedSum cost = default, loss = default;
        for (int group = 0; group < choice.Length; group++)
        {
            cost.Add(groups[group][choice[group]].Costs[0]);
            loss.Add(groups[group][choice[group]].Loss);
        }

        return new HullPoint(cost.Value, loss.Value);
    }

    // The corners of a group's own hull, from the least loss to the least cost.
    static int[] Corners(IReadOnlyList<ChoiceOption> options)
    {
        var corners = new List<int>();
        foreach (int option in Enumerable.Range(0, options.Count).OrderBy(i => options[i].Loss).ThenBy(i => options[i].Costs[0]).ThenBy(i => i))
        {
            if (corners.Count > 0 && options[option].Costs[0] >= options[corners[^1]].Costs[0]) continue;
            while (corners.Count >= 2 && Price(options[corners[^2]], options[corners[^1]]) >= Price(options[corners[^1]], options[option])) corners.RemoveAt(corners.Count - 1);
            corners.Add(option);
        }

        return [.. corners];
    }

    // Loss for each unit of cost that is saved.
    static double Price(ChoiceOption from, ChoiceOption to) => (to.Loss - from.Loss) / (from.Costs[0] - to.Costs[0]);
}

/// <summary>A corner of the hull.</summary>
/// <param name="Cost">The sum of costs.</param>
/// <param name="Loss">The sum of losses.</param>
public readonly record struct HullPoint(double Cost, double Loss);
