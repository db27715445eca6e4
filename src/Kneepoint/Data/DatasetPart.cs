using Kneepoint.Data.Formats;
using Kneepoint.Data.Preprocessing;

namespace Kneepoint.Data;

/// <summary>One part of a data set: its samples in order, from the files or from memory.</summary>
sealed class DatasetPart(ISampleSource source, SelectedIndices selection, PartPlan plan)
{
    readonly SampleStager _stager = new(source, plan);
    readonly HashSet<long> _broken = [];
    List<StagedSamples>? _kept;

    /// <summary>How the samples become inputs and targets.</summary>
    public PartPlan Plan => plan;

    /// <summary>Where the samples come from.</summary>
    public ISampleSource Source => source;

    /// <summary>The samples that can be read; exact after <see cref="Check"/>.</summary>
    public long Count => selection.Count - _broken.Count;

    /// <summary>The samples that cannot be read.</summary>
    public int BrokenCount => _broken.Count;

    /// <summary>Why the first broken sample is broken.</summary>
    public string? BrokenReason { get; private set; }

    /// <summary>The bytes that keeping all samples in memory takes.</summary>
    public double StagedBytes => (double)selection.Count * _stager.SampleBytes;

    /// <summary>Reads every sample once: finds the broken ones, and keeps the others in memory if asked to.</summary>
    /// <param name="isKept">Whether to keep them.</param>
    /// <param name="onBlock">Sees the raw samples.</param>
    /// <param name="cancellation">Stops the reading.</param>
    /// <exception cref="DataException">A sample does not fit the network, or more than 1 % cannot be decoded.</exception>
    public void Check(bool isKept, Action<SampleBlock> onBlock, CancellationToken cancellation)
    {
        var kept = isKept ? new List<StagedSamples>() : null;
        foreach (var staged in Stream(selection.Indices(), long.MaxValue, onBlock, Break, isKept, cancellation)) kept?.Add(staged);
        RejectIfMany(selection.Count);
        _kept = kept;
    }

    /// <summary>Gives the samples in order, in pieces.</summary>
    public IEnumerable<StagedRun> Read(long limit, CancellationToken cancellation) =>
        (_kept ?? Stream(Readable(), limit, null, Changed, false, cancellation)).Select(Whole);

    /// <summary>Gives the samples at some places in the order, ascending.</summary>
    public IEnumerable<StagedRun> ReadAt(IReadOnlyList<long> places, CancellationToken cancellation) => _kept is { } kept
        ? Runs(kept, places)
        : Stream(At(Readable(), places), places.Count, null, Changed, false, cancellation).Select(Whole);

    static StagedRun Whole(StagedSamples staged) => new(staged, 0, staged.Count);

    static IEnumerable<StagedRun> Runs(IEnumerable<StagedSamples> kept, IReadOnlyList<long> places)
    {
        long first = 0;
        int next = 0;
        foreach (var staged in kept)
        {
            while (next < places.Count && places[next] < first + staged.Count)
            {
                int start = next++;
                while (next < places.Count && places[next] == places[next - 1] + 1 && places[next] < first + staged.Count) next++;
                yield return new StagedRun(staged, (int)(places[start] - first), next - start);
            }

            first += staged.Count;
        }
    }

    static IEnumerable<long> At(IEnumerable<long> indices, IReadOnlyList<long> places)
    {
        long place = 0;
        int next = 0;
        foreach (long index in indices)
        {
            if (next == places.Count) yield break;
            if (place++ != places[next]) continue;
            next++;
            yield return index;
        }
    }

    IEnumerable<long> Readable() => selection.Indices().Where(index => !_broken.Contains(index));

    void Changed(long index, string reason) => throw new DataException($"{source.Place(index)} has changed: {reason}");

    void Break(long index, string reason)
    {
        BrokenReason ??= $"{source.Place(index)}: {reason}";
        _broken.Add(index);

        // A folder of files that are no images should not be read to its end.
        if (_broken.Count > 100) RejectIfMany(selection.Count);
    }

    void RejectIfMany(long total)
    {
        if (_broken.Count * 100L > total)
        {
            throw new DataException($"{_broken.Count} of {total} images cannot be decoded: expected at most 1 %. The first is {BrokenReason}");
        }
    }

    IEnumerable<StagedSamples> Stream(
        IEnumerable<long> wanted, long limit, Action<SampleBlock>? onBlock, Action<long, string> onBroken, bool isKept, CancellationToken cancellation)
    {
        using var reader = source.Open();
        var block = new SampleBlock(source.Fields);
        StagedSamples? staged = null;
        long position = 0;
        long left = limit;
        using var indices = wanted.GetEnumerator();
        while (left > 0)
        {
            cancellation.ThrowIfCancellationRequested();
            block.Clear();
            int room = (int)Math.Min(_stager.BlockSamples, left);
            while (block.Count < room && indices.MoveNext())
            {
                reader.Skip(indices.Current - position);
                reader.Read(block);
                position = indices.Current + 1;
            }

            if (block.Count == 0) yield break;
            left -= block.Count;
            onBlock?.Invoke(block);
            if (staged is null || isKept) staged = _stager.Room(block.Count);
            _stager.Stage(block, staged, onBroken);
            yield return staged;
        }
    }
}
