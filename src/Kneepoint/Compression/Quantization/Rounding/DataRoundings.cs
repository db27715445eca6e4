using System.Collections.Concurrent;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Kneepoint.Calibration.Moments;
using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization.Rounding;

/// <summary>Rounds the layers of a network by their moments, each weight and grid once: recipes share most of their layers.</summary>
/// <param name="moments">Gives the moments of a form; null where there are none.</param>
/// <param name="threads">Threads in use; no result depends on them.</param>
/// <param name="cache">What was rounded before by the same moments; null to start anew.</param>
public sealed class DataRoundings(Func<InputForm, SplitMoments?> moments, int threads = 1, KnownRoundings? cache = null)
{
    const string Unknown = "has an input of which nothing is known";

    readonly ConcurrentDictionary<string, RoundedWeight> _known = (cache ?? new KnownRoundings()).ByKey;

    /// <summary>The moments of a form; null where nothing is known.</summary>
    internal SplitMoments? MomentsOf(InputForm form) => moments(form);

    /// <summary>The moments of a layer's input.</summary>
    /// <returns>Null with the reason, as a clause that goes on from "it", where nothing is known.</returns>
    internal SplitMoments? MomentsOf(WeightedLayer layer, WeightRows rows, out string? reason)
    {
        var form = FormOf(layer, rows, rows.Columns, out reason);
        if (form is null) return null;
        var known = moments(form);
        if (known is null) reason = Unknown;
        return known;
    }

    /// <summary>Threads in use.</summary>
    internal int Threads => threads;

    /// <summary>What was rounded so far.</summary>
    internal IEnumerable<RoundedWeight> Known => _known.Values;

    /// <summary>Rounds a weight.</summary>
    /// <returns>Null with the reason, as a clause that goes on from "it", where nothing is known of the layer's input.</returns>
    internal RoundedWeight? Of(WeightedLayer layer, WeightRows rows, WeightGrid shape, RoundingWishes wishes, out string? reason)
    {
        var form = FormOf(layer, rows, shape.BlockSize, out reason);
        if (form is null) return null;
        string key = Key(form, rows, shape, wishes);
        if (!_known.TryGetValue(key, out var rounded))
        {
            if (moments(form) is not { } known)
            {
                reason = Unknown;
                return null;
            }

            rounded = form.SlicedColumns is not null ? RoundSlices(rows, known, shape, wishes) : Round(rows, known, shape, wishes);
            _known.TryAdd(key, rounded);
        }

        return rounded;
    }

    static InputForm? FormOf(WeightedLayer layer, WeightRows rows, int blockSize, out string? reason)
    {
        // The rows of its weight are input channels: what is summed lies across them.
        reason = "sums over windows that overlap";
        if (layer.OpType == "ConvTranspose" || InputForm.Of(layer, out reason) is not { } form) return null;
        if (form.SlicedColumns == rows.Columns)
        {
            if (form.Columns % blockSize == 0) return form;
            reason = string.Create(CultureInfo.InvariantCulture, $"sums {rows.Columns} products, whose moments are known in slices of {form.Columns}, and its scales lie over several of them: use blocks");
            return null;
        }

        if (form.Columns == rows.Columns && rows.Rows % form.Groups == 0) return form;
        reason = "has a weight of another shape than its input";
        return null;
    }

    RoundedWeight Round(WeightRows rows, SplitMoments known, WeightGrid shape, RoundingWishes wishes)
    {
        var whole = known.All();
        return GroupedRounding.Of(rows, known.First.Groups, shape, (group, weights, part) =>
        {
            SecondMoment Moment(InputMoments half) => SecondMoment.Of(half, group, wishes.IsBiasFree);
            var rounded = DataRounding.Round(weights, Moment(known.First), Moment(known.Second), Moment(whole), part, wishes.IsSymmetric, wishes.RoundScale, threads);
            if (!wishes.IsBiasFree) return rounded;
            double[] meanError = new double[part.Rows];
            FindMeanError(rounded.ErrorsOf(weights), SecondMoment.MeanOf(whole, group), meanError);
            return rounded with { MeanError = meanError };
        });
    }

