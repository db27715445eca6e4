using CsCheck;
using Kneepoint.Data.Preprocessing;

namespace Kneepoint.Tests.Data.Preprocessing;

public sealed class ResampleTests
{
    static readonly Gen<string> Filter = Gen.OneOf(Gen.Const("bilinear"), Gen.Const("bicubic"));

    [Fact]
    public void Halving_four_pixels_weighs_them_three_three_one()
    {
        // The triangle of radius 2 around 1.0 and 3.0: weights 3/7, 3/7, 1/7 and the mirror image.
        byte[] result = Resample.Apply([70, 140, 210, 14], 1, 4, 1, 1, 2, "bilinear");

        Assert.Equal([(byte)120, (byte)Math.Round((140 + 3 * 210 + 3 * 14) / 7.0)], result);
    }

    [Fact]
    public void Doubling_two_pixels_mixes_them_one_to_three()
        => Assert.Equal([(byte)0, (byte)25, (byte)75, (byte)100], Resample.Apply([0, 100], 2, 1, 1, 4, 1, "bilinear"));

    [Fact]
    public void Nearest_takes_the_pixel_under_the_center()
        => Assert.Equal([(byte)2, (byte)4], Resample.Apply([1, 2, 3, 4], 1, 4, 1, 1, 2, "nearest"));

    [Fact]
    public void Each_result_is_the_weighted_mean_of_the_formula()
    {
        Gen.Select(Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 9], Gen.Int[1, 9], Filter, Gen.Byte.Array[243]).Sample((height, width, toHeight, toWidth, filter, noise) =>
        {
            byte[] pixels = noise[..(height * width * 3)];

            byte[] result = Resample.Apply(pixels, height, width, 3, toHeight, toWidth, filter);

            double[] expected = Slow(pixels, height, width, toHeight, toWidth, filter);

            // Half a step from rounding each pass, the first one widened by the negative lobes of bicubic (their sum of absolutes is below 1.4).
            for (int i = 0; i < expected.Length; i++) Assert.InRange(result[i], expected[i] - 1.3, expected[i] + 1.3);
        }, iter: 300);
    }

    [Fact]
    public void A_flat_image_stays_flat()
    {
        Gen.Select(Gen.Int[1, 30], Gen.Int[1, 30], Gen.Byte, Filter).Sample((size, toSize, value, filter) =>
            Resample.Apply(Enumerable.Repeat(value, size * size).ToArray(), size, size, 1, toSize, toSize, filter).All(sample => sample == value));
    }

    static double[] Slow(byte[] pixels, int height, int width, int toHeight, int toWidth, string filter)
    {
        double[] rows = new double[height * toWidth * 3];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < toWidth; x++)
            {
                for (int c = 0; c < 3; c++)
                {
                    rows[(y * toWidth + x) * 3 + c] = Math.Clamp(Mean(width, toWidth, x, filter, i => pixels[(y * width + i) * 3 + c]), 0, 255);
                }
            }
        }

        double[] result = new double[toHeight * toWidth * 3];
        for (int i = 0; i < result.Length; i++)
        {
            int y = i / (toWidth * 3);
            int rest = i % (toWidth * 3);
            result[i] = Math.Clamp(Mean(height, toHeight, y, filter, row => rows[row * toWidth * 3 + rest]), 0, 255);
        }

        return result;
    }

    static double Mean(int size, int toSize, int at, string filter, Func<int, double> value)
    {
        if (size == toSize) return value(at);
        double scale = (double)size / toSize;
        double stretch = Math.Max(scale, 1);
        double sum = 0, total = 0;
        for (int i = 0; i < size; i++)
        {
            double x = Math.Abs(i + 0.5 - (at + 0.5) * scale) / stretch;
            double weight = filter == "bilinear" ? Math.Max(1 - x, 0)
                : x < 1 ? 1.5 * x * x * x - 2.5 * x * x + 1 : x < 2 ? -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2 : 0;
            sum += weight * value(i);
            total += weight;
        }

        return sum / total;
    }
}
