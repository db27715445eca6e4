namespace Kneepoint.Studies;

/// <summary>One progress of what several threads do of the same kind: done and total of all that is in hand.</summary>
/// <param name="stage">What is being done.</param>
/// <param name="onProgress">Called often, by one thread at a time.</param>
sealed class JointProgress(string stage, Action<ExplorationProgress> onProgress)
{
    readonly Lock _gate = new();
    long _done, _total;
    int _open;

    /// <summary>Begins a part of the work; dispose it at its end.</summary>
    public Part Begin(long total)
    {
        lock (_gate)
        {
            if (_open++ == 0) (_done, _total) = (0, 0);
            _total += total;
        }

        return new Part(this, total);
    }

    void Add(long done, bool isEnd)
    {
        lock (_gate)
        {
            _done += done;
            if (isEnd) _open--;
            else onProgress(new ExplorationProgress(stage, _done, _total));
        }
    }

    /// <summary>A part of the work, for one thread at a time.</summary>
    public sealed class Part(JointProgress joint, long total) : IDisposable
    {
        long _shown;

        /// <summary>Says how much of this part is done.</summary>
        public void Show(long done)
        {
            long more = done - _shown;
            _shown = done;
            joint.Add(more, isEnd: false);
        }

        /// <inheritdoc/>
        public void Dispose() => joint.Add(total - _shown, isEnd: true);
    }
}
