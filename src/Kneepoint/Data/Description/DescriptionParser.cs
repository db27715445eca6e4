using System.Globalization;

namespace Kneepoint.Data.Description;

/// <summary>Turns a data.yaml into a <see cref="DataDescription"/>. Unknown keys are errors.</summary>
static class DescriptionParser
{
    // More samples than a study can keep the scores of.
    const long MostGenerated = 100_000_000;

    // A row of tokens must fit into one array many times over.
    const int MostTokens = 1 << 24;

    static readonly string[] Formats = ["images", "idx", "cifar", "npy", "csv", "text", "synthetic"];
    static readonly string[] Metrics = ["top1", "top5", "auc", "f1", "nll", "mse", "psnr", "fidelity"];

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">The file is missing or not as docs/data.md describes; the message names line and key.</exception>
    public static DataDescription Read(string file)
        => Parse(YamlFile.Read(file), Path.GetFileName(file), Path.GetDirectoryName(Path.GetFullPath(file))!);

    /// <summary>Reads a parsed document whose paths are relative to <paramref name="folder"/>.</summary>
    /// <exception cref="DataException">The document is not as docs/data.md describes; the message names line and key.</exception>
    public static DataDescription Parse(YamlMap map, string name, string folder)
    {
        var reader = new YamlReader(map, name, "");
        string? format = reader.TakeWord("format", Formats);
        bool isSynthetic = format == "synthetic";
        var description = new DataDescription
        {
            Name = name,
            Folder = reader.TakeText("folder") is { } below ? Path.GetFullPath(Path.Combine(folder, below)) : folder,
            Format = format,
            Metric = reader.TakeWord("metric", Metrics),
            Output = reader.TakeText("output"),
            Peak = reader.TakeNumber("peak"),
            Files = reader.Take("files") is { } files ? Files(reader, files, "files") : null,
            Calibrate = reader.Take("calibrate") is { } calibrate ? Part(reader, calibrate, name, "calibrate", isSynthetic) : null,
            Evaluate = reader.Take("evaluate") is { } evaluate ? Part(reader, evaluate, name, "evaluate", isSynthetic) : null,
            Classes = reader.Take("classes") is { } classes ? Classes(reader, classes) : null,
            Inputs = reader.Take("inputs") is { } inputs ? Inputs(reader, inputs, name) : new Dictionary<string, InputDescription>(),
            Preprocess = reader.Take("preprocess") is { } preprocess ? Input(reader, preprocess, name, "preprocess") : null,
            Target = reader.Take("target") is { } target ? Target(reader, target, name) : null,
            Text = reader.Take("text") is { } text ? Text(reader, text, name) : new TextDescription(),
            Delimiter = reader.TakeText("delimiter") is { } delimiter ? Delimiter(reader, delimiter) : null,
        };
        description = Split(reader, description, name);
        reader.End();
        Check(reader, description);
        return description;
    }

    static void Check(YamlReader reader, DataDescription description)
    {
        if (description.Files is not null && (description.Calibrate ?? description.Evaluate) is { } part)
        {
            throw reader.Error(part.Line, "either 'files' with 'split', or 'calibrate' and 'evaluate' with files of their own, not both");
        }

        if (description.Calibrate is null != description.Evaluate is null)
        {
            string missing = description.Calibrate is null ? "calibrate" : "evaluate";
            throw reader.Error(reader.Line, $"'{missing}' is missing: each part needs its files. For one set of files use 'files' with 'split'");
        }

        if (description.Metric == "psnr" != description.Peak is not null)
        {
            throw reader.Error(reader.Line, "'metric: psnr' and 'peak', the largest value that a target can have, go together");
        }

        if (description.Peak <= 0) throw reader.Error(reader.Line, "'peak' takes a positive number");
        if (description.Files is null && description.SplitCalibrate is not null) throw reader.Error(reader.Line, "'split' needs 'files'");
        if (description.Preprocess is { } preprocess && description.Inputs.Count > 0)
        {
            throw reader.Error(preprocess.Line, "either 'preprocess' for the network's only input, or 'inputs' by name, not both");
        }
    }

