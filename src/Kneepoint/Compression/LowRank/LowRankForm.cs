namespace Kneepoint.Compression.LowRank;

/// <summary>How a layer becomes two.</summary>
public enum LowRankForm
{
    /// <summary>Whichever computes least.</summary>
    Auto,

    /// <summary>Fewer channels between two matrices; of a convolution, its window with fewer outputs, then 1 × 1.</summary>
    Product,

    /// <summary>A window of one column, then one of one row.</summary>
    Spatial,
}
