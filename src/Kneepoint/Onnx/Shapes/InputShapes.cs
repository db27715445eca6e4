using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx.Shapes;

/// <summary>What to take for the sizes that a network leaves free.</summary>
/// <remarks>
/// In this order: the shape given for the input, the size given for the dimension's name, the batch where the free dimension is the
/// input's first one, else 1.
/// </remarks>
public sealed record InputShapes
{
    /// <summary>The size of a free first dimension, at least 1.</summary>
    public long Batch
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "The batch must be at least 1.");
    } = 1;

    /// <summary>Sizes by the name that the model gives to a free dimension: "sequence_length".</summary>
    public ImmutableDictionary<string, long> Named { get; init; } = ImmutableDictionary<string, long>.Empty;

    /// <summary>Whole shapes by the name of a graph input.</summary>
    public ImmutableDictionary<string, ImmutableArray<long>> Inputs { get; init; } = ImmutableDictionary<string, ImmutableArray<long>>.Empty;

    /// <summary>The concrete shape of a graph input; null where not even its rank is stated.</summary>
    /// <exception cref="OnnxModelException">A given shape contradicts the model, or a stated size is negative.</exception>
    public long[]? Resolve(ValueInfoProto input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var shape = input.Type?.TensorType?.Shape;
        if (Inputs.TryGetValue(input.Name, out var given))
        {
            if (shape is not null && shape.Dim.Count != given.Length)
            {
                throw new OnnxModelException($"Input '{input.Name}': the model states {shape.Dim.Count} dimensions, [{string.Join(", ", given)}] was given.");
            }

            for (int axis = 0; axis < shape?.Dim.Count; axis++)
            {
                if (shape.Dim[axis] is { HasDimValue: true, DimValue: > 0 and var stated } && stated != given[axis])
                {
                    throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                        $"Input '{input.Name}', dimension {axis}: the model states {stated}, {given[axis]} was given."));
                }
            }

            return [.. given];
        }

        if (shape is null) return null;
        long[] sizes = new long[shape.Dim.Count];
        for (int axis = 0; axis < sizes.Length; axis++) sizes[axis] = Size(input.Name, shape.Dim[axis], axis);
        return sizes;
    }

    long Size(string input, TensorShapeProto.Types.Dimension dimension, int axis)
    {
        if (dimension.HasDimParam && Named.TryGetValue(dimension.DimParam, out long named)) return named;
        if (dimension.HasDimValue)
        {
            // Some writers state −1, others 0, where a size is free.
            if (dimension.DimValue > 0) return dimension.DimValue;
            if (dimension.DimValue < -1)
            {
                throw new OnnxModelException(string.Create(CultureInfo.InvariantCulture,
                    $"Input '{input}', dimension {axis}: expected a size of at least 0, found {dimension.DimValue}."));
            }
        }

        return axis == 0 ? Batch : 1;
    }
}

/// <summary>Type and shape of a value.</summary>
/// <param name="ElementType">The type of its elements.</param>
/// <param name="Dimensions">Outermost first; empty for a scalar.</param>
public sealed record ValueShape(ElementType ElementType, ImmutableArray<long> Dimensions)
{
    /// <summary>The number of elements.</summary>
    public long ElementCount => Tensor.TryCount(Dimensions.AsSpan(), out long count) ? count : 0;

    /// <summary>The bytes of all elements; 0 for texts.</summary>
    public long Bytes => (long)(((Int128)ElementCount * Tensor.Bits(ElementType) + 7) / 8);

    /// <inheritdoc/>
    public bool Equals(ValueShape? other) => other is not null && ElementType == other.ElementType && Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(ElementType, Dimensions.Length);

    /// <inheritdoc/>
    public override string ToString() => $"{ElementType} [{string.Join(", ", Dimensions.Select(d => d.ToString(CultureInfo.InvariantCulture)))}]";
}
