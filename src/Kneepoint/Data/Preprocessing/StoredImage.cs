using Kneepoint.Data.Formats;

namespace Kneepoint.Data.Preprocessing;

/// <summary>How an array holds an image. Channels is 0 if it holds none.</summary>
readonly record struct StoredImage(int Height, int Width, int Channels, bool IsChannelsFirst)
{
    /// <summary>Reads a field's shape as [H, W], [C, H, W] or [H, W, C].</summary>
    /// <param name="field">The field.</param>
    /// <param name="stored">"chw" or "hwc"; null decides by the channels.</param>
    /// <param name="channels">What the network takes; −1 if open.</param>
    public static StoredImage Of(SampleField field, string? stored, long channels)
    {
        int[] d = [.. field.Dimensions.Select(size => checked((int)size))];
        if (d.Length == 2) return new StoredImage(d[0], d[1], 1, false);
        if (d.Length != 3) return default;
        bool first = stored is null ? d[0] is 1 or 3 && d[2] != channels || d[0] == channels : stored == "chw";
        bool last = stored is null ? !first && d[2] is 1 or 3 : stored == "hwc";
        return first ? new StoredImage(d[1], d[2], d[0], true) : last ? new StoredImage(d[0], d[1], d[2], false) : default;
    }
}
