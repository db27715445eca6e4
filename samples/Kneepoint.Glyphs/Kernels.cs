using System.Numerics;

namespace Kneepoint.Glyphs;

/// <summary>The two products that training needs, on spans.</summary>
static class Kernels
{
    /// <summary>destination += factor · source.</summary>
    public static void AddScaled(ReadOnlySpan<float> source, float factor, Span<float> destination)
    {
        int width = Vector<float>.Count, i = 0;
        var factors = new Vector<float>(factor);
        for (; i <= source.Length - width; i += width)
        {
            (new Vector<float>(destination[i..]) + factors * new Vector<float>(source[i..])).CopyTo(destination[i..]);
        }

        for (; i < source.Length; i++) destination[i] += factor * source[i];
    }

    /// <summary>Sum of a[i] · b[i].</summary>
    public static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        int width = Vector<float>.Count, i = 0;
        var sums = Vector<float>.Zero;
        for (; i <= a.Length - width; i += width) sums += new Vector<float>(a[i..]) * new Vector<float>(b[i..]);
        float sum = Vector.Sum(sums);
        for (; i < a.Length; i++) sum += a[i] * b[i];
        return sum;
    }
}
