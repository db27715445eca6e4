namespace Kneepoint.Coding.Packing;

/// <summary>Counts the bytes of a model that are packed or opened, by several threads if need be; tells whoever asks, and ends the work when it is cancelled.</summary>
sealed class PackingCounter(IProgress<PackingProgress>? progress, CancellationToken cancellation)
{
    // A few milliseconds of the graph's bytes.
    const int LeastReported = 1 << 12;
    readonly Lock _lock = new();
    long _total;
    long _done;
    long _reported;

    /// <summary>Says how many bytes there are.</summary>
    public void Begin(long total) => _total = total;

    /// <summary>Counts bytes.</summary>
    /// <exception cref="OperationCanceledException">The work was cancelled.</exception>
    public void Add(int bytes)
    {
        lock (_lock)
        {
            _done += bytes;
            if (_done - _reported < LeastReported && _done < _total) return;
            _reported = _done;
            cancellation.ThrowIfCancellationRequested();
            progress?.Report(new PackingProgress(_done, _total));
        }
    }
}
