using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Gradients;

/// <summary>What is known of shapes in every run, whatever sizes the free dimensions take.</summary>
/// <remarks>
/// Shapes are inferred twice, with other sizes for the free dimensions of the inputs. What is equal both times is taken as fixed; two dimensions that
/// are equal to each other both times are taken as the same one. A size that a network caps, min(n, 10), is taken as 10.
/// </remarks>
sealed class StaticShapes
{
    const long FirstSizes = 224;
    const long SecondSizes = 352;
    const long Step = 32;
    readonly ShapeTable _first;
    readonly ShapeTable _second;

    /// <summary>Infers the shapes of a network.</summary>
    public StaticShapes(OnnxModel model)
    {
        _first = ShapeInference.Infer(model, Sizes(model, FirstSizes));
        _second = ShapeInference.Infer(model, Sizes(model, SecondSizes));
    }

    /// <summary>The dimensions, −1 where free; null where not even the rank is known.</summary>
    public long[]? Of(string value)
    {
        if (_first[value] is not { } first || _second[value] is not { } second || first.Dimensions.Length != second.Dimensions.Length) return null;
        return [.. first.Dimensions.Zip(second.Dimensions, (a, b) => a == b ? a : -1)];
    }

    /// <summary>The number of dimensions; null where not known.</summary>
    public int? RankOf(string value) => Of(value)?.Length;

    /// <summary>The element type; null where not known.</summary>
    public ElementType? TypeOf(string value) => _first[value]?.ElementType ?? _second[value]?.ElementType;

    /// <summary>Whether both values have the same shape in every run.</summary>
    public bool AreSame(string a, string b) =>
        a == b || Both(a) is { } left && Both(b) is { } right && left.First.SequenceEqual(right.First) && left.Second.SequenceEqual(right.Second);

    /// <summary>The sizes that a value has in the two inferences.</summary>
    public (ImmutableArray<long> First, ImmutableArray<long> Second)? Both(string value) =>
        _first[value] is { } first && _second[value] is { } second && first.Dimensions.Length == second.Dimensions.Length ? (first.Dimensions, second.Dimensions) : null;

    /// <summary>The elements of a small integer tensor that are the same in every run; null where they are not.</summary>
    public long[]? Integers(string value) =>
        _first.Find(value)?.Integers is { } first && _second.Find(value)?.Integers is { } second && first.AsSpan().SequenceEqual(second) ? first : null;

    /// <summary>The only element of a small floating-point tensor that is the same in every run; null where there is no such.</summary>
    public double? Real(string value) =>
        _first.Find(value)?.Reals is [var first] && _second.Find(value)?.Reals is [var second] && first.Equals(second) ? first : null;

    static InputShapes Sizes(OnnxModel model, long start)
    {
        var named = new Dictionary<string, long>(StringComparer.Ordinal);
        var inputs = ImmutableDictionary.CreateBuilder<string, ImmutableArray<long>>(StringComparer.Ordinal);
        long next = start;
        foreach (var input in new GraphIndex(model).FedInputs)
        {
            if (input.Type?.TensorType?.Shape is { } shape) inputs[input.Name] = [.. shape.Dim.Select(Size)];
        }

        return new InputShapes { Inputs = inputs.ToImmutable() };

        long Size(TensorShapeProto.Types.Dimension dimension)
        {
            if (dimension is { HasDimValue: true, DimValue: > 0 }) return dimension.DimValue;
            if (dimension.HasDimParam && named.TryGetValue(dimension.DimParam, out long known)) return known;
            long size = next;
            next += Step;
            if (dimension.HasDimParam) named.Add(dimension.DimParam, size);
            return size;
        }
    }
}
