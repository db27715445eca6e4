using Kneepoint.Imaging;
using Kneepoint.Reports.Plotting;
using Kneepoint.Tests.Reports;
using SkiaSharp;

namespace Kneepoint.SystemTests.Imaging;

public sealed class PngCanvasTests
{
    [Fact]
    public void A_study_becomes_a_picture_of_the_stated_size_with_its_colors()
    {
        byte[] png = PngCanvas.Draw(SyntheticStudy.Of(16));

        using var image = SKBitmap.Decode(png);
        var colors = Enumerable.Range(0, image.Width * image.Height).Select(i => (uint)image.GetPixel(i % image.Width, i / image.Width)).ToHashSet();
        Assert.Equal((2 * FrontierPlot.Width, 2 * FrontierPlot.Height), (image.Width, image.Height));
        Assert.Equal(SKColors.White, image.GetPixel(2, 2));
        Assert.Subset(colors, new[] { PlotInk.Frontier, PlotInk.Baseline, PlotInk.Knee, PlotInk.Text }.Select(ink => 0xFF000000 | PlotPalette.Light(ink)).ToHashSet());
    }

    [Fact]
    public void Shapes_and_lines_are_where_they_were_drawn()
    {
        using var canvas = new PngCanvas(20, 10, scale: 1);
        canvas.Shape([new(0, 0), new(10, 0), new(10, 10), new(0, 10)], PlotInk.Baseline);
        canvas.Circle(new(15, 5), 3, PlotInk.Knee);

        using var image = SKBitmap.Decode(canvas.ToBytes());

        Assert.Equal(0xFF000000 | PlotPalette.Light(PlotInk.Baseline), (uint)image.GetPixel(5, 5));
        Assert.Equal(0xFF000000 | PlotPalette.Light(PlotInk.Knee), (uint)image.GetPixel(15, 5));
        Assert.Equal(SKColors.White, image.GetPixel(19, 9));
    }

    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(1, 10_001, 1)]
    [InlineData(1, 1, double.NaN)]
    public void Sizes_out_of_range_are_refused(int width, int height, double scale) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PngCanvas(width, height, scale));
}
