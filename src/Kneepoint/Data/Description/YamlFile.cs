using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Kneepoint.Data.Description;

/// <summary>Reads the part of YAML that a description needs: one document of mappings, lists and texts.</summary>
/// <remarks>
/// Anchors, aliases, tags and duplicate keys are refused, and depth and size are bounded, so that no file can make the reader run away.
/// </remarks>
static class YamlFile
{
    const long MaxBytes = 256 * 1024;
    const int MaxDepth = 16;

    /// <summary>Reads a file.</summary>
    /// <exception cref="DataException">The file is missing, too large, or not such a document; the message names the line.</exception>
    public static YamlMap Read(string file)
    {
        string text = Files.ReadText(file, MaxBytes);
        return Parse(text, Path.GetFileName(file));
    }

    /// <summary>Reads a text; <paramref name="name"/> is its file's name in messages.</summary>
    /// <exception cref="DataException">The text is not such a document; the message names the line.</exception>
    public static YamlMap Parse(string text, string name)
    {
        try
        {
            var parser = new Parser(new StringReader(text));
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _)) throw new DataException($"{name} is empty: expected a mapping such as 'format: images'.");
            var root = Node(parser, name, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.TryConsume<StreamEnd>(out _)) throw new DataException($"{name} holds several documents: expected one.");
            return root as YamlMap ?? throw new DataException($"{name}, line {root.Line}: expected a mapping such as 'format: images', found {root.Kind}.");
        }
        catch (YamlException exception)
        {
            throw new DataException($"{name}, line {exception.Start.Line} is not YAML: {exception.Message.TrimEnd('.')}.", exception);
        }
        catch (Exception exception) when (exception is InvalidOperationException or ArgumentException or FormatException)
        {
            // The scanner fails so on some malformed documents instead of saying where.
            throw new DataException($"{name} is not YAML: {exception.Message.TrimEnd('.')}.", exception);
        }
    }

    static YamlNode Node(IParser parser, string name, int depth)
    {
        var current = parser.Current ?? throw new DataException($"{name} ends early.");
        int line = (int)current.Start.Line;
        if (depth > MaxDepth) throw new DataException($"{name}, line {line}: expected at most {MaxDepth} levels of nesting.");
        if (current is AnchorAlias || current is NodeEvent { Anchor.IsEmpty: false })
        {
            throw new DataException($"{name}, line {line}: anchors and aliases are not part of this format. Write the value out.");
        }

        if (current is NodeEvent { Tag.IsEmpty: false }) throw new DataException($"{name}, line {line}: tags are not part of this format.");
        if (parser.TryConsume<Scalar>(out var scalar)) return new YamlText(line, scalar.Value);
        if (parser.TryConsume<SequenceStart>(out _)) return List(parser, name, depth, line);
        parser.Consume<MappingStart>();
        return Map(parser, name, depth, line);
    }

    static YamlList List(IParser parser, string name, int depth, int line)
    {
        var items = new List<YamlNode>();
        while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Node(parser, name, depth + 1));
        return new YamlList(line, items);
    }

    static YamlMap Map(IParser parser, string name, int depth, int line)
    {
        var entries = new List<YamlEntry>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (!parser.TryConsume<MappingEnd>(out _))
        {
            var key = Node(parser, name, depth + 1);
            if (key is not YamlText text) throw new DataException($"{name}, line {key.Line}: expected a key, found {key.Kind}.");
            if (!keys.Add(text.Text)) throw new DataException($"{name}, line {key.Line}: the key '{text.Text}' stands twice.");
            entries.Add(new YamlEntry(key.Line, text.Text, Node(parser, name, depth + 1)));
        }

        return new YamlMap(line, entries);
    }
}
