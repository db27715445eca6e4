namespace Kneepoint.Compression.Quantization;

/// <summary>Rounds the weights of a convolution so that errors cancel where inputs are alike: within a kernel, and within an output channel.</summary>
/// <remarks>
/// With e = w / s − q after rounding to nearest, computes for each kernel n = round(|Σ e|) and moves the n weights nearest to the other side by one code, so that the sum lies
/// within half a step; then does the same over the kernels of each output channel. Neighboring pixels and means of activations behind a ReLU are alike, so
/// this sum is what shifts an output; the squared error of the weights grows a little. Codes do not leave their range. Ties go to the first.
/// No data are needed. Known weakness: an input of mean zero gains nothing. Cost: O(I √I) for each output channel.
/// Measured on five networks: 2 to 3.5 dB less noise in the outputs with 8-bit weights than by rounding to nearest. Source: [Guo2022] section 3.
/// </remarks>
public static class BalancedRounding
{
    /// <summary>Rounds again.</summary>
    /// <param name="weights">[C, I, K], row-major, finite.</param>
    /// <param name="channels">C: output channels, at least 1.</param>
    /// <param name="kernelSize">K: weights of a kernel, at least 1.</param>
    /// <param name="scales">[C], or [1] for all channels; finite, not zero.</param>
    /// <param name="lowest">The lowest code.</param>
    /// <param name="highest">The highest code.</param>
    /// <param name="codes">[C, I, K], rounded to nearest; changed in place.</param>
    /// <exception cref="ArgumentException">The lengths do not fit each other.</exception>
    public static void Apply(ReadOnlySpan<float> weights, int channels, int kernelSize, ReadOnlySpan<float> scales, int lowest, int highest, Span<sbyte> codes)
    {
        if (weights.IsEmpty && codes.IsEmpty) return;
        ArgumentOutOfRangeException.ThrowIfLessThan(channels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(kernelSize, 1);
        if (weights.Length != codes.Length || weights.Length % ((long)channels * kernelSize) != 0)
        {
            throw new ArgumentException($"{weights.Length} weights and {codes.Length} codes are not [{channels}, I, {kernelSize}].", nameof(codes));
        }

        if (scales.Length != 1 && scales.Length != channels) throw new ArgumentException($"There are {scales.Length} scales for {channels} channels.", nameof(scales));
        int row = weights.Length / channels;
        double[] errors = new double[row];
        for (int c = 0; c < channels; c++)
        {
            Balance(weights.Slice(c * row, row), kernelSize, scales[scales.Length == 1 ? 0 : c], (lowest, highest), codes.Slice(c * row, row), errors);
        }
    }

    static void Balance(ReadOnlySpan<float> weights, int kernelSize, float scale, (int Lowest, int Highest) range, Span<sbyte> codes, double[] errors)
    {
        for (int i = 0; i < weights.Length; i++)
        {
            double error = weights[i] / (double)scale - codes[i];
            // A weight that was clipped has no other side.
            errors[i] = Math.Clamp(error, -0.5, 0.5);
        }

        double[] sums = new double[weights.Length / kernelSize];
        for (int kernel = 0; kernel < sums.Length; kernel++)
        {
            var inKernel = errors.AsSpan(kernel * kernelSize, kernelSize);
            double sum = Sum(inKernel);
            for (int flips = (int)Math.Round(Math.Abs(sum)); kernelSize > 1 && flips > 0; flips--)
            {
                if (!Flip(inKernel, codes.Slice(kernel * kernelSize, kernelSize), Math.Sign(sum), range)) break;
            }

            sums[kernel] = Sum(inKernel);
        }

        double total = Sum(sums);
        int direction = Math.Sign(total);
        for (int flips = (int)Math.Round(Math.Abs(total)); flips > 0; flips--)
        {
            int kernel = Furthest(sums, direction);
            if (kernel < 0) return;
            bool isFlipped = Flip(errors.AsSpan(kernel * kernelSize, kernelSize), codes.Slice(kernel * kernelSize, kernelSize), direction, range);
            if (!isFlipped) flips++;
            sums[kernel] = 0;
        }
    }

    /// <summary>Moves the weight that is nearest to the other side by one code.</summary>
    static bool Flip(Span<double> errors, Span<sbyte> codes, int direction, (int Lowest, int Highest) range)
    {
        int best = -1;
        for (int i = 0; i < errors.Length; i++)
        {
            int moved = codes[i] + direction;
            if (moved < range.Lowest || moved > range.Highest || errors[i] * direction <= 0) continue;
            if (best < 0 || errors[i] * direction > errors[best] * direction) best = i;
        }

        if (best < 0) return false;
        codes[best] = (sbyte)(codes[best] + direction);
        errors[best] -= direction;
        return true;
    }

    static int Furthest(double[] sums, int direction)
    {
        int best = -1;
        for (int i = 0; i < sums.Length; i++)
        {
            if (sums[i] * direction > 0 && (best < 0 || sums[i] * direction > sums[best] * direction)) best = i;
        }

        return best;
    }

    static double Sum(ReadOnlySpan<double> values)
    {
        double sum = 0;
        foreach (double value in values) sum += value;
        return sum;
    }
}
