using Kneepoint.Tensors;

namespace Kneepoint.Data.Formats;

/// <summary>Joins arrays of equal length: sample i holds row i of each.</summary>
sealed class ArraySource : ISampleSource
{
    readonly ArrayFile[] _files;

    /// <summary>Joins named arrays.</summary>
    /// <exception cref="DataException">Their lengths differ.</exception>
    public ArraySource(IReadOnlyList<(string Field, ArrayFile File)> arrays)
    {
        _files = [.. arrays.Select(array => array.File)];
        Fields = [.. arrays.Select(array => array.File.Field(array.Field))];
        Count = _files[0].Count;
        Name = _files[0].Name;
        foreach (var file in _files)
        {
            if (file.Count != Count) throw new DataException($"{file.Name} has {file.Count} samples, but {Name} has {Count}: expected equal counts.");
        }
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public IReadOnlyList<SampleField> Fields { get; }

    /// <inheritdoc/>
    public long Count { get; }

    /// <inheritdoc/>
    public IReadOnlyList<Finding> Findings => [];

    /// <inheritdoc/>
    public IReadOnlyList<string>? ClassNames => null;

    /// <inheritdoc/>
    public ISampleReader Open() => new Reader(this);

    /// <inheritdoc/>
    public string Place(long index) => $"{Name}, sample {index}";

    /// <inheritdoc/>
    public void Dispose()
    {
    }

    sealed class Reader : ISampleReader
    {
        readonly ArraySource _source;
        readonly Stream[] _streams;
        long _next;

        public Reader(ArraySource source)
        {
            _source = source;
            _streams = new Stream[source._files.Length];
            try
            {
                for (int i = 0; i < _streams.Length; i++) _streams[i] = source._files[i].OpenData();
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Skip(long count)
        {
            if (count == 0) return;
            for (int i = 0; i < _streams.Length; i++)
            {
                ForwardStream.Skip(_streams[i], count * _source.Fields[i].SampleBytes, _source._files[i].Name);
            }

            _next += count;
        }

        public void Read(SampleBlock block)
        {
            block.Begin(_next++);
            for (int i = 0; i < _streams.Length; i++)
            {
                var room = block.Append(i, _source.Fields[i].SampleBytes);
                ForwardStream.ReadExactly(_streams[i], room, _source._files[i].Name);
                int width = Tensor.Bits(_source.Fields[i].ElementType) / 8;
                if (_source._files[i].IsBigEndian && width > 1) Reverse(room, width);
            }
        }

        public void Dispose()
        {
            foreach (var stream in _streams) stream?.Dispose();
        }

        static void Reverse(Span<byte> bytes, int width)
        {
            for (int start = 0; start < bytes.Length; start += width) bytes.Slice(start, width).Reverse();
        }
    }
}
