namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>The largest or the mean of each window over one or two axes.</summary>
/// <remarks>
/// The largest: its ends are the largest of the ends. The mean: c = Σc ÷ n, r = (Σr + γ_(n+2)·Σ|c|) ÷ n, taken up. Elements of the padding are no part of a largest;
/// of a mean they are zeros or no part.
/// </remarks>
/// <param name="isMean">Whether the mean.</param>
/// <param name="countsPadding">Whether a mean divides by all elements of the window, those in the padding included.</param>
/// <param name="down">Along the rows.</param>
/// <param name="across">Along the columns.</param>
sealed class PoolStep(bool isMean, bool countsPadding, Places down, Places across) : IntervalStep
{
    public override Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box)
    {
        var x = inputs[0];
        int size = down.Size * across.Size, planes = x.Count / size;
        var result = new Intervals(planes * down.Count * across.Count);
        for (int plane = 0, i = 0; plane < planes; plane++)
        {
            for (int row = 0; row < down.Count; row++)
            {
                for (int column = 0; column < across.Count; column++, i++)
                {
                    if (isMean) Mean(x, plane * size, row, column, result, i);
                    else Largest(x, plane * size, row, column, result, i);
                }
            }
        }

        return result;
    }

    void Largest(Intervals x, int first, int row, int column, Intervals result, int i)
    {
        double low = double.NegativeInfinity, high = double.NegativeInfinity;
        var (top, bottom) = down.Kernels(row);
        var (left, right) = across.Kernels(column);
        for (int ky = top; ky < bottom; ky++)
        {
            for (int kx = left; kx < right; kx++)
            {
                int k = first + down.Element(row, ky) * across.Size + across.Element(column, kx);
                low = Math.Max(low, x.Low(k));
                high = Math.Max(high, x.High(k));
            }
        }

        // A window that lies in the padding altogether has no largest.
        if (top == bottom || left == right) low = high = double.NaN;
        result.Set(i, low, high);
    }

    void Mean(Intervals x, int first, int row, int column, Intervals result, int i)
    {
        double center = 0, radius = 0, magnitude = 0;
        var (top, bottom) = down.Kernels(row);
        var (left, right) = across.Kernels(column);
        for (int ky = top; ky < bottom; ky++)
        {
            for (int kx = left; kx < right; kx++)
            {
                int k = first + down.Element(row, ky) * across.Size + across.Element(column, kx);
                center += x.Center[k];
                radius += x.Radius[k];
                magnitude += Math.Abs(x.Center[k]);
            }
        }

        int summed = (bottom - top) * (right - left), divisor = countsPadding ? down.Kernel * across.Kernel : summed;
        result.Center[i] = center / divisor;
        result.Radius[i] = Outward.Above((radius + Outward.Gamma(summed + 2) * magnitude) / divisor, summed + 6);
    }
}
