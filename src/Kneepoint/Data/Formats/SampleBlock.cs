namespace Kneepoint.Data.Formats;

/// <summary>Raw samples in reused memory.</summary>
sealed class SampleBlock(IReadOnlyList<SampleField> fields)
{
    readonly Column[] _columns = [.. fields.Select(_ => new Column())];
    readonly List<long> _indices = [];

    /// <summary>Added to the indices of the samples that follow, for sources inside of sources.</summary>
    public long IndexOffset { get; set; }

    /// <summary>The samples in the block.</summary>
    public int Count => _indices.Count;

    /// <summary>The index in the source of a sample of the block.</summary>
    public long Index(int sample) => _indices[sample];

    /// <summary>Empties the block; its memory stays.</summary>
    public void Clear()
    {
        _indices.Clear();
        IndexOffset = 0;
        foreach (var column in _columns) column.Clear();
    }

    /// <summary>Says which sample comes next; then each field is appended once.</summary>
    public void Begin(long index) => _indices.Add(IndexOffset + index);

    /// <summary>Makes room for the next sample's field.</summary>
    /// <returns>The room, to be filled by the caller before the next append.</returns>
    public Span<byte> Append(int field, int byteCount) => _columns[field].Append(byteCount);

    /// <summary>The bytes of a field of a sample.</summary>
    public ReadOnlySpan<byte> Field(int field, int sample) => _columns[field].Item(sample);

    /// <summary>The bytes held, for bounding blocks.</summary>
    public long ByteCount => _columns.Sum(column => (long)column.Length);

    sealed class Column
    {
        readonly List<int> _ends = [];
        byte[] _bytes = [];

        public int Length { get; private set; }

        public void Clear()
        {
            _ends.Clear();
            Length = 0;
        }

        public Span<byte> Append(int byteCount)
        {
            int end = checked(Length + byteCount);
            if (end > _bytes.Length) Array.Resize(ref _bytes, (int)Math.Min(Math.Max(end, _bytes.Length * 2L), Array.MaxLength));
            var room = _bytes.AsSpan(Length, byteCount);
            Length = end;
            _ends.Add(end);
            return room;
        }

        public ReadOnlySpan<byte> Item(int sample)
        {
            int start = sample == 0 ? 0 : _ends[sample - 1];
            return _bytes.AsSpan(start, _ends[sample] - start);
        }
    }
}
