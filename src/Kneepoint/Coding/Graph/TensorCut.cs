using System.Collections.Immutable;
using Kneepoint.Tensors;

namespace Kneepoint.Coding.Graph;

/// <summary>The data of one tensor in a model file.</summary>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Type">The type that the file states; it may be none that exists.</param>
/// <param name="Dimensions">The shape that the file states; it need not fit the length.</param>
sealed record TensorCut(long Offset, long Length, ElementType Type, ImmutableArray<long> Dimensions);
