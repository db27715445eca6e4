using Kneepoint.Reports;
using Kneepoint.Reports.Plotting;
using SkiaSharp;

namespace Kneepoint.Imaging;

/// <summary>Draws a plot as PNG, text with the plots' own letters: no font of the system is needed.</summary>
public sealed class PngCanvas : IPlotCanvas, IDisposable
{
    readonly SKSurface _surface;
    readonly SKCanvas _canvas;

    /// <summary>Starts an empty drawing.</summary>
    /// <param name="width">Pixels at a scale of one, 1 to 10,000.</param>
    /// <param name="height">Pixels at a scale of one, 1 to 10,000.</param>
    /// <param name="scale">Image pixels per pixel of the drawing; 2 is sharp on dense screens.</param>
    public PngCanvas(int width, int height, double scale = 2)
    {
        const int MaxPixels = 10_000;
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(width, MaxPixels);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(height, MaxPixels);
        if (scale is not (>= 0.1 and <= 4)) throw new ArgumentOutOfRangeException(nameof(scale), scale, "The scale must be from 0.1 to 4.");
        var size = new SKImageInfo((int)Math.Round(width * scale), (int)Math.Round(height * scale), SKColorType.Rgba8888, SKAlphaType.Opaque);
        _surface = SKSurface.Create(size) ?? throw new InvalidOperationException($"No image of {size.Width} by {size.Height} pixels can be made.");
        _canvas = _surface.Canvas;
        _canvas.Clear(Color(PlotInk.Background));
        _canvas.Scale((float)scale);
    }

    /// <summary>The study's plot as a PNG file, twice as dense as its nominal size.</summary>
    public static byte[] Draw(FrontierDocument document, PlotBudgets? budgets = null)
    {
        using var canvas = new PngCanvas(FrontierPlot.Width, FrontierPlot.Height);
        FrontierPlot.Draw(document, canvas, budgets);
        return canvas.ToBytes();
    }

    /// <inheritdoc/>
    public void Line(ReadOnlySpan<PlotPoint> points, PlotInk ink, double width, double dash = 0)
    {
        using var path = Path(points, isClosed: false);
        using var paint = Stroke(ink, width);
        if (dash > 0) paint.PathEffect = SKPathEffect.CreateDash([(float)dash, (float)dash], 0);
        _canvas.DrawPath(path, paint);
    }

    /// <inheritdoc/>
    public void Shape(ReadOnlySpan<PlotPoint> points, PlotInk? fill, PlotInk? outline = null, double width = 0)
    {
        using var path = Path(points, isClosed: true);
        Paint(fill, outline, width, paint => _canvas.DrawPath(path, paint));
    }

    /// <inheritdoc/>
    public void Circle(PlotPoint center, double radius, PlotInk? fill, PlotInk? outline = null, double width = 0) =>
        Paint(fill, outline, width, paint => _canvas.DrawCircle((float)center.X, (float)center.Y, (float)radius, paint));

    /// <inheritdoc/>
    public void Dots(ReadOnlySpan<PlotPoint> centers, double radius, PlotInk ink)
    {
        foreach (var center in centers) Circle(center, radius, ink);
    }

    /// <inheritdoc/>
    public void Text(PlotPoint at, string text, PlotTextStyle style)
    {
        const double HaloWidth = 3.5;
        using var builder = new SKPathBuilder();
        foreach (var stroke in StrokeFont.Strokes(at, text, style)) Add(builder, stroke, isClosed: false);
        using var path = builder.Detach();
        double pen = StrokeFont.Pen(style.Size, style.IsBold);
        if (style.HasHalo)
        {
            using var halo = Stroke(PlotInk.Background, pen + HaloWidth);
            _canvas.DrawPath(path, halo);
        }

        using var paint = Stroke(style.Ink, pen);
        _canvas.DrawPath(path, paint);
    }

    /// <summary>The drawing as a PNG file.</summary>
    public byte[] ToBytes()
    {
        using var image = _surface.Snapshot();
        using var encoded = image.Encode(SKEncodedImageFormat.Png, 100);
        return encoded.ToArray();
    }

    /// <inheritdoc/>
    public void Dispose() => _surface.Dispose();

    static SKColor Color(PlotInk ink) => new(0xFF000000 | PlotPalette.Light(ink));

    static SKPaint Stroke(PlotInk ink, double width) => new()
    {
        IsAntialias = true,
        IsStroke = true,
        Color = Color(ink),
        StrokeWidth = (float)width,
        StrokeCap = SKStrokeCap.Round,
        StrokeJoin = SKStrokeJoin.Round,
    };

    static void Paint(PlotInk? fill, PlotInk? outline, double width, Action<SKPaint> draw)
    {
        if (fill is { } inside)
        {
            using var paint = new SKPaint { IsAntialias = true, Color = Color(inside) };
            draw(paint);
        }

        if (outline is { } around)
        {
            using var paint = Stroke(around, width);
            draw(paint);
        }
    }

    static SKPath Path(ReadOnlySpan<PlotPoint> points, bool isClosed)
    {
        using var builder = new SKPathBuilder();
        Add(builder, points, isClosed);
        return builder.Detach();
    }

    static void Add(SKPathBuilder builder, ReadOnlySpan<PlotPoint> points, bool isClosed)
    {
        for (int i = 0; i < points.Length; i++)
        {
            if (i == 0) builder.MoveTo((float)points[i].X, (float)points[i].Y);
            else builder.LineTo((float)points[i].X, (float)points[i].Y);
        }

        if (isClosed) builder.Close();
    }
}
