using System.Runtime.InteropServices;
using Kneepoint.Data;
using SkiaSharp;

namespace Kneepoint.Imaging;

/// <summary>Decodes JPEG (libjpeg-turbo) and PNG (libpng) through Skia.</summary>
/// <remarks>
/// Sample values are those of the file: no color profile or gamma is applied, EXIF orientation is ignored, transparency is dropped without
/// multiplying by it, gray becomes three equal channels, 16 bits become 8. An image that ends early is an error, not a partial image. Safe for calls
/// from several threads.
/// </remarks>
public sealed class SkiaImageDecoder : IImageDecoder
{
    /// <inheritdoc/>
    public unsafe RgbImage Decode(ReadOnlySpan<byte> encoded, long maxPixels)
    {
        fixed (byte* bytes = encoded)
        {
            // The codec reads the caller's memory in place; it is gone before the memory is released.
            using var data = SKData.Create((nint)bytes, encoded.Length);
            using var codec = SKCodec.Create(data) ?? throw new DataException("expected a JPEG or PNG image, found neither.");
            if (codec.EncodedFormat is not (SKEncodedImageFormat.Jpeg or SKEncodedImageFormat.Png))
            {
                throw new DataException($"expected a JPEG or PNG image, found {codec.EncodedFormat}.");
            }

            int width = codec.Info.Width;
            int height = codec.Info.Height;
            if ((long)width * height > Math.Min(maxPixels, Array.MaxLength / 4))
            {
                throw new DataException($"expected an image of at most {maxPixels} pixels, found {width} × {height}.");
            }

            return Decode(codec, width, height);
        }
    }

    static unsafe RgbImage Decode(SKCodec codec, int width, int height)
    {
        var info = new SKImageInfo(width, height, SKColorType.Rgba8888, SKAlphaType.Unpremul, colorspace: null);
        var pixels = (byte*)NativeMemory.Alloc((nuint)info.BytesSize64);
        try
        {
            var result = codec.GetPixels(info, (nint)pixels, info.RowBytes, SKCodecOptions.Default);
            if (result != SKCodecResult.Success)
            {
                throw new DataException(result == SKCodecResult.IncompleteInput
                    ? "the image is truncated." : $"the image cannot be decoded ({result}).");
            }

            byte[] rgb = new byte[3 * width * height];
            for (int from = 0, to = 0; to < rgb.Length; from += 4, to += 3)
            {
                rgb[to] = pixels[from];
                rgb[to + 1] = pixels[from + 1];
                rgb[to + 2] = pixels[from + 2];
            }

            return new RgbImage(width, height, rgb);
        }
        finally
        {
            NativeMemory.Free(pixels);
        }
    }
}
