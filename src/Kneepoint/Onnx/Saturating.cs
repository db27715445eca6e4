namespace Kneepoint.Onnx;

/// <summary>Arithmetic on counts that stops at the largest number: a malformed shape must not wrap around to a small cost.</summary>
static class Saturating
{
    public static long Add(long left, long right) => Clip((Int128)left + right);

    public static long Multiply(long left, long right) => Clip((Int128)left * right);

    public static long Sum(IEnumerable<long> values) => values.Aggregate(0L, Add);

    /// <summary>The product of all factors; 0 if any is 0.</summary>
    public static long Product(IEnumerable<long> factors) => factors.Aggregate(1L, Multiply);

    static long Clip(Int128 value) => value > long.MaxValue ? long.MaxValue : (long)value;
}
