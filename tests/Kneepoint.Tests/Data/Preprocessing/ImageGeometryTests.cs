using CsCheck;
using Kneepoint.Data;
using Kneepoint.Data.Preprocessing;

namespace Kneepoint.Tests.Data.Preprocessing;

public sealed class ImageGeometryTests
{
    [Fact]
    public void Crop_pad_channel_order_and_layout_place_every_sample()
    {
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 7], Gen.Int[0, 6], Gen.Int[0, 6], Gen.Int[0, 3], Gen.Bool, Gen.Bool).Sample(
            (height, width, cutHeight, cutWidth, pad, isBgr, isFirst) =>
            {
                int cropHeight = Math.Max(1, height - cutHeight);
                int cropWidth = Math.Max(1, width - cutWidth);
                byte[] pixels = Samples(height, width);
                var geometry = new ImageGeometry
                {
                    Crop = [cropHeight, cropWidth],
                    Pad = [cropHeight + pad, cropWidth + pad],
                    PadValue = 200,
                    IsBgr = isBgr,
                    IsChannelsFirst = isFirst,
                    Height = cropHeight + pad,
                    Width = cropWidth + pad,
                };
                byte[] result = new byte[3 * geometry.Height * geometry.Width];
                geometry.Apply(pixels, height, width, 3, result);

                int top = (int)Math.Round((height - cropHeight) / 2.0, MidpointRounding.ToEven);
                int left = (int)Math.Round((width - cropWidth) / 2.0, MidpointRounding.ToEven);
                for (int c = 0; c < 3; c++)
                {
                    for (int y = 0; y < geometry.Height; y++)
                    {
                        for (int x = 0; x < geometry.Width; x++)
                        {
                            int fromY = y - pad / 2;
                            int fromX = x - pad / 2;
                            bool isInside = fromY >= 0 && fromY < cropHeight && fromX >= 0 && fromX < cropWidth;
                            int expected = isInside ? pixels[((top + fromY) * width + left + fromX) * 3 + (isBgr ? 2 - c : c)] : 200;
                            int at = isFirst ? (c * geometry.Height + y) * geometry.Width + x : (y * geometry.Width + x) * 3 + c;
                            Assert.Equal(expected, result[at]);
                        }
                    }
                }
            }, iter: 200);
    }

    [Fact]
    public void Gray_of_equal_channels_is_their_value()
    {
        byte[] pixels = [.. Enumerable.Range(0, 256).SelectMany(i => new[] { (byte)i, (byte)i, (byte)i })];
        byte[] result = new byte[256];

        new ImageGeometry { IsGray = true, Height = 16, Width = 16 }.Apply(pixels, 16, 16, 3, result);

        Assert.Equal(Enumerable.Range(0, 256).Select(i => (byte)i), result);
    }

    [Fact]
    public void An_image_that_is_fitted_covers_the_result()
    {
        Gen.Select(Gen.Int[1, 40], Gen.Int[1, 40], Gen.Int[1, 20], Gen.Int[1, 20]).Sample((height, width, toHeight, toWidth) =>
        {
            byte[] result = new byte[toHeight * toWidth];
            byte[] pixels = new byte[height * width];
            Array.Fill(pixels, (byte)77);

            new ImageGeometry { IsFitted = true, PadValue = 1, Height = toHeight, Width = toWidth }.Apply(pixels, height, width, 1, result);

            Assert.All(result, value => Assert.Equal(77, value));
        }, iter: 300);
    }

    [Theory]
    [InlineData(5, 4, "a crop of 5 × 5 (height × width) does not fit into 4 × 6")]
    [InlineData(3, 4, "expected 4 × 4 (height × width), found 3 × 3")]
    public void Sizes_that_do_not_come_out_are_errors(int crop, int size, string expected)
    {
        var geometry = new ImageGeometry { Crop = [crop, crop], Height = size, Width = size };

        Assert.Equal(expected, Assert.Throws<DataException>(() => geometry.Apply(Samples(4, 6), 4, 6, 3, new byte[48])).Message);
    }

    [Fact]
    public void A_strip_does_not_become_a_huge_image()
    {
        var geometry = new ImageGeometry { Resize = [4096], Crop = [8, 8], Height = 8, Width = 8 };

        Assert.Contains("takes more than", Assert.Throws<DataException>(() => geometry.Apply(new byte[60_000], 1, 20_000, 3, new byte[192])).Message, StringComparison.Ordinal);
    }

    static byte[] Samples(int height, int width) => [.. Enumerable.Range(0, 3 * height * width).Select(i => (byte)(i * 7))];
}
