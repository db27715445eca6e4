namespace Kneepoint.Data;

/// <summary>Decodes JPEG and PNG. The library states what it needs; an adapter with the native decoder gives it.</summary>
public interface IImageDecoder
{
    /// <summary>Decodes to 8-bit RGB, interleaved, without color management or orientation.</summary>
    /// <param name="encoded">The whole file.</param>
    /// <param name="maxPixels">Larger images are refused before anything is allocated.</param>
    /// <exception cref="DataException">Not an image, truncated, or larger than allowed.</exception>
    RgbImage Decode(ReadOnlySpan<byte> encoded, long maxPixels);
}

/// <summary>An image of 8-bit RGB samples.</summary>
/// <param name="Width">Columns.</param>
/// <param name="Height">Rows.</param>
/// <param name="Rgb">[Height, Width, 3], row-major.</param>
public sealed record RgbImage(int Width, int Height, byte[] Rgb);
