using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>How one input of the network is made from samples.</summary>
/// <remarks>In two stages: staging does the slow part (decoding, resizing) and keeps the data's narrow type, so that its result may be kept in memory;
/// finishing converts to the network's type.</remarks>
abstract class InputPlan
{
    /// <summary>The network's input.</summary>
    public required string Name { get; init; }

    /// <summary>The network's type.</summary>
    public required ElementType ElementType { get; init; }

    /// <summary>Of one sample, without the batch.</summary>
    public required long[] Dimensions { get; init; }

    /// <summary>Where the batch stands; −1 if all samples share one tensor.</summary>
    public int BatchAxis { get; init; }

    /// <summary>Bytes of a staged sample.</summary>
    public abstract int StagedBytes { get; }

    /// <summary>Bytes of a finished sample.</summary>
    public int FinishedBytes => checked((int)Tensor.ByteCount(ElementType, Dimensions));

    /// <summary>Does the slow part for one sample. Called from several threads at once.</summary>
    /// <returns>Null, or why the sample cannot be decoded.</returns>
    /// <exception cref="DataException">The sample is readable but does not fit; the message has no place yet.</exception>
    public abstract string? Stage(Formats.SampleBlock block, int sample, Span<byte> staged);

    /// <summary>Finishes consecutive samples of a part.</summary>
    /// <exception cref="DataException">A value does not fit the network's type; the message has no place yet.</exception>
    public abstract void Finish(ReadOnlySpan<byte> staged, DataPart part, ReadOnlySpan<long> indices, Span<byte> finished);

    /// <summary>The tensor's dimensions for a batch.</summary>
    public long[] BatchDimensions(int count)
    {
        if (BatchAxis < 0) return Dimensions;
        var dimensions = Dimensions.ToList();
        dimensions.Insert(BatchAxis, count);
        return [.. dimensions];
    }
}
