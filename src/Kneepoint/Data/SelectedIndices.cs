using Kneepoint.Data.Description;
using Kneepoint.Data.Preprocessing;

namespace Kneepoint.Data;

/// <summary>The samples of a source that belong to a part, in ascending order.</summary>
/// <remarks>
/// Random choices are drawn by selection sampling (each sample in turn is taken with probability wanted ÷ left), so that they need no memory and
/// give exactly the wanted count. Source: Knuth, The Art of Computer Programming 2, section 3.4.2, algorithm S.
/// </remarks>
sealed class SelectedIndices
{
    readonly SampleSelection _selection;
    readonly SampleSelection? _other;
    readonly long _total;
    readonly int _seed;

    /// <summary>Binds a selection to a source.</summary>
    /// <param name="selection">Which samples.</param>
    /// <param name="other">What the other part takes of the same source; needed for "rest".</param>
    /// <param name="total">The samples of the source.</param>
    /// <param name="seed">Of random choices.</param>
    /// <param name="place">For messages.</param>
    /// <exception cref="DataException">The source has fewer samples than selected, or none is left.</exception>
    public SelectedIndices(SampleSelection selection, SampleSelection? other, long total, int seed, string place)
    {
        _selection = selection;
        _other = other;
        _total = total;
        _seed = seed;
        Count = selection.Kind == SelectionKind.Rest ? total - Size(other!, total) : Size(selection, total);
        long needed = selection.Kind == SelectionKind.Range ? selection.End : Count;
        if (needed > total || Count < 0) throw new DataException($"{place} needs {Math.Max(needed, Size(other ?? selection, total))} samples, there are {total}.");
        if (Count == 0) throw new DataException($"{place} is empty: no sample of {total} is left for it.");
    }

    /// <summary>The number of samples.</summary>
    public long Count { get; }

    /// <summary>The samples' indices, ascending.</summary>
    public IEnumerable<long> Indices()
    {
        bool isRest = _selection.Kind == SelectionKind.Rest;
        return isRest ? Left(Taken(_other!)) : Taken(_selection);
    }

    static long Size(SampleSelection selection, long total) => selection.Kind switch
    {
        SelectionKind.All => total,
        SelectionKind.Range => selection.End - selection.Start,
        SelectionKind.RandomShare => (long)Math.Ceiling(total * selection.Count / 100),
        _ => (long)selection.Count,
    };

    IEnumerable<long> Taken(SampleSelection selection)
    {
        long size = Size(selection, _total);
        return selection.Kind switch
        {
            SelectionKind.Last => Between(_total - size, _total),
            SelectionKind.Range => Between(selection.Start, selection.End),
            SelectionKind.Random or SelectionKind.RandomShare => Drawn(size),
            _ => Between(0, size),
        };
    }

    IEnumerable<long> Left(IEnumerable<long> taken)
    {
        long next = 0;
        foreach (long index in taken)
        {
            for (; next < index; next++) yield return next;
            next = index + 1;
        }

        for (; next < _total; next++) yield return next;
    }

    IEnumerable<long> Drawn(long wanted)
    {
        var random = new SplitMix64((ulong)(uint)_seed, 0x73706C6974);
        for (long index = 0; wanted > 0; index++)
        {
            if (random.Below(_total - index) >= wanted) continue;
            wanted--;
            yield return index;
        }
    }

    static IEnumerable<long> Between(long start, long end)
    {
        for (long index = start; index < end; index++) yield return index;
    }
}