    static DataDescription Split(YamlReader reader, DataDescription description, string name)
    {
        if (reader.Take("split") is not { } node) return description;
        var split = new YamlReader(Mapping(reader, node, "split"), name, " in 'split'");
        var calibrate = split.Take("calibrate") is { } first ? Selection(split, first, "calibrate") : null;
        var evaluate = split.Take("evaluate") is { } second ? Selection(split, second, "evaluate") : null;
        split.End();
        if (calibrate is null && evaluate is null) throw reader.Error(node.Line, "'split' takes 'calibrate' or 'evaluate' or both");
        calibrate ??= SampleSelection.Rest;
        evaluate ??= SampleSelection.Rest;
        if (calibrate.Kind == SelectionKind.Rest && evaluate.Kind == SelectionKind.Rest)
        {
            throw reader.Error(node.Line, "at most one part of 'split' is 'rest'");
        }

        return description with { SplitCalibrate = calibrate, SplitEvaluate = evaluate };
    }

    static SampleSelection Selection(YamlReader reader, YamlNode node, string key) => SampleSelection.Parse(reader.Text(node, key))
        ?? throw reader.Error(node.Line,
            $"'{key}' takes all, rest, first 200, last 200, 200..400, random 200 or random 10 %, found {node.Kind}");

    static PartDescription Part(YamlReader reader, YamlNode node, string name, string key, bool isSynthetic)
    {
        if (isSynthetic)
        {
            return long.TryParse(reader.Text(node, key), NumberStyles.None, CultureInfo.InvariantCulture, out long count) && count is > 0 and <= MostGenerated
                ? new PartDescription(node.Line, null, SampleSelection.All, count)
                : throw reader.Error(node.Line, $"'{key}' of synthetic data is the number of samples, at most {MostGenerated}, found {node.Kind}");
        }

        bool isLong = node is YamlMap map && map.Entries.Any(entry => entry.Key == "files");
        if (!isLong) return new PartDescription(node.Line, Files(reader, node, key), SampleSelection.All);
        var part = new YamlReader((YamlMap)node, name, $" in '{key}'");
        var files = Files(part, part.Take("files")!, "files");
        var take = part.Take("take") is { } text ? Selection(part, text, "take") : SampleSelection.All;
        part.End();
        return take.Kind == SelectionKind.Rest
            ? throw part.Error(node.Line, "'take: rest' needs another part of the same files: use 'files' with 'split'")
            : new PartDescription(node.Line, files, take);
    }

    static FileSet Files(YamlReader reader, YamlNode node, string key)
    {
        List<FileReference> files = node switch
        {
            YamlList list => [.. list.Items.Select(item => new FileReference("", reader.Text(item, key)))],
            YamlMap map => [.. map.Entries.Select(entry => new FileReference(entry.Key, reader.Text(entry.Value, entry.Key)))],
            _ => [new FileReference("", reader.Text(node, key))],
        };
        return files.Count > 0 ? new FileSet(node.Line, files) : throw reader.Error(node.Line, $"'{key}' names no file");
    }

    static ClassList Classes(YamlReader reader, YamlNode node) => node is YamlList list
        ? new ClassList(node.Line, [.. list.Items.Select(item => reader.Text(item, "classes"))], null)
        : new ClassList(node.Line, null, reader.Text(node, "classes"));

    static Dictionary<string, InputDescription> Inputs(YamlReader reader, YamlNode node, string name) => Mapping(reader, node, "inputs").Entries
        .ToDictionary(entry => entry.Key, entry => Input(reader, entry.Value, name, entry.Key), StringComparer.Ordinal);

    static InputDescription Input(YamlReader parent, YamlNode node, string name, string key)
    {
        if (node is YamlText word) return Short(parent, word, key);
        var reader = new YamlReader(Mapping(parent, node, key), name, $" in '{key}'");
        var input = new InputDescription
        {
            Line = node.Line,
            From = reader.Take("from") switch
            {
                null => null,
                YamlList list when list.Items.Count > 0 => [.. list.Items.Select(item => reader.Text(item, "from"))],
                var from => [reader.Text(from, "from")],
            },
            Constant = reader.TakeNumber("constant"),
            Random = reader.Take("random") is { } random ? Random(reader, random) : null,
            Shape = reader.TakeCounts("shape"),
            BatchAxis = BatchAxis(reader, reader.Take("batchAxis")),
            Resize = Size(reader, "resize", 1),
            Filter = reader.TakeWord("filter", "bilinear", "bicubic", "nearest"),
            Crop = Size(reader, "crop", 2),
            Pad = reader.TakeCounts("pad"),
            PadValue = reader.TakeNumber("padValue"),
            Channels = reader.TakeWord("channels", "rgb", "bgr", "gray"),
            Layout = reader.TakeWord("layout", "nchw", "nhwc"),
            Stored = reader.TakeWord("stored", "chw", "hwc"),
            Zero = reader.TakeNumber("zero"),
            Scale = reader.TakeNumber("scale"),
            Mean = reader.TakeNumbers("mean"),
            Std = reader.TakeNumbers("std"),
        };
        reader.End();
        CheckInput(reader, input, key);
        return input;
    }

