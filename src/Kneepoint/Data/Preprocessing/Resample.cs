namespace Kneepoint.Data.Preprocessing;

/// <summary>Resizes images of 8-bit samples: bilinear or bicubic with the kernel widened when shrinking, or the nearest pixel.</summary>
/// <remarks>
/// Two passes, first along rows, with coefficients of 22 fractional bits and rounding half up after each pass; the result is the one that Pillow
/// gives, which most networks were trained with. Bicubic has a = −0.5. Deterministic: integer sums.
/// </remarks>
static class Resample
{
    const int FractionBits = 22;

    /// <summary>Resizes an image.</summary>
    /// <param name="pixels">[height, width, channels].</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="channels">Samples of a pixel.</param>
    /// <param name="newHeight">Rows of the result, positive.</param>
    /// <param name="newWidth">Columns of the result, positive.</param>
    /// <param name="filter">"bilinear", "bicubic" or "nearest".</param>
    /// <returns>[newHeight, newWidth, channels].</returns>
    public static byte[] Apply(ReadOnlySpan<byte> pixels, int height, int width, int channels, int newHeight, int newWidth, string filter)
    {
        if (filter == "nearest") return Nearest(pixels, height, width, channels, newHeight, newWidth);
        byte[] rows = width == newWidth ? pixels.ToArray() : Rows(pixels, height, width, channels, new Kernel(width, newWidth, filter));
        return height == newHeight ? rows : Columns(rows, newWidth * channels, new Kernel(height, newHeight, filter));
    }

    static byte[] Nearest(ReadOnlySpan<byte> pixels, int height, int width, int channels, int newHeight, int newWidth)
    {
        byte[] result = new byte[newHeight * newWidth * channels];
        int at = 0;
        for (int y = 0; y < newHeight; y++)
        {
            int row = (int)((y + 0.5) * height / newHeight) * width;
            for (int x = 0; x < newWidth; x++, at += channels)
            {
                int column = (int)((x + 0.5) * width / newWidth);
                pixels.Slice((row + column) * channels, channels).CopyTo(result.AsSpan(at));
            }
        }

        return result;
    }

    static byte[] Rows(ReadOnlySpan<byte> pixels, int height, int width, int channels, Kernel kernel)
    {
        byte[] result = new byte[height * kernel.Size * channels];
        int at = 0;
        for (int y = 0; y < height; y++)
        {
            var row = pixels.Slice(y * width * channels, width * channels);
            for (int x = 0; x < kernel.Size; x++)
            {
                var (start, weights) = kernel[x];
                for (int c = 0; c < channels; c++)
                {
                    int sum = 1 << (FractionBits - 1);
                    for (int i = 0; i < weights.Length; i++) sum += row[(start + i) * channels + c] * weights[i];
                    result[at++] = (byte)Math.Clamp(sum >> FractionBits, 0, 255);
                }
            }
        }

        return result;
    }

    static byte[] Columns(byte[] pixels, int stride, Kernel kernel)
    {
        byte[] result = new byte[kernel.Size * stride];
        int[] sums = new int[stride];
        for (int y = 0; y < kernel.Size; y++)
        {
            Array.Fill(sums, 1 << (FractionBits - 1));
            var (start, weights) = kernel[y];
            for (int i = 0; i < weights.Length; i++)
            {
                var row = pixels.AsSpan((start + i) * stride, stride);
                for (int x = 0; x < stride; x++) sums[x] += row[x] * weights[i];
            }

            var output = result.AsSpan(y * stride, stride);
            for (int x = 0; x < stride; x++) output[x] = (byte)Math.Clamp(sums[x] >> FractionBits, 0, 255);
        }

        return result;
    }

    /// <summary>For each output position, the first input position and the weights from there.</summary>
    sealed class Kernel
    {
        readonly int[] _starts;
        readonly int[][] _weights;

        public Kernel(int size, int newSize, string filter)
        {
            double scale = (double)size / newSize;
            double stretch = Math.Max(scale, 1);
            double support = (filter == "bicubic" ? 2 : 1) * stretch;
            _starts = new int[newSize];
            _weights = new int[newSize][];
            for (int x = 0; x < newSize; x++)
            {
                double center = (x + 0.5) * scale;
                int start = Math.Max((int)(center - support + 0.5), 0);
                int end = Math.Min((int)(center + support + 0.5), size);
                _starts[x] = start;
                _weights[x] = Weights(start, end, center, stretch, filter);
            }
        }

        public int Size => _starts.Length;

        public (int Start, int[] Weights) this[int position] => (_starts[position], _weights[position]);

        static int[] Weights(int start, int end, double center, double stretch, string filter)
        {
            double[] exact = new double[end - start];
            double total = 0;
            for (int i = 0; i < exact.Length; i++)
            {
                double distance = Math.Abs((start + i - center + 0.5) / stretch);
                exact[i] = filter == "bicubic" ? Cubic(distance) : Math.Max(1 - distance, 0);
                total += exact[i];
            }

            int[] weights = new int[exact.Length];
            for (int i = 0; i < weights.Length; i++)
            {
                double scaled = (total == 0 ? exact[i] : exact[i] / total) * (1 << FractionBits);
                weights[i] = (int)(scaled < 0 ? scaled - 0.5 : scaled + 0.5);
            }

            return weights;
        }

        static double Cubic(double x)
        {
            const double a = -0.5;
            if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
        }
    }
}
