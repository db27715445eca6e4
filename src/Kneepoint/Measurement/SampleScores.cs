using System.Buffers.Binary;
using System.Globalization;
using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Measurement;

/// <summary>What a metric keeps of each sample, for intervals and for comparisons on the same samples.</summary>
public sealed class SampleScores
{
    /// <summary>Wraps scores.</summary>
    /// <param name="values">[n, k], row-major; owned by the new object.</param>
    /// <param name="perSample">Scores of each sample, k, at least 1.</param>
    /// <exception cref="ArgumentException">The values are no whole number of samples.</exception>
    public SampleScores(float[] values, int perSample)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(perSample, 1);
        if (values.Length % perSample != 0)
        {
            throw new ArgumentException($"{values.Length} scores are no whole number of samples with {perSample} each.", nameof(values));
        }

        Values = values;
        PerSample = perSample;
    }

    /// <summary>[n, k], row-major. Not to be written.</summary>
    public float[] Values { get; }

    /// <summary>Scores of each sample, k.</summary>
    public int PerSample { get; }

    /// <summary>The number of samples, n.</summary>
    public int Count => Values.Length / PerSample;

    /// <summary>Samples whose outputs hold a NaN or an infinity; 0 where that was not looked at.</summary>
    public int NonFiniteSamples { get; init; }

    /// <summary>What the labels of all samples cost under the network; null where that was not looked at.</summary>
    public LabelCost? Labels { get; init; }

    /// <summary>The scores as stored with a trial: float32, little-endian.</summary>
    public byte[] ToBytes()
    {
        byte[] bytes = new byte[checked(Values.Length * sizeof(float))];
        for (int i = 0; i < Values.Length; i++) BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), Values[i]);
        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <exception cref="DataException">The bytes are no whole number of samples.</exception>
    public static SampleScores Of(IMetric metric, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(metric);
        int row = metric.ScoresPerSample * sizeof(float);
        if (bytes.Length % row != 0)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"Stored scores of the metric {metric.Name}: expected a multiple of {row} bytes, found {bytes.Length}."));
        }

        float[] values = new float[bytes.Length / sizeof(float)];
        for (int i = 0; i < values.Length; i++) values[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return new SampleScores(values, metric.ScoresPerSample);
    }
}
