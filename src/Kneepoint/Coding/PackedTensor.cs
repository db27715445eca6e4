using System.Collections.Immutable;
using Kneepoint.Tensors;

namespace Kneepoint.Coding;

/// <summary>A tensor in a packed file.</summary>
/// <param name="Name">Its name in the model; of a constant without one, that of what its node makes; empty if there is none.</param>
/// <param name="Type">The type that the model states.</param>
/// <param name="Shape">The shape that the model states; empty if it has more than eight dimensions.</param>
/// <param name="Offset">The first byte of its data in the model.</param>
/// <param name="Parts">Its parts: one for a tensor of up to 4 MB.</param>
public sealed record PackedTensor(string Name, ElementType Type, ImmutableArray<long> Shape, long Offset, ImmutableArray<PackedPart> Parts)
{
    /// <summary>How many numbers it holds.</summary>
    public long Count => Tensor.Bits(Type) == 4 && Tensor.TryCount(Shape.AsSpan(), out long stated) && stated == StoredCount - 1 ? stated : StoredCount;

    /// <summary>Bytes of its data in the model.</summary>
    public long ModelBytes => Parts.Sum(part => (long)part.ModelBytes);

    /// <summary>Bits that its numbers take.</summary>
    public double NumberBits => Parts.Sum(part => part.NumberBits);

    /// <summary>Bits that everything else about it takes: forms, steps, codebooks.</summary>
    public double SideBits => Parts.Sum(part => part.SideBits);

    // Half a byte may be left at the end.
    long StoredCount => Parts.Sum(part => (long)part.Count);
}
