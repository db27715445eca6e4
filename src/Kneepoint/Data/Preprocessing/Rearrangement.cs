using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>Changes how an array lies: channels to the other end, an image's size, or the length of a sequence.</summary>
/// <param name="Kind">What is done.</param>
/// <param name="ElementBytes">Of an element.</param>
/// <param name="Height">Rows of the image.</param>
/// <param name="Width">Columns of the image.</param>
/// <param name="Channels">Samples of a pixel.</param>
/// <param name="Padding">The element that a sequence is padded with, as bytes.</param>
sealed record Rearrangement(RearrangementKind Kind, int ElementBytes, int Height = 0, int Width = 0, int Channels = 0, byte[]? Padding = null)
{
    /// <summary>Writes the rearranged sample.</summary>
    /// <exception cref="DataException">The image does not come to the size that the network takes; the message has no place yet.</exception>
    public void Apply(ReadOnlySpan<byte> bytes, ImageGeometry? geometry, Span<byte> destination)
    {
        switch (Kind)
        {
            case RearrangementKind.ImageFromChannelsLast:
                geometry!.Apply(bytes, Height, Width, Channels, destination);
                break;
            case RearrangementKind.ImageFromChannelsFirst:
                byte[] interleaved = new byte[bytes.Length];
                Transpose(bytes, interleaved, Channels, Height * Width);
                geometry!.Apply(interleaved, Height, Width, Channels, destination);
                break;
            case RearrangementKind.ChannelsToFront:
                Transpose(bytes, destination, Height * Width, Channels);
                break;
            case RearrangementKind.ChannelsToBack:
                Transpose(bytes, destination, Channels, Height * Width);
                break;
            default:
                bytes.CopyTo(destination);
                for (int at = bytes.Length; at < destination.Length; at += ElementBytes) Padding.CopyTo(destination[at..]);
                break;
        }
    }

    void Transpose(ReadOnlySpan<byte> bytes, Span<byte> destination, int rows, int columns)
    {
        for (int row = 0; row < rows; row++)
        {
            for (int column = 0; column < columns; column++)
            {
                bytes.Slice((row * columns + column) * ElementBytes, ElementBytes).CopyTo(destination[((column * rows + row) * ElementBytes)..]);
            }
        }
    }

    /// <summary>The bytes of one number of a type.</summary>
    /// <exception cref="DataException">The type does not hold the number.</exception>
    public static byte[] Element(double value, ElementType type)
    {
        byte[] bytes = new byte[Tensor.Bits(type) / 8];
        ElementConversion.Write([value], type, bytes);
        return bytes;
    }
}

/// <summary>What a <see cref="Rearrangement"/> does.</summary>
enum RearrangementKind
{
    /// <summary>[H, W, C] of 8 bits goes through an <see cref="ImageGeometry"/>.</summary>
    ImageFromChannelsLast,

    /// <summary>[C, H, W] of 8 bits goes through an <see cref="ImageGeometry"/>.</summary>
    ImageFromChannelsFirst,

    /// <summary>[H, W, C] becomes [C, H, W].</summary>
    ChannelsToFront,

    /// <summary>[C, H, W] becomes [H, W, C].</summary>
    ChannelsToBack,

    /// <summary>A sequence is made longer at its end.</summary>
    Lengthen,
}
