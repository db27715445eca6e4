using Kneepoint.Data.Description;

namespace Kneepoint.Data.Formats;

/// <summary>Opens the files of a part by their format.</summary>
sealed class SourceFactory(DataDescription description, IReadOnlyList<string>? classes, CsvRequest csv, Func<int> tokenCount)
{
    /// <summary>Opens the files of a part.</summary>
    /// <exception cref="DataException">A file is missing, malformed, or of a kind that is not known.</exception>
    public ISampleSource Open(FileSet set)
    {
        bool isWhole = set.Files.All(file => file.Field.Length == 0);
        if (isWhole) return JoinedSource.Of([.. set.Files.Select(file => OpenWhole(set, Resolve(file)))]);
        bool isImages = description.Format == "images"
            || (description.Format is null && set.Files.Any(file => file.Field == "images" && LooksLikeImages(Resolve(file))));
        if (isImages) return OpenImages(set);
        if (description.Format is "csv" or "cifar" or "text") throw description.Error(set.Line, $"the format {description.Format} takes a file or a list of files, found a mapping");
        return new ArraySource([.. set.Files.Select(file => (file.Field, ArrayFile.Open(Resolve(file))))]);
    }

    /// <summary>The format of a file by its name, or by what it starts with.</summary>
    /// <exception cref="DataException">The file is missing or of no known kind.</exception>
    public static string FormatOf(string path)
    {
        if (Directory.Exists(path)) return "images";
        string name = Path.GetFileName(path).ToLowerInvariant();
        if (name.EndsWith(".gz", StringComparison.Ordinal)) name = name[..^3];
        int mark = name.LastIndexOf('#');
        return Path.GetExtension(mark > 0 ? name[..mark] : name) switch
        {
            ".zip" => "images",
            ".npy" or ".npz" => "npy",
            ".csv" or ".tsv" => "csv",
            ".bin" => "cifar",
            ".txt" => "text",
            _ when name.Contains("idx", StringComparison.Ordinal) || name.Contains("ubyte", StringComparison.Ordinal) => "idx",
            _ => throw new DataException(File.Exists(path)
                ? $"'{path}' is of no kind that its name tells: expected a folder, .zip, .npy, .npz, .csv, .tsv, .bin, .txt or an IDX file, or 'format' in data.yaml."
                : $"'{path}' does not exist."),
        };
    }

    ISampleSource OpenWhole(FileSet set, string path)
    {
        switch (description.Format ?? FormatOf(path))
        {
            case "images":
                return new ImageSource(Container(path), ImageLabels.ByFolder(Container(path), "", classes));
            case "npy" when path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase):
                return new ArraySource([.. ArrayFile.Names(path).Select(name => (name, ArrayFile.Open($"{path}#{name}")))]);
            case "npy" or "idx":
                return new ArraySource([("x", ArrayFile.Open(path))]);
            case "cifar":
                return RecordSource.Open(path);
            case "csv":
                bool isTabbed = path.Contains(".tsv", StringComparison.OrdinalIgnoreCase);
                return CsvSource.Open(path, csv with { Delimiter = description.Delimiter ?? (isTabbed ? '\t' : ',') });
            case "text":
                var text = description.Text;
                string? vocabulary = text.Vocabulary is { } file ? Path.Combine(description.Folder, file) : null;
                return new TextSource(path, vocabulary is null ? null : Vocabulary.Read(vocabulary, text.Unknown), text.Length ?? tokenCount());
            default:
                throw description.Error(set.Line, $"the format {description.Format} takes no files");
        }
    }

    ImageSource OpenImages(FileSet set)
    {
        string? images = null;
        string? labels = null;
        foreach (var file in set.Files)
        {
            if (file.Field == "images") images = Resolve(file);
            else if (file.Field == "labels") labels = Resolve(file);
            else throw description.Error(set.Line, $"the files of images are 'images' and 'labels', found '{file.Field}'");
        }

        if (images is null) throw description.Error(set.Line, "'images', the folder or .zip of images, is missing");
        var container = Container(images);
        bool isTabbed = labels?.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase) == true;
        return new ImageSource(container, labels is null
            ? ImageLabels.ByFolder(container, "", classes)
            : ImageLabels.ByTable(container, labels, description.Delimiter ?? (isTabbed ? '\t' : ','), classes));
    }

    static IImageContainer Container(string path) => Directory.Exists(path) ? new FolderImages(path)
        : File.Exists(path) ? new ZipImages(path)
        : throw new DataException($"'{path}' does not exist.");

    static bool LooksLikeImages(string path) => Directory.Exists(path) || path.EndsWith(".zip", StringComparison.OrdinalIgnoreCase);

    string Resolve(FileReference file) => Path.GetFullPath(Path.Combine(description.Folder, file.Path));
}
