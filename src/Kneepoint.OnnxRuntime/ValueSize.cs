using Kneepoint.Tensors;

namespace Kneepoint.OnnxRuntime;

/// <summary>Type and size of a value during a run.</summary>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Bytes">The bytes of all elements.</param>
readonly record struct ValueSize(ElementType ElementType, long Bytes);
