using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>A named part of each sample of a source: an image, a row of numbers, a label.</summary>
/// <param name="Name">As inputs and target refer to it.</param>
/// <param name="Kind">How its bytes are to be read.</param>
/// <param name="ElementType">Of arrays; of encoded images the type after decoding.</param>
/// <param name="Dimensions">Of one sample, outermost first; empty for a single number or an encoded image.</param>
sealed record SampleField(string Name, FieldKind Kind, ElementType ElementType, IReadOnlyList<long> Dimensions)
{
    /// <summary>Bytes of one sample; −1 if they vary.</summary>
    public int SampleBytes { get; } = Kind == FieldKind.EncodedImage ? -1 : checked((int)Tensor.ByteCount(ElementType, [.. Dimensions]));

    /// <summary>Whether each sample is one number.</summary>
    public bool IsScalar => Kind == FieldKind.Array && Dimensions.All(dimension => dimension == 1);

    /// <summary>Type and shape for messages: "UInt8 [28, 28]".</summary>
    public string Shape => Kind == FieldKind.EncodedImage ? "an encoded image" : $"{ElementType} [{string.Join(", ", Dimensions)}]";
}

/// <summary>How the bytes of a field are to be read.</summary>
enum FieldKind
{
    /// <summary>Numbers, row-major, little-endian.</summary>
    Array,

    /// <summary>A JPEG or PNG file.</summary>
    EncodedImage,
}
