namespace Kneepoint.Calibration;

/// <summary>How <see cref="ActivationCollector"/> uses the machine. No setting changes what is collected.</summary>
public sealed record CollectionSettings
{
    /// <summary>Threads of the counting, at least 1; no figure depends on them.</summary>
    public int Threads
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "Threads must be at least 1.");
    } = 1;

    /// <summary>Bytes of values that a single run may give out, at least 1. A value that is larger by itself, for one sample, is taken alone.</summary>
    public long RunBytes
    {
        get; init => field = value >= 1 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "RunBytes must be at least 1.");
    } = 64 << 20;
}

/// <summary>Where a collection stands.</summary>
/// <param name="Pass">The pass over the samples, from 1.</param>
/// <param name="Passes">How many passes there are: more than one where a single sample's values take more than <see cref="CollectionSettings.RunBytes"/>.</param>
/// <param name="Samples">Samples done in this pass.</param>
public readonly record struct CollectionProgress(int Pass, int Passes, long Samples);
