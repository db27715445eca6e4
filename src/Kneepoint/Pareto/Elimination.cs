namespace Kneepoint.Pareto;

/// <summary>Drops most dominated points in linear time before anything is sorted.</summary>
/// <remarks>
/// A strided sample names the few points that dominate most of the sample; every point that one of them beats in all objectives goes. Repeated
/// while it pays. What goes is surely dominated; what stays may be. Nothing depends on chance or on the scales of the objectives.
/// The idea is that of the elimination filter of LESS (Godfrey, Shipley, Gryz 2007, "Algorithms and analyses for maximal vector computation").
/// </remarks>
static class Elimination
{
    const int FewPoints = 2048;
    const int SampleSize = 256;
    const int MostPivots = 6;
    const double WorthwhileShare = 0.04; // of the sample, beaten by one more pivot
    const double RepeatShare = 0.7; // go on while fewer than this share survives

    /// <summary>The places of the points that stay, ascending; null if all of them should.</summary>
    /// <param name="points">[n, m], row-major.</param>
    /// <param name="objectives">m.</param>
    public static int[]? Survivors(ReadOnlySpan<double> points, int objectives)
    {
        int count = points.Length / objectives;
        int[]? places = null;
        while (count > FewPoints)
        {
            double[] pivots = Pivots(points, objectives, places, count);
            if (pivots.Length == 0) break;
            int before = count;
            places = Keep(points, objectives, places, pivots, ref count);
            if (count > RepeatShare * before) break;
        }

        return places?[..count];
    }

    /// <summary>The points that stay, in their order; the input itself if all of them should.</summary>
    public static ReadOnlySpan<double> Compact(ReadOnlySpan<double> points, int objectives)
    {
        if (Survivors(points, objectives) is not { } places) return points;
        double[] kept = new double[places.Length * objectives];
        for (int i = 0; i < places.Length; i++)
        {
            points.Slice(places[i] * objectives, objectives).CopyTo(kept.AsSpan(i * objectives));
        }

        return kept;
    }

    static int[] Keep(ReadOnlySpan<double> points, int objectives, int[]? places, double[] pivots, ref int count)
    {
        int[] kept = places ?? new int[count];
        int next = 0;
        for (int i = 0; i < count; i++)
        {
            int place = places is null ? i : places[i];
            var point = points.Slice(place * objectives, objectives);
            kept[next] = place;
            if (!IsBeaten(pivots, point)) next++;
        }

        count = next;
        return kept;
    }

    static bool IsBeaten(double[] pivots, ReadOnlySpan<double> point)
    {
        for (int start = 0; start < pivots.Length; start += point.Length)
        {
            if (Beats(pivots.AsSpan(start, point.Length), point)) return true;
        }

        return false;
    }

    static bool Beats(ReadOnlySpan<double> a, ReadOnlySpan<double> b)
    {
        for (int k = 0; k < b.Length; k++)
        {
            if (!(a[k] < b[k])) return false;
        }

        return true;
    }

    static double[] Pivots(ReadOnlySpan<double> points, int objectives, int[]? places, int count)
    {
        double[][] sample = new double[SampleSize][];
        for (int i = 0; i < SampleSize; i++)
        {
            int at = (int)((long)i * count / SampleSize);
            sample[i] = points.Slice((places is null ? at : places[at]) * objectives, objectives).ToArray();
        }

        bool[] isBeaten = new bool[SampleSize];
        var pivots = new List<double>();
        while (pivots.Count < MostPivots * objectives)
        {
            int best = -1, most = (int)(WorthwhileShare * SampleSize);
            for (int i = 0; i < SampleSize; i++)
            {
                if (isBeaten[i]) continue;
                int beaten = 0;
                for (int j = 0; j < SampleSize; j++) beaten += !isBeaten[j] && Beats(sample[i], sample[j]) ? 1 : 0;
                if (beaten <= most) continue;
                (best, most) = (i, beaten);
            }

            if (best < 0) break;
            pivots.AddRange(sample[best]);
            for (int j = 0; j < SampleSize; j++) isBeaten[j] |= Beats(sample[best], sample[j]);
        }

        return [.. pivots];
    }
}
