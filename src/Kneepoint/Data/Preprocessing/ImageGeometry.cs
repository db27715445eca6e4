namespace Kneepoint.Data.Preprocessing;

/// <summary>Brings an image to the size, channels and layout that a network takes; samples stay 8-bit.</summary>
/// <remarks>In this order: gray, resize, center crop, pad, channel order, layout.</remarks>
sealed record ImageGeometry
{
    /// <summary>Larger images are refused.</summary>
    public const long MaxPixels = 64 * 1024 * 1024;

    /// <summary>One number: the shorter side. Two: height and width. Null: none.</summary>
    public IReadOnlyList<int>? Resize { get; init; }

    /// <summary>"bilinear", "bicubic" or "nearest".</summary>
    public string Filter { get; init; } = "bilinear";

    /// <summary>Height and width; null: none.</summary>
    public IReadOnlyList<int>? Crop { get; init; }

    /// <summary>Height and width; null: none.</summary>
    public IReadOnlyList<int>? Pad { get; init; }

    /// <summary>The sample that padding is filled with.</summary>
    public byte PadValue { get; init; }

    /// <summary>Whether red and blue change places.</summary>
    public bool IsBgr { get; init; }

    /// <summary>Whether colors become one channel of brightness.</summary>
    public bool IsGray { get; init; }

    /// <summary>Whether channels come first in the result.</summary>
    public bool IsChannelsFirst { get; init; } = true;

    /// <summary>Whether images of another size are resized to cover the result and cropped, without being asked.</summary>
    public bool IsFitted { get; init; }

    /// <summary>Rows of the result.</summary>
    public required int Height { get; init; }

    /// <summary>Columns of the result.</summary>
    public required int Width { get; init; }

    /// <summary>Writes the result, channels × height × width samples.</summary>
    /// <param name="pixels">[height, width, channels], interleaved.</param>
    /// <param name="height">Rows.</param>
    /// <param name="width">Columns.</param>
    /// <param name="channels">Samples of a pixel.</param>
    /// <param name="destination">In the layout of <see cref="IsChannelsFirst"/>.</param>
    /// <exception cref="DataException">The image does not come to the size of the result; the message has no place yet.</exception>
    public void Apply(ReadOnlySpan<byte> pixels, int height, int width, int channels, Span<byte> destination)
    {
        if (IsGray && channels == 3)
        {
            pixels = Gray(pixels);
            channels = 1;
        }

        var (toHeight, toWidth) = Resized(height, width);
        if ((toHeight, toWidth) != (height, width))
        {
            // Resampling passes through [height, toWidth]: a strip of an image must not become a huge one.
            if ((long)Math.Max(height, toHeight) * toWidth > MaxPixels)
            {
                throw new DataException($"resizing {height} × {width} (height × width) to {toHeight} × {toWidth} takes more than {MaxPixels} pixels");
            }

            pixels = Resample.Apply(pixels, height, width, channels, toHeight, toWidth, Filter);
            (height, width) = (toHeight, toWidth);
        }

        var crop = Crop ?? (IsFitted ? [Height, Width] : null);
        var view = new View(0, 0, height, width, width);
        if (crop is not null)
        {
            if (crop[0] > height || crop[1] > width) throw new DataException($"a crop of {crop[0]} × {crop[1]} (height × width) does not fit into {height} × {width}");
            view = new View(Middle(height - crop[0]), Middle(width - crop[1]), crop[0], crop[1], width);
        }

        var pad = Pad ?? [view.Height, view.Width];
        if (pad[0] < view.Height || pad[1] < view.Width) throw new DataException($"{view.Height} × {view.Width} (height × width) cannot be padded to {pad[0]} × {pad[1]}");
        if (pad[0] != Height || pad[1] != Width) throw new DataException($"expected {Height} × {Width} (height × width), found {pad[0]} × {pad[1]}");
        Place(pixels, channels, view, destination);
    }

    void Place(ReadOnlySpan<byte> pixels, int channels, View view, Span<byte> destination)
    {
        int top = (Height - view.Height) / 2;
        int left = (Width - view.Width) / 2;
        if (view.Height != Height || view.Width != Width) destination.Fill(PadValue);
        for (int y = 0; y < view.Height; y++)
        {
            var row = pixels.Slice(((view.Top + y) * view.Stride + view.Left) * channels, view.Width * channels);
            int start = (top + y) * Width + left;
            for (int c = 0; c < channels; c++)
            {
                int from = IsBgr ? channels - 1 - c : c;
                int at = IsChannelsFirst ? c * Height * Width + start : start * channels + c;
                int step = IsChannelsFirst ? 1 : channels;
                for (int x = from; x < row.Length; x += channels, at += step) destination[at] = row[x];
            }
        }
    }

    (int Height, int Width) Resized(int height, int width)
    {
        if (Resize is [var side])
        {
            // The longer side is truncated, as torchvision does.
            return height <= width ? (side, Math.Max((int)((long)side * width / height), 1)) : (Math.Max((int)((long)side * height / width), 1), side);
        }

        if (Resize is [var toHeight, var toWidth]) return (toHeight, toWidth);
        if (!IsFitted || (height == Height && width == Width)) return (height, width);
        return (long)Height * width >= (long)Width * height
            ? (Height, Math.Max((int)((long)Height * width / height), Width))
            : (Math.Max((int)((long)Width * height / width), Height), Width);
    }

    /// <summary>Half of what is left over, half to even, as torchvision places a center crop.</summary>
    static int Middle(int rest) => (int)Math.Round(rest / 2.0, MidpointRounding.ToEven);

    /// <summary>ITU-R 601 brightness in 16 fractional bits, rounded half up; equal channels stay as they are.</summary>
    static byte[] Gray(ReadOnlySpan<byte> rgb)
    {
        byte[] gray = new byte[rgb.Length / 3];
        for (int i = 0; i < gray.Length; i++)
        {
            gray[i] = (byte)((rgb[3 * i] * 19595 + rgb[3 * i + 1] * 38470 + rgb[3 * i + 2] * 7471 + 0x8000) >> 16);
        }

        return gray;
    }

    readonly record struct View(int Top, int Left, int Height, int Width, int Stride);
}
