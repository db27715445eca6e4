namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>A convolution over one or two axes.</summary>
/// <remarks>
/// The dense formula at every place: the sums run over the elements of the window that exist, since what padding adds is exactly 0 whatever the weights are.
/// The norm ‖c‖₁ + ‖r‖₁ of a window is the same for all channels of a group, so it costs one pass per group.
/// Rounding as in <see cref="DenseStep"/>, with the reduction length for K. Cost: the convolution's products twice; weights that are exactly 0 are skipped.
/// </remarks>
/// <param name="layerId">By which the box names the layer.</param>
/// <param name="weights">[M, C/groups, kernel rows, kernel columns], finite.</param>
/// <param name="bias">[M]; null where there is none.</param>
/// <param name="channels">C.</param>
/// <param name="outputs">M.</param>
/// <param name="groups">Divides both.</param>
/// <param name="down">Along the rows.</param>
/// <param name="across">Along the columns.</param>
sealed class ConvolutionStep(string layerId, float[] weights, double[]? bias, int channels, int outputs, int groups, Places down, Places across) : IntervalStep
{
    readonly int _perGroup = channels / groups;

    public override Intervals Run(ReadOnlySpan<Intervals> inputs, WeightBox box)
    {
        var x = inputs[0];
        int reduction = _perGroup * down.Kernel * across.Kernel, plane = down.Count * across.Count, operations = 2 * reduction + 16;
        int samples = x.Count / (channels * down.Size * across.Size);
        double gamma = Outward.Gamma(reduction + 4);
        double[] spread = x.WithRounding(gamma);
        var radius = box.Of(layerId, outputs);
        var result = new Intervals(samples * outputs * plane);
        for (int sample = 0; sample < samples; sample++)
        {
            for (int group = 0; group < groups; group++)
            {
                double[] norms = Norms(x, sample * channels + group * _perGroup);
                for (int m = group * (outputs / groups); m < (group + 1) * (outputs / groups); m++)
                {
                    int first = (sample * outputs + m) * plane;
                    var centers = result.Center.AsSpan(first, plane);
                    var radii = result.Radius.AsSpan(first, plane);
                    AddChannel(x.Center, spread, sample * channels + group * _perGroup, m, centers, radii);
                    double b = bias is null ? 0 : bias[m], slack = gamma * Math.Abs(b) + (bias is null ? 0 : radius.Bias), d = radius.OfChannel(m);
                    for (int i = 0; i < plane; i++)
                    {
                        centers[i] += b;
                        radii[i] = Outward.Above(radii[i] + d * norms[i] + slack, operations);
                    }
                }
            }
        }

        return result;
    }

    void AddChannel(double[] center, double[] spread, int firstPlane, int m, Span<double> centers, Span<double> radii)
    {
        int size = down.Size * across.Size;
        for (int c = 0, w = m * _perGroup * down.Kernel * across.Kernel; c < _perGroup; c++)
        {
            var x = center.AsSpan((firstPlane + c) * size, size);
            var r = spread.AsSpan((firstPlane + c) * size, size);
            for (int ky = 0; ky < down.Kernel; ky++)
            {
                for (int kx = 0; kx < across.Kernel; kx++, w++)
                {
                    if (weights[w] != 0) AddElement(weights[w], ky, kx, x, r, centers, radii);
                }
            }
        }
    }

    void AddElement(double weight, int ky, int kx, ReadOnlySpan<double> x, ReadOnlySpan<double> r, Span<double> centers, Span<double> radii)
    {
        var (top, bottom) = down.PlacesOf(ky);
        var (left, right) = across.PlacesOf(kx);
        int width = right - left;
        if (width == 0 || bottom == top) return;
        if (down.Stride == 1 && across.Stride == 1 && width == across.Count && width == across.Size)
        {
            // Whole rows in order: one run over all of them.
            int from = down.Element(top, ky) * across.Size, count = (bottom - top) * width;
            MultiplyAdd.Scaled(weight, x.Slice(from, count), r.Slice(from, count), centers.Slice(top * width, count), radii.Slice(top * width, count));
            return;
        }

        for (int row = top; row < bottom; row++)
        {
            int from = down.Element(row, ky) * across.Size + across.Element(left, kx), to = row * across.Count + left;
            var sums = centers.Slice(to, width);
            var widths = radii.Slice(to, width);
            if (across.Stride == 1) MultiplyAdd.Scaled(weight, x.Slice(from, width), r.Slice(from, width), sums, widths);
            else MultiplyAdd.Strided(weight, x[from..], r[from..], across.Stride, sums, widths);
        }
    }

    // The sum of |c| + r over each window, all channels of the group together.
    double[] Norms(Intervals x, int firstPlane)
    {
        int size = down.Size * across.Size;
        double[] sums = new double[size], norms = new double[down.Count * across.Count];
        for (int c = 0; c < _perGroup; c++)
        {
            for (int i = 0, from = (firstPlane + c) * size; i < size; i++) sums[i] += x.Magnitude(from + i);
        }

        for (int row = 0, i = 0; row < down.Count; row++)
        {
            var (top, bottom) = down.Kernels(row);
            for (int column = 0; column < across.Count; column++, i++)
            {
                var (left, right) = across.Kernels(column);
                for (int ky = top; ky < bottom; ky++)
                {
                    for (int kx = left; kx < right; kx++) norms[i] += sums[down.Element(row, ky) * across.Size + across.Element(column, kx)];
                }
            }
        }

        return norms;
    }
}
