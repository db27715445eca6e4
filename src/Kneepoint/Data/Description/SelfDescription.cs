using Kneepoint.Data.Formats;

namespace Kneepoint.Data.Description;

/// <summary>Describes a folder or file by what is in it, where no data.yaml does.</summary>
static class SelfDescription
{
    static readonly string[] YamlNames = ["data.yaml", "data.yml"];
    static readonly string[] CalibrateWords = ["calibrate", "calibration", "calib", "train", "training"];
    static readonly string[] EvaluateWords = ["evaluate", "evaluation", "eval", "test", "t10k", "val", "valid", "validation"];

    /// <summary>Describes a path.</summary>
    /// <exception cref="DataException">There is nothing, or nothing that is known.</exception>
    public static DataDescription Of(string path, List<Finding> findings)
    {
        if (File.Exists(path)) return Path.GetExtension(path) is ".yaml" or ".yml" ? DescriptionParser.Read(path) : OfFile(Path.GetFullPath(path));
        if (!Directory.Exists(path)) throw new DataException($"'{path}' does not exist.");
        string folder = Path.GetFullPath(path);
        foreach (string name in YamlNames)
        {
            if (File.Exists(Path.Combine(folder, name))) return DescriptionParser.Read(Path.Combine(folder, name));
        }

        var description = Arrays(folder) ?? Batches(folder) ?? Archives(folder) ?? Tables(folder) ?? Images(folder)
            ?? throw new DataException($"'{path}' holds nothing that describes itself: expected data.yaml, folders of images per class, IDX, CIFAR, NPY, NPZ or CSV files. Write a data.yaml.");
        findings.Add(new Finding("data-recognized", FindingSeverity.Note, $"There is no data.yaml in '{path}': {Summary(description)}."));
        return description;
    }

