namespace Kneepoint.Coding;

/// <summary>A section of a packed file.</summary>
/// <param name="ModelBytes">Bytes of the model that it holds.</param>
/// <param name="PackedBytes">Bytes that it takes, its length and checksum included.</param>
public sealed record PackedSection(long ModelBytes, long PackedBytes);
