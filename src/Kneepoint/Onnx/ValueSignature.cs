using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>Name, type and shape of a value that enters or leaves a network.</summary>
/// <param name="Name">The value's name in the graph.</param>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Dimensions">Outermost first; −1 where the size is free.</param>
public sealed record ValueSignature(string Name, ElementType ElementType, IReadOnlyList<long> Dimensions);
