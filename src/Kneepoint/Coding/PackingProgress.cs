namespace Kneepoint.Coding;

/// <summary>How far packing or opening is.</summary>
/// <param name="DoneBytes">Bytes of the model that are done.</param>
/// <param name="TotalBytes">Bytes of the model.</param>
public readonly record struct PackingProgress(long DoneBytes, long TotalBytes);
