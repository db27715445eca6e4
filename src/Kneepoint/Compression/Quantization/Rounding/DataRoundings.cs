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
public sealed class DataRoundings(Func<InputForm, SplitMoments?> moments, int threads = 1)
{
    const string Unknown = "has an input of which nothing is known";

    readonly ConcurrentDictionary<string, RoundedWeight> _known = new(StringComparer.Ordinal);

    /// <summary>The moments of a layer's input.</summary>
    /// <returns>Null with the reason, as a clause that goes on from "it", where nothing is known.</returns>
    internal SplitMoments? MomentsOf(WeightedLayer layer, WeightRows rows, out string? reason)
    {
        var form = FormOf(layer, rows, out reason);
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
    internal (WeightGrid Grid, sbyte[] Codes)? Of(
        WeightedLayer layer, WeightRows rows, WeightGrid shape, bool isSymmetric, Func<float, float> roundScale, out string? reason)
    {
        var form = FormOf(layer, rows, out reason);
        if (form is null) return null;
        string key = Key(form, rows, shape, isSymmetric);
        if (!_known.TryGetValue(key, out var rounded))
        {
            if (moments(form) is not { } known)
            {
                reason = Unknown;
                return null;
            }

            rounded = Round(rows, known, shape, isSymmetric, roundScale);
            _known.TryAdd(key, rounded);
        }

        return (rounded.Grid.Copy(), [.. rounded.Codes]);
    }

    static InputForm? FormOf(WeightedLayer layer, WeightRows rows, out string? reason)
    {
        // The rows of its weight are input channels: what is summed lies across them.
        reason = "sums over windows that overlap";
        if (layer.OpType == "ConvTranspose" || InputForm.Of(layer, out reason) is not { } form) return null;
        if (form.Columns == rows.Columns && rows.Rows % form.Groups == 0) return form;
        reason = "has a weight of another shape than its input";
        return null;
    }

    RoundedWeight Round(WeightRows rows, SplitMoments known, WeightGrid shape, bool isSymmetric, Func<float, float> roundScale)
    {
        int groups = known.First.Groups, height = rows.Rows / groups;
        var all = shape.Copy();
        sbyte[] codes = new sbyte[rows.Values.Length];
        double error = 0, nearest = 0;
        for (int group = 0; group < groups; group++)
        {
            int begin = group * height * rows.Columns, count = height * rows.Columns;
            var part = new WeightGrid(height, rows.Columns, shape.BlockSize, shape.Lowest, shape.Highest);
            var rounded = DataRounding.Round(rows.Values[begin..(begin + count)], SecondMoment.Of(known.First, group), SecondMoment.Of(known.Second, group),
                part, isSymmetric, roundScale, threads);
            rounded.Grid.Scales.CopyTo(all.Scales, group * part.Scales.Length);
            rounded.Grid.ZeroPoints.CopyTo(all.ZeroPoints, group * part.ZeroPoints.Length);
            rounded.Codes.CopyTo(codes, begin);
            error += rounded.Error;
            nearest += rounded.NearestError;
        }

        return new RoundedWeight(all, codes, error, nearest, 0);
    }

    static string Key(InputForm form, WeightRows rows, WeightGrid shape, bool isSymmetric) => string.Create(CultureInfo.InvariantCulture,
        $"{form.Key} {shape.BlockSize} {shape.Lowest} {shape.Highest} {isSymmetric} {Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes(rows.Values.AsSpan())))}");
}
