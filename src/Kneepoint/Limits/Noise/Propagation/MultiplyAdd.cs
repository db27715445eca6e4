using System.Numerics;
using System.Runtime.InteropServices;

namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>The two sums of a linear layer at once: of the centers with the weights, of the radii with their magnitudes.</summary>
/// <remarks>Each element is its own sum, in the order of the calls, and products are rounded before they are added: results do not depend on the width of vectors.</remarks>
static class MultiplyAdd
{
    /// <summary>Computes centers[j] += weights[j]·center and radii[j] += |weights[j]|·radius.</summary>
    public static void Row(ReadOnlySpan<float> weights, double center, double radius, Span<double> centers, Span<double> radii)
    {
        int j = 0;
        if (Vector.IsHardwareAccelerated)
        {
            int half = Vector<double>.Count;
            var sums = MemoryMarshal.Cast<double, Vector<double>>(centers);
            var widths = MemoryMarshal.Cast<double, Vector<double>>(radii);
            Vector<double> c = new(center), r = new(radius);
            for (int v = 0; j <= weights.Length - 2 * half; j += 2 * half, v += 2)
            {
                Vector.Widen(new Vector<float>(weights[j..]), out var low, out var high);
                sums[v] += low * c;
                sums[v + 1] += high * c;
                widths[v] += Vector.Abs(low) * r;
                widths[v + 1] += Vector.Abs(high) * r;
            }
        }

        for (; j < weights.Length; j++)
        {
            centers[j] += weights[j] * center;
            radii[j] += Math.Abs((double)weights[j]) * radius;
        }
    }

    /// <summary>Computes centers[j] += weight·center[j] and radii[j] += |weight|·radius[j].</summary>
    public static void Scaled(double weight, ReadOnlySpan<double> center, ReadOnlySpan<double> radius, Span<double> centers, Span<double> radii)
    {
        double magnitude = Math.Abs(weight);
        int j = 0;
        if (Vector.IsHardwareAccelerated)
        {
            int width = Vector<double>.Count;
            for (; j <= center.Length - width; j += width)
            {
                (new Vector<double>(centers[j..]) + new Vector<double>(center[j..]) * weight).CopyTo(centers[j..]);
                (new Vector<double>(radii[j..]) + new Vector<double>(radius[j..]) * magnitude).CopyTo(radii[j..]);
            }
        }

        for (; j < center.Length; j++)
        {
            centers[j] += weight * center[j];
            radii[j] += magnitude * radius[j];
        }
    }

    /// <summary>The same over every <paramref name="stride"/>-th element of the inputs.</summary>
    public static void Strided(double weight, ReadOnlySpan<double> center, ReadOnlySpan<double> radius, int stride, Span<double> centers, Span<double> radii)
    {
        double magnitude = Math.Abs(weight);
        for (int j = 0, i = 0; j < centers.Length; j++, i += stride)
        {
            centers[j] += weight * center[i];
            radii[j] += magnitude * radius[i];
        }
    }
}
