using Kneepoint.Data.Formats;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>An input that is read from a field.</summary>
sealed class FieldInput : InputPlan
{
    /// <summary>The field's place in the source.</summary>
    public required int Field { get; init; }

    /// <summary>The field.</summary>
    public required SampleField Signature { get; init; }

    /// <summary>Decodes images; used if the field holds them.</summary>
    public required IImageDecoder Decoder { get; init; }

    /// <summary>Brings images into shape; null where the array is only copied.</summary>
    public ImageGeometry? Geometry { get; init; }

    /// <summary>Changes how an array lies; null where it is only copied.</summary>
    public Rearrangement? Rearrangement { get; init; }

    /// <summary>Converts the elements.</summary>
    public required Scaling Scaling { get; init; }

    /// <inheritdoc/>
    public override int StagedBytes => checked((int)Tensor.ByteCount(Signature.ElementType, Dimensions));

    /// <inheritdoc/>
    public override string? Stage(SampleBlock block, int sample, Span<byte> staged)
    {
        var bytes = block.Field(Field, sample);
        if (Signature.Kind == FieldKind.EncodedImage) return StageImage(bytes, staged);
        int notFinite = ElementConversion.IndexOfNotFinite(Signature.ElementType, bytes);
        if (notFinite >= 0) throw new DataException($"element {notFinite} of the field '{Signature.Name}' is not a finite number");
        if (Rearrangement is not null) Rearrangement.Apply(bytes, Geometry, staged);
        else bytes.CopyTo(staged);
        return null;
    }

    /// <inheritdoc/>
    public override void Finish(ReadOnlySpan<byte> staged, DataPart part, ReadOnlySpan<long> indices, Span<byte> finished)
    {
        // Sample by sample: the channels of a sample start anew.
        int from = StagedBytes;
        int to = FinishedBytes;
        for (int i = 0; i < indices.Length; i++) Scaling.Apply(staged.Slice(i * from, from), finished.Slice(i * to, to));
    }

    string? StageImage(ReadOnlySpan<byte> encoded, Span<byte> staged)
    {
        RgbImage image;
        try
        {
            image = Decoder.Decode(encoded, ImageGeometry.MaxPixels);
        }
        catch (DataException exception)
        {
            return exception.Message;
        }

        Geometry!.Apply(image.Rgb, image.Height, image.Width, 3, staged);
        return null;
    }
}