    static DataDescription OfFile(string file)
    {
        string folder = Path.GetDirectoryName(file)!;
        string name = Path.GetFileName(file);
        string format = SourceFactory.FormatOf(file);
        if (file.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)) return Npz(folder, name);
        if (format is "idx" or "npy" && Sibling(folder, name) is { } labels) return Whole(name, folder, Pair(name, labels));
        var description = Whole(name, folder, Single(name));
        string classes = Path.Combine(folder, "classes.txt");
        return format == "images" && File.Exists(classes) ? description with { Classes = new ClassList(0, null, classes) } : description;
    }

    /// <summary>IDX and NPY files in pairs of images (or x) and labels (or y), and a lone NPZ.</summary>
    static DataDescription? Arrays(string folder)
    {
        string[] names = Names(folder);
        if (names.Where(name => name.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)).ToArray() is [var only]) return Npz(folder, only);
        var pairs = names.Where(name => IsInputs(name) && IsArray(name)).Select(name => (name, labels: Sibling(folder, name)))
            .Where(pair => pair.labels is not null).Select(pair => (Word(pair.name), Pair(pair.name, pair.labels!))).ToList();
        return Parts(folder, pairs);
    }

    /// <summary>The binary batches of CIFAR-10 and CIFAR-100 under their names.</summary>
    static DataDescription? Batches(string folder)
    {
        string[] names = [.. Names(folder).Where(name => name.EndsWith(".bin", StringComparison.Ordinal))];
        string[] train = [.. names.Where(name => name.StartsWith("data_batch", StringComparison.Ordinal) || name == "train.bin")];
        string[] test = [.. names.Where(name => name is "test_batch.bin" or "test.bin")];
        if (train.Length == 0 || test.Length == 0) return null;
        return Description(folder) with { Format = "cifar", Calibrate = Part(List(train)), Evaluate = Part(List(test)) };
    }

    static DataDescription? Archives(string folder)
        => Parts(folder, [.. Names(folder).Where(name => name.EndsWith(".zip", StringComparison.OrdinalIgnoreCase)).Select(name => (Word(name), Single(name)))], "images");

    static DataDescription? Tables(string folder)
    {
        string[] tables = [.. Names(folder).Where(name => name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase) || name.EndsWith(".tsv", StringComparison.OrdinalIgnoreCase))];
        bool hasImages = new FolderImages(folder).Paths.Count > 0;
        if (!hasImages) return Parts(folder, [.. tables.Select(name => (Word(name), Single(name)))], "csv");
        return tables is [var labels]
            ? Description(folder) with { Format = "images", Files = new FileSet(0, [new FileReference("images", folder), new FileReference("labels", labels)]) }
            : null;
    }

    static DataDescription? Images(string folder)
    {
        string[] below = [.. Directory.EnumerateDirectories(folder).Select(path => Path.GetFileName(path)).Order(StringComparer.Ordinal)];
        if (below.Length > 1 && below.All(name => IsPart(name)) && Parts(folder, [.. below.Select(name => (Word(name), Single(name)))], "images") is { } parts) return parts;
        return new FolderImages(folder).Paths.Count > 0 ? Description(folder) with { Format = "images", Files = Single(folder) } : null;
    }

    static DataDescription Npz(string folder, string name)
    {
        var arrays = ArrayFile.Names(Path.Combine(folder, name));
        var byPart = arrays.GroupBy(Word).ToDictionary(group => group.Key, group => group.ToArray());
        if (!byPart.TryGetValue(Role.Calibrate, out string[]? train) || !byPart.TryGetValue(Role.Evaluate, out string[]? test)) return Whole(name, folder, Single(name));
        return Description(folder) with { Calibrate = Part(Fields(name, train)), Evaluate = Part(Fields(name, test)) };
    }

    static FileSet Fields(string file, string[] arrays)
    {
        // 'x_train' is the field x; of several parts of one role, such as x_val and x_test, the first in CalibrateWords or EvaluateWords counts.
        var named = arrays.Select(array => (array, words: array.Split('_', '-', '.'))).Select(entry =>
            (entry.array, part: entry.words.First(IsPart), field: string.Join('_', entry.words.Where(word => !IsPart(word))))).ToArray();
        string best = named.Select(entry => entry.part).OrderBy(Rank).First();
        return new FileSet(0, [.. named.Where(entry => entry.part == best).Select(entry => new FileReference(entry.field.Length == 0 ? "x" : entry.field, $"{file}#{entry.array}"))]);
    }

    static DataDescription? Parts(string folder, List<(Role Role, FileSet Files)> parts, string? format = null)
    {
        var calibrate = parts.Where(part => part.Role == Role.Calibrate).OrderBy(part => Rank(PartWord(part.Files.Files[0].Path))).Select(part => part.Files).FirstOrDefault();
        var evaluate = parts.Where(part => part.Role == Role.Evaluate).OrderBy(part => Rank(PartWord(part.Files.Files[0].Path))).Select(part => part.Files).FirstOrDefault();
        var description = Description(folder) with { Format = format };
        if (calibrate is not null && evaluate is not null) description = description with { Calibrate = Part(calibrate), Evaluate = Part(evaluate) };
        else if (parts.Count == 1) description = description with { Files = parts[0].Files };
        else return null;
        string classes = Path.Combine(folder, "classes.txt");
        return format is "images" or "csv" && File.Exists(classes) ? description with { Classes = new ClassList(0, null, classes) } : description;
    }

    static string? Sibling(string folder, string name)
    {
        (string, string)[] pairs = [("images", "labels"), ("idx3", "idx1"), ("x_", "y_"), ("_x", "_y"), ("X_", "y_"), ("_X", "_y"), ("inputs", "targets"), ("features", "labels"), ("ids", "labels"), ("ids", "targets")];
        foreach (var (input, label) in pairs)
        {
            string other = name.Replace(input, label, StringComparison.Ordinal);
            if (input == "images") other = other.Replace("idx3", "idx1", StringComparison.Ordinal);
            if (other != name && File.Exists(Path.Combine(folder, other))) return other;
        }

        return name.StartsWith("x.", StringComparison.OrdinalIgnoreCase) && File.Exists(Path.Combine(folder, $"y{name[1..]}")) ? $"y{name[1..]}" : null;
    }

    static bool IsInputs(string name) => !name.Contains("label", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("y", StringComparison.OrdinalIgnoreCase);

    static bool IsArray(string name) => name.EndsWith(".npy", StringComparison.OrdinalIgnoreCase)
        || name.Contains("idx", StringComparison.OrdinalIgnoreCase) || name.Contains("ubyte", StringComparison.OrdinalIgnoreCase);

    static string[] Names(string folder)
        => [.. Directory.EnumerateFiles(folder).Select(path => Path.GetFileName(path)).Where(name => !name.StartsWith('.')).Order(StringComparer.Ordinal)];

    static Role Word(string name) => PartWord(name) is not { } word ? Role.Whole : CalibrateWords.Contains(word) ? Role.Calibrate : Role.Evaluate;

    static string? PartWord(string name)
        => name.Split('#')[^1].ToLowerInvariant().Split('_', '-', '.', ' ').Select(word => IsPart(word) ? word : word.TrimEnd("0123456789".ToCharArray())).FirstOrDefault(IsPart);

    static bool IsPart(string word) => CalibrateWords.Contains(word) || EvaluateWords.Contains(word);

    static int Rank(string? word) => word is null ? 99 : CalibrateWords.Contains(word) ? Array.IndexOf(CalibrateWords, word) : Array.IndexOf(EvaluateWords, word);

    static FileSet Single(string path) => new(0, [new FileReference("", path)]);

    static FileSet List(IEnumerable<string> paths) => new(0, [.. paths.Select(path => new FileReference("", path))]);

    static FileSet Pair(string inputs, string labels) => new(0, [new FileReference("x", inputs), new FileReference("label", labels)]);

    static PartDescription Part(FileSet files) => new(0, files, SampleSelection.All);

    static DataDescription Description(string folder) => new() { Name = Path.GetFileName(folder), Folder = folder };

    static DataDescription Whole(string name, string folder, FileSet files) => new() { Name = name, Folder = folder, Files = files };

    static string Summary(DataDescription description) => description.Files is { } files ? $"taken as {Paths(files)}"
        : $"{Paths(description.Calibrate!.Files!)} calibrate, {Paths(description.Evaluate!.Files!)} evaluate";

    static string Paths(FileSet set) => string.Join(", ", set.Files.Select(file => $"'{Path.GetFileName(file.Path)}'"));

    enum Role
    {
        Whole,
        Calibrate,
        Evaluate,
    }
}
