using System.Globalization;

namespace Kneepoint.Data.Formats;

/// <summary>A path inside a container and its class.</summary>
readonly record struct LabeledImage(string Path, long Label);

/// <summary>Images in their order with their classes.</summary>
/// <param name="Images">In reading order.</param>
/// <param name="IsLabeled">Whether the labels mean anything.</param>
/// <param name="ClassNames">Folders found and sorted; null if their order was given.</param>
/// <param name="Findings">Files that were left out.</param>
sealed record ImageLabels(IReadOnlyList<LabeledImage> Images, bool IsLabeled, IReadOnlyList<string>? ClassNames, IReadOnlyList<Finding> Findings)
{
    const int NamesShown = 5;

    /// <summary>Labels images by the folder that they are in, or leaves them without labels if they are in none.</summary>
    /// <param name="container">The files.</param>
    /// <param name="prefix">Only paths that start so count; "" for all, "train/" for a part.</param>
    /// <param name="classes">The classes in order; null sorts the folders.</param>
    /// <exception cref="DataException">There is no image, or a folder is not among the classes.</exception>
    public static ImageLabels ByFolder(IImageContainer container, string prefix, IReadOnlyList<string>? classes)
    {
        string[] paths = [.. container.Paths.Where(path => path.StartsWith(prefix, StringComparison.Ordinal))];
        if (paths.Length == 0) throw new DataException($"'{container.Name}' holds no images: expected .jpg, .jpeg or .png files, a folder per class.");
        prefix = WithoutCommonFolders(paths, prefix);
        var byClass = paths.GroupBy(path => Folder(path, prefix), StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal).ToArray();
        if (byClass is [{ Key: "" }]) return new ImageLabels([.. paths.Select(path => new LabeledImage(path, 0))], false, null, LeftOut(container));
        if (byClass[0].Key.Length == 0)
        {
            throw new DataException($"'{container.Name}' holds '{byClass[0].First()}' beside folders of classes: expected every image in a folder.");
        }

        classes ??= FromContainer(container, prefix);
        string[] names = classes is null ? [.. byClass.Select(group => group.Key)] : [.. classes];
        var indices = Indices(names, container.Name);
        var rounds = byClass.SelectMany(group => group.Select((path, round) => (round, image: new LabeledImage(path, Class(indices, group.Key, path, container.Name)))));
        var images = rounds.OrderBy(entry => entry.round).ThenBy(entry => entry.image.Label).Select(entry => entry.image);
        var findings = LeftOut(container);
        if (classes is null && names.Length > 1) findings.Add(ClassesSorted(names));
        return new ImageLabels([.. images], true, classes is null ? names : null, findings);
    }

    /// <summary>Labels images by the rows of a table: file and label, with or without a header.</summary>
    /// <exception cref="DataException">A row names no image, has no label, or names an image twice.</exception>
    public static ImageLabels ByTable(IImageContainer container, string table, char delimiter, IReadOnlyList<string>? classes)
    {
        string name = Path.GetFileName(table);
        var known = container.Paths.ToHashSet(StringComparer.Ordinal);
        var indices = classes is null ? null : Indices(classes, name);
        var rows = new SortedDictionary<string, long>(StringComparer.Ordinal);
        using var reader = new CsvReader(table, delimiter);
        int fileColumn = 0;
        int labelColumn = 1;
        for (bool isFirst = true; reader.Read(); isFirst = false)
        {
            if (isFirst && IsHeader(reader, indices, ref fileColumn, ref labelColumn)) continue;
            if (reader.Count <= Math.Max(fileColumn, labelColumn)) throw new DataException($"{name}, line {reader.Line}: expected a file and its label, found {reader.Count} cell(s).");
            string path = reader[fileColumn].ToString().Replace('\\', '/');
            if (!known.Contains(path)) throw new DataException($"{name}, line {reader.Line}: '{container.Name}' holds no image '{path}'.");
            long label = Label(reader[labelColumn], indices, name, reader.Line);
            if (!rows.TryAdd(path, label)) throw new DataException($"{name}, line {reader.Line}: '{path}' stands twice.");
        }

        if (rows.Count == 0) throw new DataException($"{name} labels no image: expected rows of file and label.");
        var findings = LeftOut(container);
        if (rows.Count < known.Count)
        {
            findings.Add(new Finding("images-without-label", FindingSeverity.Note,
                $"{known.Count - rows.Count} images of '{Path.GetFileName(container.Name)}' have no row in {name} and are left out."));
        }

        return new ImageLabels([.. rows.Select(row => new LabeledImage(row.Key, row.Value))], true, null, findings);
    }

