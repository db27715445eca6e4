namespace Kneepoint.Compression.Pruning;

/// <summary>What a channel counts for.</summary>
public enum ChannelImportance
{
    /// <summary>The squared error that is left in the layers which read it once their other weights are fitted anew.</summary>
    Error,

    /// <summary>The energy that it brings into the layers which read it.</summary>
    Activation,

    /// <summary>The squared weights that make it.</summary>
    Magnitude,
}

/// <summary>How many channels each group of layers loses.</summary>
public enum PruningScope
{
    /// <summary>Those of least importance for what they compute, in the whole network.</summary>
    Network,

    /// <summary>The same share of each group.</summary>
    Group,
}
