namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>A sum, difference or product of two tensors, each stretched to the shape of the result.</summary>
/// <remarks>
/// Sum and difference: c = c₁ ± c₂, r = r₁ + r₂ + u·|c|. Product: c = c₁c₂, r = |c₁|r₂ + |c₂|r₁ + r₁r₂ + u·|c|. Radii are then taken up by their own roundings.
/// A constant is a tensor with radius 0. The two are taken as if they had nothing in common, so x − x has twice the radius of x and not 0.
/// </remarks>
/// <param name="kind">Which.</param>
/// <param name="count">Elements of the result.</param>
/// <param name="left">For each element of the result the one of the first input; null where they are the same.</param>
/// <param name="right">The same of the second input.</param>
sealed class BinaryStep(BinaryKind kind, int count, int[]? left, int[]? right) : IntervalStep
{
    const int Operations = 8;

    public override Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box)
    {
        Intervals a = inputs[0], b = inputs[1], result = new(count);
        double factor = Outward.Factor(Operations);
        for (int i = 0; i < count; i++)
        {
            int j = left is null ? i : left[i], k = right is null ? i : right[i];
            double ca = a.Center[j], ra = a.Radius[j], cb = b.Center[k], rb = b.Radius[k];
            double center = kind switch { BinaryKind.Add => ca + cb, BinaryKind.Subtract => ca - cb, _ => ca * cb };
            double radius = kind == BinaryKind.Multiply ? Math.Abs(ca) * rb + Math.Abs(cb) * ra + ra * rb : ra + rb;
            result.Center[i] = center;
            result.Radius[i] = (radius + 2 * Outward.UnitRoundoff * Math.Abs(center)) * factor + Outward.Underflow;
        }

        return result;
    }
}

/// <summary>An operator of two tensors.</summary>
enum BinaryKind
{
    /// <summary>The sum.</summary>
    Add,

    /// <summary>The first less the second.</summary>
    Subtract,

    /// <summary>The product.</summary>
    Multiply,
}
