using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Calibration;

/// <summary>The bytes of <see cref="ActivationStatistics"/>.</summary>
/// <remarks>
/// "KPAS", version, sample count; the number of values and for each: name, exponent, counts, minimum, maximum, and for each sign the bins as runs of
/// (empty bins, occupied bins, their counts); the number of values not collected and for each: name, reason. All integers are variable-length.
/// A reader checks that the parts of each histogram agree with each other.
/// </remarks>
static class StatisticsFormat
{
    const string What = "activation statistics";
    const int Version = 1;
    static readonly byte[] Magic = "KPAS"u8.ToArray();

    public static byte[] Write(ActivationStatistics statistics)
    {
        var writer = new ByteWriter();
        writer.WriteRaw(Magic);
        writer.WriteCount(Version);
        writer.WriteCount(statistics.SampleCount);
        writer.WriteCount(statistics.ValueNames.Count());
        foreach (string name in statistics.ValueNames)
        {
            writer.WriteText(name);
            WriteHistogram(writer, statistics.Histogram(name));
        }

        writer.WriteCount(statistics.NotCollected.Length);
        foreach (var value in statistics.NotCollected)
        {
            writer.WriteText(value.Name);
            writer.WriteText(value.Reason);
        }

        return writer.ToArray();
    }

    public static ActivationStatistics Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new ByteReader(bytes, What);
        reader.Expect(Magic, Version);
        long samples = reader.ReadCount();

        // A value takes at least ten bytes, one that was not collected at least two: no count can ask for more than the bytes hold.
        int values = reader.ReadLength(10);
        var histograms = ImmutableSortedDictionary.CreateBuilder<string, ActivationHistogram>(StringComparer.Ordinal);
        for (int i = 0; i < values; i++)
        {
            string name = reader.ReadText();
            if (!histograms.TryAdd(name, ReadHistogram(ref reader))) throw reader.Damage($"two values are called '{name}'");
        }

        int missing = reader.ReadLength(2);
        var notCollected = ImmutableArray.CreateBuilder<UncollectedValue>();
        for (int i = 0; i < missing; i++) notCollected.Add(new UncollectedValue(reader.ReadText(), reader.ReadText()));
        reader.ExpectEnd();
        return new ActivationStatistics(histograms, samples, notCollected);
    }

    static void WriteHistogram(ByteWriter writer, ActivationHistogram histogram)
    {
        writer.WriteCount(histogram.Exponent - ActivationHistogram.LeastExponent);
        writer.WriteCount(histogram.Count);
        writer.WriteCount(histogram.ZeroCount);
        writer.WriteCount(histogram.NanCount);
        writer.WriteCount(histogram.InfinityCount);
        writer.WriteSingle(histogram.Minimum);
        writer.WriteSingle(histogram.Maximum);
        WriteBins(writer, histogram.Positive);
        WriteBins(writer, histogram.Negative);
    }

    static ActivationHistogram ReadHistogram(ref ByteReader reader)
    {
        long exponent = reader.ReadCount() + ActivationHistogram.LeastExponent;
        if (exponent > ActivationHistogram.GreatestExponent) throw reader.Damage("an exponent is too large");
        var totals = new HistogramTotals(reader.ReadCount(), reader.ReadCount(), reader.ReadCount(), reader.ReadCount(), reader.ReadSingle(), reader.ReadSingle());
        long[] positive = new long[ActivationHistogram.BinsPerSign];
        long[] negative = new long[ActivationHistogram.BinsPerSign];
        Int128 positives = ReadBins(ref reader, positive);
        Int128 negatives = ReadBins(ref reader, negative);
        if (positives + negatives + totals.Zeros != totals.Count) throw reader.Damage("the bins do not add up to the number of values");
        bool isOrdered = float.IsFinite(totals.Minimum) && float.IsFinite(totals.Maximum) && totals.Minimum <= totals.Maximum;
        float magnitude = Math.Max(-totals.Minimum, totals.Maximum);
        if (!isOrdered || exponent != ActivationHistogram.ExponentOf(magnitude)
            || !Fits(positive, totals.Maximum, exponent) || !Fits(negative, -totals.Minimum, exponent))
        {
            throw reader.Damage(string.Create(CultureInfo.InvariantCulture,
                $"minimum {totals.Minimum} and maximum {totals.Maximum} do not fit the bins"));
        }

        return ActivationHistogram.Restore(totals, (int)exponent, positive, negatives > 0 ? negative : []);
    }

    // The last occupied bin holds the greatest magnitude of its sign.
    static bool Fits(ReadOnlySpan<long> bins, float greatest, long exponent)
    {
        int last = bins.LastIndexOfAnyExcept(0L);
        if (last < 0) return greatest <= 0;
        return greatest > 0 && (int)(greatest * double.ScaleB(1, ActivationHistogram.BinBits - (int)exponent)) == last;
    }

    static void WriteBins(ByteWriter writer, ReadOnlySpan<long> bins)
    {
        int place = 0;
        while (place < bins.Length)
        {
            int empty = bins[place..].IndexOfAnyExcept(0L);
            if (empty < 0) break;
            var run = bins[(place + empty)..];
            int occupied = run.IndexOf(0L) is var end and >= 0 ? end : run.Length;
            writer.WriteCount(occupied);
            writer.WriteCount(empty);
            foreach (long count in run[..occupied]) writer.WriteCount(count);
            place += empty + occupied;
        }

        writer.WriteCount(0);
    }

    static Int128 ReadBins(ref ByteReader reader, Span<long> bins)
    {
        Int128 sum = 0;
        int place = 0;
        while (reader.ReadCount() is var occupied and > 0)
        {
            long empty = reader.ReadCount();
            if (empty > bins.Length - place || occupied > bins.Length - place - empty) throw reader.Damage("there are more bins than a histogram has");
            place += (int)empty;
            for (int i = 0; i < occupied; i++) sum += bins[place++] = reader.ReadCount();
        }

        return sum;
    }
}
