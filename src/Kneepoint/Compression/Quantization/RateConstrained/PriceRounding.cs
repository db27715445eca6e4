using Kneepoint.Calibration.Moments;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>Rounding of a layer's weight to multiples of one step, as many bits as their price allows.</summary>
/// <param name="Price">Output error for a bit.</param>
/// <param name="IsBiasFree">Whether the layer's bias takes up what shifts its outputs.</param>
/// <param name="IsTrellis">Whether multiples depend on those before.</param>
sealed record PriceRounding(double Price, bool IsBiasFree, bool IsTrellis) : IWeightRounding
{
    /// <inheritdoc/>
    public FittedWeight? ByInput(DataRoundings roundings, WeightedLayer layer, WeightRows rows, out string? reason)
    {
        if (roundings.MomentsOf(layer, rows, out reason) is not { First: var first } moments) return null;
        reason = "is fed nothing that it could be fitted to";
        if (rows.Rows % first.Groups != 0 || first.Columns != rows.Columns) return null;
        var whole = moments.All();
        var groups = MomentGroups.Of(whole, IsBiasFree);
        if (groups.Rows == 0 || !groups.IsUsable) return null;
        var (share, price) = DampingChoice.Of(rows.Values, MomentGroups.Of(first, IsBiasFree), MomentGroups.Of(moments.Second, IsBiasFree), Price, roundings.Threads);
        if (RateRounding.Round(rows.Values, groups.Damped(share), price, IsTrellis, roundings.Threads) is not { } rounded) return null;
        reason = null;
        if (!IsBiasFree) return rounded;
        float[] errors = rounded.ErrorsOf(rows.Values);
        int rowsOfGroup = rows.Rows / whole.Groups;
        double[] meanError = new double[rows.Rows];
        for (int group = 0; group < whole.Groups; group++)
        {
            int begin = group * rowsOfGroup;
            DataRoundings.FindMeanError(errors.AsSpan(begin * rows.Columns), SecondMoment.MeanOf(whole, group), meanError.AsSpan(begin, rowsOfGroup));
        }

        return rounded with { MeanError = meanError };
    }

    /// <summary>Rounds where nothing is known of the input: all of it counts alike.</summary>
    public SteppedWeight Blindly(WeightRows rows, int threads) => RateRounding.Round(rows.Values, MomentGroups.Unknown(rows.Columns), Price, IsTrellis, threads)!;

    /// <inheritdoc/>
    public FittedWeight ByPairs(WeightRows rows, SplitMoments paired, int threads)
    {
        var whole = paired.All();
        int groups = whole.Groups, count = rows.Values.Length / groups, columns = rows.Columns;
        PairedObjective[] Of(InputMoments moments) => [.. Enumerable.Range(0, groups).Select(group => PairedObjective.Of(moments, group, IsBiasFree))];
        var (first, second, all) = (Of(paired.First), Of(paired.Second), Of(whole));
        float[] Group(float[] values, int group) => values[(group * count)..((group + 1) * count)];
        float[] targets = [.. Enumerable.Range(0, groups).SelectMany(group => SuccessiveRounding.TargetOf(Group(rows.Values, group), first[group], second[group], all[group], threads))];
        MomentGroups Fed(PairedObjective[] objectives) => new([.. objectives.Select(objective => objective.Fed)]);
        var fed = Fed(all);
        SteppedWeight? rounded = null;
        if (fed.IsUsable)
        {
            var (share, price) = DampingChoice.Of(targets, Fed(first), Fed(second), Price, threads);
            rounded = RateRounding.Round(targets, fed.Damped(share), price, IsTrellis, threads);
        }

        rounded ??= Blindly(rows, threads);
        if (!IsBiasFree) return rounded;
        float[] changes = rounded.ErrorsOf(rows.Values);
        return rounded with
        {
            MeanError = [.. Enumerable.Range(0, groups).SelectMany(group => SuccessiveRounding.MeanError(Group(rows.Values, group), Group(changes, group), SecondMoment.MeanOf(whole, group)))],
        };
    }

    /// <inheritdoc/>
    public FittedWeight Unanswered(WeightRows rows) => new SteppedWeight(1, new int[rows.Values.Length], 0, 0) { MeanError = new double[IsBiasFree ? rows.Rows : 0] };
}
