namespace Kneepoint.Compression.Pruning;

/// <summary>The places on the axes of a value.</summary>
/// <param name="Sizes">Of each axis.</param>
/// <param name="Axes">The places of each axis; null where nothing can be cut from it.</param>
sealed record ValueChannels(long[] Sizes, int[]?[] Axes)
{
    /// <summary>The number of axes.</summary>
    public int Rank => Sizes.Length;

    /// <summary>A value that nothing can be cut from.</summary>
    public static ValueChannels Fixed(long[] sizes) => new(sizes, new int[]?[sizes.Length]);
}