    static void CheckInput(YamlReader reader, InputDescription input, string key)
    {
        int sources = (input.From is null ? 0 : 1) + (input.Constant is null ? 0 : 1) + (input.Random is null ? 0 : 1);
        if (sources > 1) throw reader.Error(input.Line, $"'{key}' takes one of from, constant and random");
        if (input.Std is { } std && std.Contains(0)) throw reader.Error(input.Line, "'std' is divided by: expected numbers other than 0");
        if (input.Filter is not null && input.Resize is null) throw reader.Error(input.Line, "'filter' needs 'resize'");
        if (input.PadValue is not null && input.Pad is null) throw reader.Error(input.Line, "'padValue' needs 'pad'");
        if (input.Shape is not null && !input.IsGenerated) throw reader.Error(input.Line, "'shape' is for inputs with 'constant' or 'random'");
    }

    static InputDescription Short(YamlReader reader, YamlText word, string key) => reader.Text(word, key) == "zeros"
        ? new InputDescription { Line = word.Line, Constant = 0 }
        : new InputDescription { Line = word.Line, From = [word.Text] };

    static int? BatchAxis(YamlReader reader, YamlNode? node) => node is null ? null
        : reader.Text(node, "batchAxis") is var text && text == "none" ? -1
        : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int axis) && axis < 8 ? axis
        : throw reader.Error(node.Line, $"'batchAxis' takes none or an axis from 0, found {node.Kind}");

    static IReadOnlyList<int>? Size(YamlReader reader, string key, int spread)
    {
        if (reader.TakeCounts(key) is not { } sizes) return null;
        return sizes.Count switch
        {
            1 when spread == 2 => [sizes[0], sizes[0]],
            1 or 2 => sizes,
            _ => throw reader.Error(reader.Line, $"'{key}' takes one number or [height, width]"),
        };
    }

    static RandomDescription Random(YamlReader reader, YamlNode node)
    {
        string text = reader.Text(node, "random");
        if (text is "normal" or "uniform") return new RandomDescription(text);
        if (text.StartsWith("integers ", StringComparison.Ordinal) && text[9..].Split("..") is [var from, var to]
            && long.TryParse(from, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long low)
            && long.TryParse(to, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long high)
            && low < high && high - (Int128)low < int.MaxValue)
        {
            return new RandomDescription("integers", low, high);
        }

        throw reader.Error(node.Line, $"'random' takes normal, uniform or integers 0..100 (100 not included), found {node.Kind}");
    }

    static TargetDescription Target(YamlReader parent, YamlNode node, string name)
    {
        if (node is YamlText word)
        {
            string text = parent.Text(word, "target");
            return new TargetDescription(node.Line, text == "none" ? null : text, 0);
        }

        var reader = new YamlReader(Mapping(parent, node, "target"), name, " in 'target'");
        string? from = reader.TakeText("from");
        string? next = reader.TakeText("next");
        if (from is null == next is null) throw reader.Error(node.Line, "'target' takes either 'from' or 'next', the field that holds it");
        long offset = reader.TakeInteger("offset") ?? 0;
        long? ignore = reader.TakeInteger("ignore");
        reader.End();
        return new TargetDescription(node.Line, from ?? next, offset, next is not null, ignore);
    }

    static TextDescription Text(YamlReader parent, YamlNode node, string name)
    {
        var reader = new YamlReader(Mapping(parent, node, "text"), name, " in 'text'");
        string? vocabulary = reader.TakeText("vocabulary");
        int? length = reader.TakeCount("length");
        long? unknown = reader.TakeInteger("unknown");
        if (length > MostTokens) throw reader.Error(node.Line, $"'length' takes at most {MostTokens} tokens, found {length}");
        if (unknown < 0) throw reader.Error(node.Line, $"'unknown' takes a token's number, found {unknown}");
        reader.End();
        return new TextDescription(node.Line, vocabulary == "bytes" ? null : vocabulary, length, unknown);
    }

    static char Delimiter(YamlReader reader, string text) => text switch
    {
        "tab" => '\t',
        [var single] when single is not ('"' or '\r' or '\n') => single,
        _ => throw reader.Error(reader.Line, $"'delimiter' takes one character or tab, found '{text}'"),
    };

    static YamlMap Mapping(YamlReader reader, YamlNode node, string key)
        => node as YamlMap ?? throw reader.Error(node.Line, $"'{key}' takes a mapping, found {node.Kind}");
}
