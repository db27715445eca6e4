using System.Runtime.InteropServices;
using Kneepoint.Data.Formats;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>How the target of a sample is read from its field: class indices and tokens as Int64, values as Float32.</summary>
sealed class TargetPlan
{
    const long NoTarget = -1;

    /// <summary>The field's place in the source.</summary>
    public required int Field { get; init; }

    /// <summary>The field.</summary>
    public required SampleField Signature { get; init; }

    /// <summary>Int64 or Float32.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>Of one sample; empty for a class index.</summary>
    public required long[] Dimensions { get; init; }

    /// <summary>Added to each class index.</summary>
    public long Offset { get; init; }

    /// <summary>Whether the target of a token is the token after it.</summary>
    public bool IsNext { get; init; }

    /// <summary>The value that is no target, before the offset; null if all are.</summary>
    public long? Ignore { get; init; }

    /// <summary>Class indices are below; −1 if unknown.</summary>
    public long ClassCount { get; init; } = -1;

    /// <summary>Bytes of one sample's target.</summary>
    public int Bytes => checked((int)Tensor.ByteCount(ElementType, Dimensions));

    /// <summary>Reads the target of a sample.</summary>
    /// <exception cref="DataException">A label is outside the classes, or no whole number; the message has no place yet.</exception>
    public void Read(SampleBlock block, int sample, Span<byte> destination)
    {
        var bytes = block.Field(Field, sample);
        double[] values = new double[bytes.Length / (Tensor.Bits(Signature.ElementType) / 8)];
        ElementConversion.Read(Signature.ElementType, bytes, values);
        if (ElementType == ElementType.Float32)
        {
            ElementConversion.Write(values, ElementType, destination);
            return;
        }

        ElementConversion.Write(values, ElementType.Int64, destination);
        var labels = MemoryMarshal.Cast<byte, long>(destination);
        if (IsNext)
        {
            labels[1..].CopyTo(labels);
            labels[^1] = Ignore ?? NoTarget - Offset;
        }

        for (int i = 0; i < labels.Length; i++)
        {
            bool isTarget = labels[i] != Ignore && !(IsNext && i == labels.Length - 1);
            labels[i] = isTarget ? Checked(labels[i] + Offset) : NoTarget;
        }
    }

    long Checked(long label)
    {
        if (label >= 0 && (ClassCount < 0 || label < ClassCount)) return label;
        string range = ClassCount < 0 ? "from 0" : $"from 0 to {ClassCount - 1}, as the network has {ClassCount} classes";
        throw new DataException($"expected labels {range}, found {label} in '{Signature.Name}'{(Offset == 0 ? "" : $" (with the offset {Offset})")}");
    }
}
