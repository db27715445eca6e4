namespace Kneepoint.Compression.Quantization.RateConstrained;

/// <summary>What a multiple costs in the packed file, estimated from all multiples of the weight.</summary>
/// <remarks>
/// The packed file predicts a magnitude by those around it; here by the average of its row times that of its column, over the average of all, in steps of a quarter octave. The bits of a
/// magnitude are −log₂ of how often it occurs there, neighboring levels counting in part; beyond <see cref="MostTabled"/> they grow as a geometric distribution's. A sign is one bit.
/// </remarks>
sealed class RateTable
{
    /// <summary>The largest magnitude with an entry of its own.</summary>
    public const int MostTabled = 31;

    const int Entries = MostTabled + 1;
    const int LevelsPerOctave = 4;
    const int Levels = 48;

    // An average magnitude of 1.
    const int LevelOfOne = 28;

    // Of the geometric distribution, in occurrences; and of each magnitude by itself.
    const double Prior = 8, Least = 1e-3;

    readonly float[] _bits;
    readonly float[] _slopes;
    readonly byte[] _levels;

    /// <summary>Counts multiples.</summary>
    /// <param name="multiples">[N, K].</param>
    /// <param name="columns">K.</param>
    public RateTable(ReadOnlySpan<int> multiples, int columns)
        : this(multiples, columns, [], 1)
    {
    }

    /// <summary>Counts indices of a trellis, apart for each of its sets.</summary>
    /// <param name="indices">[N, K].</param>
    /// <param name="columns">K.</param>
    /// <param name="setOf">The set of each index: [N, K]; empty if there is one set.</param>
    /// <param name="sets">How many sets.</param>
    public RateTable(ReadOnlySpan<int> indices, int columns, ReadOnlySpan<byte> setOf, int sets)
    {
        (_bits, _slopes) = (new float[sets * Levels * Entries], new float[sets * Levels]);
        int rows = indices.Length / columns;
        double[] rowSums = new double[rows], columnSums = new double[columns];
        double total = 0;
        for (int i = 0; i < indices.Length; i++)
        {
            int magnitude = Math.Abs(indices[i]);
            rowSums[i / columns] += magnitude;
            columnSums[i % columns] += magnitude;
            total += magnitude;
        }

        double mean = Math.Max(total / Math.Max(1, indices.Length), 1e-3);
        _levels = new byte[indices.Length];
        double[] counts = new double[sets * Levels * Entries], tailSums = new double[sets * Levels], tailCounts = new double[sets * Levels];
        for (int row = 0; row < rows; row++)
        {
            double rowMean = (rowSums[row] + mean) / (columns + 1);
            for (int column = 0; column < columns; column++)
            {
                int i = row * columns + column;
                double expected = rowMean * ((columnSums[column] + mean) / (rows + 1)) / mean;
                int level = Math.Clamp((int)Math.Round(LevelsPerOctave * Math.Log2(expected)) + LevelOfOne, 0, Levels - 1);
                _levels[i] = (byte)level;
                int magnitude = Math.Abs(indices[i]);
                int at = level + (setOf.IsEmpty ? 0 : setOf[i] * Levels);
                counts[at * Entries + Math.Min(magnitude, MostTabled)]++;
                if (magnitude < MostTabled) continue;
                tailSums[at] += magnitude - MostTabled;
                tailCounts[at]++;
            }
        }

        for (int at = 0; at < sets * Levels; at++) Fill(at, counts, tailSums, tailCounts);
    }

    /// <summary>Bits of a multiple at a place.</summary>
    public float Bits(int place, int multiple) => Bits(place, 0, multiple);

    /// <summary>Bits of an index of a set at a place.</summary>
    public float Bits(int place, int set, int index) => BitsOf(place, set).Of(Math.Abs(index));

    /// <summary>Bits of the magnitudes of a set at a place.</summary>
    public Row BitsOf(int place, int set)
    {
        int level = _levels[place] + set * Levels;
        return new Row(_bits.AsSpan(level * Entries, Entries), _slopes[level]);
    }

    /// <summary>Bits of all multiples.</summary>
    public double Bits(ReadOnlySpan<int> multiples)
    {
        double bits = 0;
        for (int i = 0; i < multiples.Length; i++) bits += Bits(i, multiples[i]);
        return bits;
    }

    /// <summary>Bits of all indices.</summary>
    public double Bits(ReadOnlySpan<int> indices, ReadOnlySpan<byte> setOf)
    {
        double bits = 0;
        for (int i = 0; i < indices.Length; i++) bits += Bits(i, setOf[i], indices[i]);
        return bits;
    }

    void Fill(int level, double[] counts, double[] tailSums, double[] tailCounts)
    {
        // A geometric prior of the level's mean magnitude, and what neighbors have seen.
        int first = level / Levels * Levels, last = first + Levels - 1;
        double expected = Math.Pow(2, (level - first - LevelOfOne) / (double)LevelsPerOctave);
        double stay = expected / (1 + expected);
        Span<double> weights = stackalloc double[Entries];
        double sum = 0;
        for (int m = 0; m < Entries; m++)
        {
            double prior = m < MostTabled ? (1 - stay) * Math.Pow(stay, m) : Math.Pow(stay, m);
            weights[m] = Prior * prior + Least;
            for (int near = Math.Max(first, level - 1); near <= Math.Min(last, level + 1); near++) weights[m] += counts[near * Entries + m] * (near == level ? 1 : 0.25);
            sum += weights[m];
        }

        for (int m = 0; m < Entries; m++) _bits[level * Entries + m] = (float)(-Math.Log2(weights[m] / sum) + (m > 0 ? 1 : 0));
        double tail = (tailSums[level] + stay) / (tailCounts[level] + 1), tailStay = Math.Clamp(tail / (1 + tail), 0.05, 0.98);
        _slopes[level] = (float)-Math.Log2(tailStay);
        _bits[level * Entries + MostTabled] += (float)-Math.Log2(1 - tailStay);
    }

    /// <summary>Bits of magnitudes.</summary>
    public readonly ref struct Row(ReadOnlySpan<float> bits, float slope)
    {
        readonly ReadOnlySpan<float> _bits = bits;

        /// <summary>Bits of a magnitude.</summary>
        public float Of(int magnitude) => magnitude <= MostTabled ? _bits[magnitude] : _bits[MostTabled] + slope * (magnitude - MostTabled);
    }
}