    // A slice of the columns is rounded as if it were a layer of its own.
    RoundedWeight RoundSlices(WeightRows rows, SplitMoments known, WeightGrid shape, RoundingWishes wishes)
    {
        int columns = known.First.Columns, height = rows.Rows;
        var all = shape.Copy();
        sbyte[] codes = new sbyte[rows.Values.Length];
        double[] meanError = new double[wishes.IsBiasFree ? height : 0];
        double error = 0, nearest = 0;
        var whole = known.All();
        for (int slice = 0; slice < whole.Groups; slice++)
        {
            var part = new WeightGrid(height, columns, shape.BlockSize, shape.Lowest, shape.Highest);
            float[] weights = new float[height * columns];
            int count = Math.Min(columns, rows.Columns - slice * columns), blocks = Math.Min(part.Blocks, all.Blocks - slice * part.Blocks);
            for (int row = 0; row < height; row++) rows.Values.AsSpan(row * rows.Columns + slice * columns, count).CopyTo(weights.AsSpan(row * columns));
            SecondMoment Moment(InputMoments half) => SecondMoment.Of(half, slice, wishes.IsBiasFree);
            var rounded = DataRounding.Round(weights, Moment(known.First), Moment(known.Second), Moment(whole), part, wishes.IsSymmetric, wishes.RoundScale, threads);
            if (wishes.IsBiasFree)
            {
                double[] shift = new double[height];
                FindMeanError(rounded.ErrorsOf(weights), SecondMoment.MeanOf(whole, slice), shift);
                for (int row = 0; row < height; row++) meanError[row] += shift[row];
            }

            for (int row = 0; row < height; row++)
            {
                int from = row * part.Blocks, to = row * all.Blocks + slice * part.Blocks;
                rounded.Grid.Scales.AsSpan(from, blocks).CopyTo(all.Scales.AsSpan(to));
                rounded.Grid.ZeroPoints.AsSpan(from, blocks).CopyTo(all.ZeroPoints.AsSpan(to));
                rounded.Codes.AsSpan(row * columns, count).CopyTo(codes.AsSpan(row * rows.Columns + slice * columns));
            }

            error += rounded.Error;
            nearest += rounded.NearestError;
        }

        return new RoundedWeight(all, codes, error, nearest, 0) { MeanError = meanError };
    }

    /// <summary>E[e·x] of each row: by how much the mean of each output is off.</summary>
    /// <param name="errors">e: [N, K].</param>
    /// <param name="mean">E[x]: [K].</param>
    /// <param name="destination">[N].</param>
    internal static void FindMeanError(ReadOnlySpan<float> errors, double[] mean, Span<double> destination)
    {
        for (int row = 0; row < destination.Length; row++)
        {
            double sum = 0;
            for (int k = 0; k < mean.Length; k++) sum += errors[row * mean.Length + k] * mean[k];
            destination[row] = sum;
        }
    }

    static string Key(InputForm form, WeightRows rows, WeightGrid shape, RoundingWishes wishes) => string.Create(CultureInfo.InvariantCulture,
        $"{form.Key} {shape.BlockSize} {shape.Lowest} {shape.Highest} {wishes.IsSymmetric} {wishes.IsBiasFree} {wishes.Scales} {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(rows.Values.AsSpan())))}");
}

/// <summary>What a rounding is for.</summary>
/// <param name="IsSymmetric">Whether all zero points are 0.</param>
/// <param name="IsBiasFree">Whether the layer's bias takes up what shifts its outputs.</param>
/// <param name="Scales">How scales are stored.</param>
readonly record struct RoundingWishes(bool IsSymmetric, bool IsBiasFree, StoredScale Scales)
{
    /// <summary>What a scale becomes.</summary>
    public float RoundScale(float scale) => Scales.Round(scale);
}

/// <summary>Weights that were rounded by the moments of one network.</summary>
public sealed class KnownRoundings
{
    internal ConcurrentDictionary<string, RoundedWeight> ByKey { get; } = new(StringComparer.Ordinal);

    /// <summary>What they take in memory, about.</summary>
    public long Bytes => ByKey.Values.Sum(weight => weight.Codes.Length + (long)sizeof(float) * weight.Grid.Scales.Length);
}
