using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Gradients;

/// <summary>What is known of shapes in every run, whatever sizes the free dimensions take.</summary>
/// <remarks>
/// Shapes are inferred three times, with other sizes for the free dimensions of the inputs: two large ones, and a small one that caps like min(n, 10) do not
/// reach; the small one may be too small for the network, and then says nothing. What is equal each time is taken as fixed; two dimensions that
/// are equal to each other each time are taken as the same one.
/// </remarks>
sealed class StaticShapes
{
    const long Step = 32;
    readonly ShapeTable _first;
    readonly ShapeTable _second;
    readonly ShapeTable _small;

    /// <summary>Infers the shapes of a network.</summary>
    public StaticShapes(OnnxModel model)
    {
        _first = ShapeInference.Infer(model, Sizes(model, 224, Step));
        _second = ShapeInference.Infer(model, Sizes(model, 352, Step));
        _small = ShapeInference.Infer(model, Sizes(model, 2, 1));
    }

    /// <summary>The dimensions, −1 where free; null where not even the rank is known.</summary>
    public long[]? Of(string value) => Sizes(value)?.Select(sizes => sizes.IsFixed ? sizes.First : -1).ToArray();

    /// <summary>The number of dimensions; null where not known.</summary>
    public int? RankOf(string value) => Of(value)?.Length;

    /// <summary>The element type; null where not known.</summary>
    public ElementType? TypeOf(string value) => _first[value]?.ElementType ?? _second[value]?.ElementType;

    /// <summary>Whether both values have the same shape in every run.</summary>
    public bool AreSame(string a, string b) =>
        a == b || Sizes(a) is { } left && Sizes(b) is { } right && left.Length == right.Length && left.Zip(right, FreeSize.AreSame).All(same => same);

    /// <summary>The sizes that a value has; null where not even the rank is known.</summary>
    public FreeSize[]? Sizes(string value)
    {
        if (_first[value] is not { } first || _second[value] is not { } second || first.Dimensions.Length != second.Dimensions.Length) return null;
        var small = _small[value]?.Dimensions;
        if (small?.Length != first.Dimensions.Length) small = null;
        return [.. first.Dimensions.Select((size, axis) => new FreeSize(size, second.Dimensions[axis], small?[axis]))];
    }

    /// <summary>The elements of a small integer tensor that are the same in every run; null where they are not.</summary>
    public long[]? Integers(string value)
    {
        if (_first.Find(value)?.Integers is not { } first || _second.Find(value)?.Integers is not { } second || !first.AsSpan().SequenceEqual(second)) return null;
        return _small.Find(value)?.Integers is { } small && !first.AsSpan().SequenceEqual(small) ? null : first;
    }

    /// <summary>The only element of a small floating-point tensor that is the same in every run; null where there is no such.</summary>
    public double? Real(string value) =>
        _first.Find(value)?.Reals is [var first] && _second.Find(value)?.Reals is [var second] && first.Equals(second) ? first : null;

    static InputShapes Sizes(OnnxModel model, long start, long step)
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
            next += step;
            if (dimension.HasDimParam) named.Add(dimension.DimParam, size);
            return size;
        }
    }
}

/// <summary>The size of a dimension in each of the inferences.</summary>
readonly record struct FreeSize(long First, long Second, long? Small)
{
    /// <summary>Whether it is the same in every run.</summary>
    public bool IsFixed => First == Second && (Small is null || Small == First);

    /// <summary>Whether two dimensions are equal in every run.</summary>
    public static bool AreSame(FreeSize a, FreeSize b) => a.First == b.First && a.Second == b.Second && (a.Small is null || b.Small is null || a.Small == b.Small);
}
