namespace Kneepoint.Search;

/// <summary>Two neighbors on a measured frontier.</summary>
/// <param name="Large">The one with the smaller loss.</param>
/// <param name="Small">The one with the smaller size.</param>
/// <param name="Area">The rectangle between them, both sides as shares of the frontier's extent.</param>
sealed record FrontierGap(MeasuredRecipe Large, MeasuredRecipe Small, double Area);

/// <summary>A ladder beside the frontier that was measured along the same axis.</summary>
sealed class MeasuredLadder
{
    const double FeltLoss = 0.02;

    readonly ChoiceTable _table;
    readonly LadderRungs _rungs;
    readonly MeasuredRecipe[] _frontier;

    public MeasuredLadder(ChoiceTable table, LadderAxis axis, IEnumerable<MeasuredRecipe> measured)
    {
        _table = table;
        Axis = axis;
        _rungs = new LadderRungs(table, axis);
        _frontier = Frontier(axis, measured);
    }

    public LadderAxis Axis { get; }

    /// <summary>The gaps wider than a relative size.</summary>
    /// <remarks>
    /// Losses enter as l / (l + 0.02): whether a network loses half or all of its accuracy matters less than whether it loses one percent
    /// or two, and most of what a frontier's steep end could gain is of no use to anyone.
    /// </remarks>
    public IEnumerable<FrontierGap> Gaps(double leastLogGap)
    {
        if (_frontier.Length < 2) yield break;
        double height = Felt(_frontier[^1].Loss) - Felt(_frontier[0].Loss);
        double width = Math.Log(_frontier[0].Size(Axis) / _frontier[^1].Size(Axis));
        for (int i = 1; i < _frontier.Length; i++)
        {
            var (large, small) = (_frontier[i - 1], _frontier[i]);
            double gap = Math.Log(large.Size(Axis) / small.Size(Axis));
            if (gap >= leastLogGap) yield return new FrontierGap(large, small, gap / width * ((Felt(small.Loss) - Felt(large.Loss)) / height));
        }
    }

    static double Felt(double loss) => loss / (Math.Abs(loss) + FeltLoss);

    /// <summary>The neighbors on both sides of a limit; null if all are on one side.</summary>
    public FrontierGap? GapAround(SearchGoal goal, double leastLogGap)
    {
        for (int i = 1; i < _frontier.Length; i++)
        {
            var (large, small) = (_frontier[i - 1], _frontier[i]);
            bool isAround = goal.Kind == SearchGoalKind.Loss
                ? large.Loss <= goal.Limit && small.Loss > goal.Limit
                : large.Size(Axis) > goal.Limit && small.Size(Axis) <= goal.Limit;
            if (isAround && Math.Log(large.Size(Axis) / small.Size(Axis)) >= leastLogGap) return new FrontierGap(large, small, 1);
        }

        return null;
    }

    /// <summary>Recipes at a fraction of the way from the smaller to the larger neighbor, sizes in geometric progression.</summary>
    public IEnumerable<Recipe> Inside(FrontierGap gap, double fraction)
    {
        var (large, small) = (gap.Large, gap.Small);
        double target = small.Size(Axis) * Math.Pow(large.Size(Axis) / small.Size(Axis), fraction);
        foreach (var recipe in AtMeasuredSize(target, slack: 1)) yield return recipe;
        if (_table.AssignmentOf(large.Recipe) is not { } one || _table.AssignmentOf(small.Recipe) is not { } other) yield break;
        var mixtures = LadderRungs.Between(_table, Axis, one, other);
        if (mixtures.AtFraction(fraction) is { } mixture) yield return _table.Compose(mixture);
    }

    /// <summary>Rungs whose measured size should be at most a limit, the largest first.</summary>
    /// <param name="limit">In the measured unit.</param>
    /// <param name="slack">How many sizes below the limit are tried: estimates err.</param>
    public IEnumerable<Recipe> AtMeasuredSize(double limit, int slack = 4)
    {
        double target = limit * EstimatedPerMeasured(limit);
        for (int i = 0; i < slack; i++)
        {
            if (_rungs.AtSize(target * Math.Pow(0.98, i)) is { } rung) yield return _table.Compose(rung);
        }
    }

    // What one measured unit is in the table's: at the nearest measured recipe that the table can make.
    double EstimatedPerMeasured(double size)
    {
        double nearest = double.PositiveInfinity;
        double ratio = 1;
        foreach (var measured in _frontier)
        {
            double distance = Math.Abs(Math.Log(measured.Size(Axis) / size));
            if (!(distance < nearest) || _table.EstimateOf(measured.Recipe) is not { } estimate) continue;
            double estimated = LadderRungs.SizeOf(Axis, estimate);
            if (estimated <= 0) continue;
            nearest = distance;
            ratio = estimated / measured.Size(Axis);
        }

        return ratio;
    }

    // From the least loss to the least size; only what no other one beats.
    static MeasuredRecipe[] Frontier(LadderAxis axis, IEnumerable<MeasuredRecipe> measured)
    {
        var frontier = new List<MeasuredRecipe>();
        var usable = measured.Where(m => double.IsFinite(m.Loss) && m.Size(axis) > 0 && double.IsFinite(m.Size(axis)));
        foreach (var recipe in usable.OrderBy(m => m.Loss).ThenBy(m => m.Size(axis)).ThenBy(m => m.Recipe.Id, StringComparer.Ordinal))
        {
            if (frontier.Count == 0 || recipe.Size(axis) < frontier[^1].Size(axis)) frontier.Add(recipe);
        }

        return [.. frontier];
    }
}
