namespace Kneepoint.Data.Description;

/// <summary>What a data.yaml says, before it meets files and network. Null means not said.</summary>
sealed record DataDescription
{
    /// <summary>The file's name, for messages.</summary>
    public required string Name { get; init; }

    /// <summary>The folder that paths are relative to.</summary>
    public required string Folder { get; init; }

    /// <summary>"images", "idx", "cifar", "npy", "csv", "text" or "synthetic".</summary>
    public string? Format { get; init; }

    /// <summary>The metric's name.</summary>
    public string? Metric { get; init; }

    /// <summary>The network's output that the metric reads; null for the first.</summary>
    public string? Output { get; init; }

    /// <summary>The largest value of a target, for psnr.</summary>
    public double? Peak { get; init; }

    /// <summary>One source for both parts.</summary>
    public FileSet? Files { get; init; }

    /// <summary>How one source is split.</summary>
    public SampleSelection? SplitCalibrate { get; init; }

    /// <summary>How one source is split.</summary>
    public SampleSelection? SplitEvaluate { get; init; }

    /// <summary>The calibration part's own source.</summary>
    public PartDescription? Calibrate { get; init; }

    /// <summary>The evaluation part's own source.</summary>
    public PartDescription? Evaluate { get; init; }

    /// <summary>Class names in the order of the network's output.</summary>
    public ClassList? Classes { get; init; }

    /// <summary>By the network's input name.</summary>
    public IReadOnlyDictionary<string, InputDescription> Inputs { get; init; } = new Dictionary<string, InputDescription>();

    /// <summary>Preprocessing of the network's only input, where its name is not given.</summary>
    public InputDescription? Preprocess { get; init; }

    /// <summary>The targets; null if not said.</summary>
    public TargetDescription? Target { get; init; }

    /// <summary>How text becomes tokens.</summary>
    public TextDescription Text { get; init; } = new();

    /// <summary>The character between the cells of a table.</summary>
    public char? Delimiter { get; init; }

    /// <summary>An exception that names the file and the line.</summary>
    public DataException Error(int line, string sentence)
        => new(line > 0 ? $"{Name}, line {line}: {sentence}." : $"{Name}: {sentence}.");
}

/// <summary>A part with its own files, or the number of generated samples.</summary>
sealed record PartDescription(int Line, FileSet? Files, SampleSelection Take, long GeneratedCount = 0);

/// <summary>Files by their field; a file that holds whole samples has the empty field.</summary>
sealed record FileSet(int Line, IReadOnlyList<FileReference> Files);

/// <summary>One path as written, with the field it gives.</summary>
sealed record FileReference(string Field, string Path);

/// <summary>Class names, in place or in a file.</summary>
sealed record ClassList(int Line, IReadOnlyList<string>? Names, string? File);

/// <summary>Where the targets come from.</summary>
/// <param name="Line">For messages.</param>
/// <param name="From">The field; null for none.</param>
/// <param name="Offset">Added to each class index.</param>
/// <param name="IsNext">Whether the target of each token is the token after it.</param>
/// <param name="Ignore">The value that is no target, such as padding; null if all are.</param>
sealed record TargetDescription(int Line, string? From, long Offset = 0, bool IsNext = false, long? Ignore = null);

/// <summary>How text becomes tokens.</summary>
/// <param name="Line">For messages.</param>
/// <param name="Vocabulary">A file of tokens; null for one token per byte.</param>
/// <param name="Length">Tokens of a sample; null for the network's.</param>
/// <param name="Unknown">The token of characters outside the vocabulary; null makes them an error.</param>
sealed record TextDescription(int Line = 0, string? Vocabulary = null, int? Length = null, long? Unknown = null);
