using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Kneepoint.Calibration;

/// <summary>The distributions of a network's values over the calibration samples, by value name.</summary>
/// <remarks>Does not change once made, and is safe for calls from several threads. Ranges are computed once for each value and method.</remarks>
public sealed class ActivationStatistics
{
    readonly ImmutableSortedDictionary<string, ActivationHistogram> _histograms;
    readonly ConcurrentDictionary<(string Value, RangeMethod Method), ActivationRange> _ranges = new();

    /// <summary>Takes over histograms, which must not be changed any more.</summary>
    /// <param name="histograms">By value name.</param>
    /// <param name="sampleCount">Samples that the values were taken from.</param>
    /// <param name="notCollected">Values that were asked for and have no statistics, each with the reason.</param>
    public ActivationStatistics(IEnumerable<KeyValuePair<string, ActivationHistogram>> histograms, long sampleCount,
        IEnumerable<UncollectedValue>? notCollected = null)
    {
        _histograms = ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, histograms);
        ArgumentOutOfRangeException.ThrowIfNegative(sampleCount);
        SampleCount = sampleCount;
        NotCollected = [.. notCollected ?? []];
    }

    /// <summary>Names of the values with statistics, in ordinal order.</summary>
    public IEnumerable<string> ValueNames => _histograms.Keys;

    /// <summary>Samples that the values were taken from.</summary>
    public long SampleCount { get; }

    /// <summary>Values that were asked for and have no statistics, each with the reason.</summary>
    public ImmutableArray<UncollectedValue> NotCollected { get; }

    /// <summary>Whether there are statistics of a value.</summary>
    public bool Contains(string valueName) => _histograms.ContainsKey(valueName);

    /// <summary>The distribution of a value; not to be changed.</summary>
    /// <exception cref="ArgumentException">There are no statistics of the value.</exception>
    public ActivationHistogram Histogram(string valueName)
    {
        ArgumentNullException.ThrowIfNull(valueName);
        return _histograms.TryGetValue(valueName, out var histogram)
            ? histogram
            : throw new ArgumentException($"There are no statistics of the value '{valueName}'.", nameof(valueName));
    }

    /// <summary>The range of a value that a method chooses.</summary>
    /// <exception cref="ArgumentException">There are no statistics of the value.</exception>
    public ActivationRange Range(string valueName, RangeMethod method) =>
        _ranges.GetOrAdd((valueName, method), key => key.Method.Of(Histogram(key.Value)));

    /// <summary>Statistics of the values of both; a value that both know is the same tensor on further samples.</summary>
    /// <param name="other">Other samples of the same values, or other values of the same samples.</param>
    /// <param name="sampleCount">Samples in all, which the caller knows.</param>
    public ActivationStatistics Merge(ActivationStatistics other, long sampleCount)
    {
        ArgumentNullException.ThrowIfNull(other);
        var merged = new SortedDictionary<string, ActivationHistogram>(StringComparer.Ordinal);
        foreach (var (name, histogram) in _histograms.Concat(other._histograms))
        {
            if (!merged.TryGetValue(name, out var sum)) merged.Add(name, sum = new ActivationHistogram());
            sum.Merge(histogram);
        }

        return new ActivationStatistics(merged, sampleCount, NotCollected.Concat(other.NotCollected).Where(value => !merged.ContainsKey(value.Name)).Distinct());
    }

    /// <summary>Writes everything; <see cref="FromBytes"/> reads it back. The same statistics give the same bytes.</summary>
    public byte[] ToBytes() => StatisticsFormat.Write(this);

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="FormatException">The bytes are of another version, damaged or cut off; the message says where.</exception>
    public static ActivationStatistics FromBytes(ReadOnlySpan<byte> bytes) => StatisticsFormat.Read(bytes);
}

/// <summary>A value that has no statistics although they were asked for.</summary>
/// <param name="Name">The value's name.</param>
/// <param name="Reason">One sentence.</param>
public sealed record UncollectedValue(string Name, string Reason);
