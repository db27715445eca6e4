namespace Kneepoint.Data.Formats;

/// <summary>Samples in a fixed order, each a set of fields.</summary>
interface ISampleSource : IDisposable
{
    /// <summary>The file or folder, for messages.</summary>
    string Name { get; }

    /// <summary>What each sample holds.</summary>
    IReadOnlyList<SampleField> Fields { get; }

    /// <summary>The number of samples.</summary>
    long Count { get; }

    /// <summary>What was noticed when the source was opened.</summary>
    IReadOnlyList<Finding> Findings { get; }

    /// <summary>The names of classes as found in the files and sorted; null if their order was given, or labels are numbers.</summary>
    IReadOnlyList<string>? ClassNames { get; }

    /// <summary>Opens a reader at the first sample. Readers are independent of each other.</summary>
    ISampleReader Open();

    /// <summary>Where a sample stands, for messages: "test.zip, 'cat/7.jpg'".</summary>
    string Place(long index);
}

/// <summary>Reads the samples of a source once, forwards.</summary>
interface ISampleReader : IDisposable
{
    /// <summary>Passes over samples.</summary>
    /// <exception cref="DataException">The source ends early.</exception>
    void Skip(long count);

    /// <summary>Appends the next sample to a block made for this source.</summary>
    /// <exception cref="DataException">The source ends early or is malformed.</exception>
    void Read(SampleBlock block);
}
