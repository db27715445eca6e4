namespace Kneepoint.Data.Formats;

/// <summary>Several sources with the same fields, one after the other.</summary>
sealed class JoinedSource : ISampleSource
{
    readonly ISampleSource[] _sources;

    JoinedSource(ISampleSource[] sources)
    {
        _sources = sources;
        Count = sources.Sum(source => source.Count);
        foreach (var source in sources.Skip(1))
        {
            bool isEqual = source.Fields.Count == Fields.Count
                && source.Fields.Zip(Fields).All(pair => pair.First.Name == pair.Second.Name && pair.First.Shape == pair.Second.Shape);
            if (!isEqual) throw new DataException($"{source.Name} holds {Describe(source)}, but {Name} holds {Describe(this)}: expected the same fields.");
        }
    }

    /// <inheritdoc/>
    public string Name => _sources[0].Name;

    /// <inheritdoc/>
    public IReadOnlyList<SampleField> Fields => _sources[0].Fields;

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => [.. _sources.SelectMany(source => source.Findings)];

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => _sources[0].ClassNames;

    /// <summary>Joins sources; one alone is given back as it is.</summary>
    /// <exception cref="DataException">Their fields differ.</exception>
    public static ISampleSource Of(IReadOnlyList<ISampleSource> sources) => sources.Count == 1 ? sources[0] : new JoinedSource([.. sources]);

    /// <inheritdoc/>
    public ISampleReader Open() => new Reader(this);

    /// <inheritdoc/>
    public string Place(long index)
    {
        foreach (var source in _sources)
        {
            if (index < source.Count) return source.Place(index);
            index -= source.Count;
        }

        return $"{Name}, sample {index}";
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var source in _sources) source.Dispose();
    }

    static string Describe(ISampleSource source) => string.Join(", ", source.Fields.Select(field => $"{field.Name}: {field.Shape}"));

    sealed class Reader(JoinedSource joined) : ISampleReader
    {
        ISampleReader? _reader;
        int _source = -1;
        long _left;
        long _start;

        public void Skip(long count)
        {
            while (count > 0)
            {
                if (_left == 0) OpenNext();
                long here = Math.Min(count, _left);

                // A source that is passed over whole need not be opened, and a compressed one not be read.
                if (here < _left) (_reader ??= joined._sources[_source].Open()).Skip(here);
                _left -= here;
                count -= here;
            }
        }

        public void Read(SampleBlock block)
        {
            while (_left == 0) OpenNext();
            _reader ??= joined._sources[_source].Open();
            block.IndexOffset = _start;
            _reader.Read(block);
            _left--;
        }

        public void Dispose() => _reader?.Dispose();

        void OpenNext()
        {
            _reader?.Dispose();
            _reader = null;
            if (_source >= 0) _start += joined._sources[_source].Count;
            _left = joined._sources[++_source].Count;
        }
    }
}
