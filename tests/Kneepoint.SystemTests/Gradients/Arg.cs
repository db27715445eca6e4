using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>An input of an operator under test: numbers away from zero, where many functions have a kink, or given integers.</summary>
sealed record Arg(long[] Dims, double Low, double High, bool IsSigned, long[]? Integers = null, ElementType Type = ElementType.Float32)
{
    /// <summary>An input that is left out.</summary>
    public static Arg None { get; } = new([], 0, 0, false, Type: ElementType.Undefined);

    public bool IsFloat => Type == ElementType.Float32;

    /// <summary>Random numbers of both signs, sizes 0.1 to 1.5.</summary>
    public static Arg Of(params long[] dims) => new(dims, 0.1, 1.5, IsSigned: true);

    /// <summary>Random numbers from 0.5 to 2.</summary>
    public static Arg Positive(params long[] dims) => new(dims, 0.5, 2, IsSigned: false);

    /// <summary>One number.</summary>
    public static Arg Number(double value) => new([], value, value, IsSigned: false);

    /// <summary>A list of integers.</summary>
    public static Arg Ints(params long[] values) => new([values.Length], 0, 0, false, values, ElementType.Int64);

    /// <summary>Integers of a shape.</summary>
    public static Arg Indices(long[] dims, params long[] values) => new(dims, 0, 0, false, values, ElementType.Int64);

    /// <summary>Conditions of a shape.</summary>
    public static Arg Bools(long[] dims, params long[] values) => new(dims, 0, 0, false, values, ElementType.Bool);

    public Tensor Draw(Random random)
    {
        if (Type == ElementType.Bool) return Tensor.Of(ElementType.Bool, Dims, Integers!.Select(value => (byte)value).ToArray().AsSpan());
        if (Integers is not null) return Tensor.Of(Dims, Integers);
        Tensor.TryCount(Dims, out long count);
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++)
        {
            double size = Low + (High - Low) * random.NextDouble();
            values[i] = (float)(IsSigned && random.Next(2) == 0 ? -size : size);
        }

        return Tensor.Of(Dims, values);
    }
}