    static bool IsHeader(CsvReader reader, Dictionary<string, long>? indices, ref int fileColumn, ref int labelColumn)
    {
        int file = Column(reader, "file", "filename", "file_name", "image", "path", "image_id", "ImageId", "id");
        int label = Column(reader, "label", "class", "target", "category", "TrueLabel");
        if (file >= 0 && label >= 0)
        {
            (fileColumn, labelColumn) = (file, label);
            return true;
        }

        // Names that nobody knows: a row with a label is no header, whatever its file is called, and is not passed over.
        return reader.Count >= 2 && !ImagePaths.IsImage(reader[0].ToString()) && !IsLabel(reader[1], indices);
    }

    static int Column(CsvReader reader, params ReadOnlySpan<string> names)
    {
        foreach (string name in names)
        {
            for (int i = 0; i < reader.Count; i++)
            {
                if (reader[i].Equals(name, StringComparison.OrdinalIgnoreCase)) return i;
            }
        }

        return -1;
    }

    static bool IsLabel(ReadOnlySpan<char> text, Dictionary<string, long>? indices) => indices?.ContainsKey(text.ToString()) == true
        || long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);

    static long Label(ReadOnlySpan<char> text, Dictionary<string, long>? indices, string name, long line)
    {
        if (indices is not null && indices.TryGetValue(text.ToString(), out long index)) return index;
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long label)) return label;
        string hint = indices is null ? "Give the names in order under 'classes'." : "The classes do not name it.";
        throw new DataException($"{name}, line {line}: expected a label as a whole number, found '{text}'. {hint}");
    }

    static List<Finding> LeftOut(IImageContainer container)
    {
        var findings = new List<Finding>();
        if (container.UnsupportedCount > 0)
        {
            findings.Add(new Finding("images-unsupported", FindingSeverity.Warning,
                $"{container.UnsupportedCount} images of '{Path.GetFileName(container.Name)}' are neither JPEG nor PNG and are left out."));
        }

        if (container.LinkedFolderCount > 0)
        {
            findings.Add(new Finding("image-folders-linked", FindingSeverity.Warning,
                $"{container.LinkedFolderCount} folders of '{Path.GetFileName(container.Name)}' are links, which are not followed: the images in them are left out."));
        }

        return findings;
    }

    // A network that numbers its classes otherwise looks as if it knew nothing.
    static Finding ClassesSorted(string[] names)
    {
        bool isOutOfOrder = names.All(name => name.All(char.IsAsciiDigit)) && names.Any(name => name.Length != names[0].Length);
        string order = string.Join(", ", names.Take(NamesShown).Select((name, i) => $"{name} = {i}")) + (names.Length > NamesShown ? ", …" : "");
        return new Finding("classes-sorted", isOutOfOrder ? FindingSeverity.Warning : FindingSeverity.Note,
            $"Nothing says which output is which class: the folders of images are numbered in the order of their names as text, {order}. "
            + "If the network numbers them otherwise, list them under 'classes'.");
    }

    static string WithoutCommonFolders(string[] paths, string prefix)
    {
        // 'cifar10/cat/1.png': a folder around the folders of classes is no class.
        while (paths[0].IndexOf('/', prefix.Length) is var slash && slash >= 0)
        {
            string longer = paths[0][..(slash + 1)];
            if (!paths.All(path => path.StartsWith(longer, StringComparison.Ordinal) && path.IndexOf('/', longer.Length) >= 0)) break;
            prefix = longer;
        }

        return prefix;
    }

    static string Folder(string path, string prefix)
    {
        int slash = path.IndexOf('/', prefix.Length);
        return slash < 0 ? "" : path[prefix.Length..slash];
    }

    static IReadOnlyList<string>? FromContainer(IImageContainer container, string prefix)
    {
        string? text = container.ReadText($"{prefix}classes.txt", ClassNamesFile.MaxBytes) ?? container.ReadText("classes.txt", ClassNamesFile.MaxBytes);
        return text is null ? null : ClassNamesFile.Parse(text, $"classes.txt of '{Path.GetFileName(container.Name)}'");
    }

    static Dictionary<string, long> Indices(IReadOnlyList<string> names, string place)
    {
        var indices = new Dictionary<string, long>(StringComparer.Ordinal);
        for (int i = 0; i < names.Count; i++)
        {
            if (!indices.TryAdd(names[i], i)) throw new DataException($"The classes of '{place}' name '{names[i]}' twice.");
        }

        return indices;
    }

    static long Class(Dictionary<string, long> indices, string folder, string path, string container) => indices.TryGetValue(folder, out long index)
        ? index
        : throw new DataException($"'{path}' of '{container}' lies in a folder '{folder}' that is not among the {indices.Count} classes.");
}
