using System.Globalization;

namespace Kneepoint.Data.Description;

/// <summary>Takes the known keys out of a mapping; what is left over is an error.</summary>
sealed class YamlReader(YamlMap map, string file, string place)
{
    readonly Dictionary<string, YamlEntry> _left = map.Entries.ToDictionary(entry => entry.Key, StringComparer.Ordinal);
    readonly List<string> _known = [];

    /// <summary>The line of the mapping.</summary>
    public int Line => map.Line;

    /// <summary>The value of a key; null if it is absent.</summary>
    public YamlNode? Take(string key)
    {
        _known.Add(key);
        return _left.Remove(key, out var entry) ? entry.Value : null;
    }

    /// <summary>The text of a key; null if it is absent.</summary>
    public string? TakeText(string key) => Take(key) is { } node ? Text(node, key) : null;

    /// <summary>The positive whole number of a key; null if it is absent.</summary>
    public int? TakeCount(string key) => Take(key) is { } node ? Count(node, key) : null;

    /// <summary>The whole number of a key; null if it is absent.</summary>
    public long? TakeInteger(string key)
    {
        if (Take(key) is not { } node) return null;
        return long.TryParse(Text(node, key), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long value) && Int128.Abs(value) < 1L << 53
            ? value
            : throw Error(node.Line, $"'{key}' takes a whole number, found {node.Kind}");
    }

    /// <summary>The number or fraction of a key; null if it is absent.</summary>
    public double? TakeNumber(string key) => Take(key) is { } node ? Number(node, key) : null;

    /// <summary>The numbers of a key, one or a list; null if it is absent.</summary>
    public IReadOnlyList<double>? TakeNumbers(string key) => Take(key) switch
    {
        null => null,
        YamlList list when list.Items.Count > 0 => [.. list.Items.Select(item => Number(item, key))],
        var node => [Number(node, key)],
    };

    /// <summary>The positive whole numbers of a key, one or a list; null if it is absent.</summary>
    public IReadOnlyList<int>? TakeCounts(string key) => Take(key) switch
    {
        null => null,
        YamlList list when list.Items.Count > 0 => [.. list.Items.Select(item => Count(item, key))],
        var node => [Count(node, key)],
    };

    /// <summary>One of the words of a key; null if it is absent.</summary>
    public string? TakeWord(string key, params ReadOnlySpan<string> words)
    {
        if (Take(key) is not { } node) return null;
        string text = Text(node, key);
        return words.Contains(text) ? text : throw Error(node.Line, $"'{key}' is one of {string.Join(", ", words.ToArray())}, found '{text}'");
    }

    /// <summary>Checks that no key is left.</summary>
    /// <exception cref="DataException">A key is unknown.</exception>
    public void End()
    {
        foreach (var entry in map.Entries)
        {
            if (_left.ContainsKey(entry.Key))
            {
                throw Error(entry.Line, $"unknown key '{entry.Key}'{place}; expected one of {string.Join(", ", _known.Order(StringComparer.Ordinal))}");
            }
        }
    }

    /// <summary>The text of a value.</summary>
    public string Text(YamlNode node, string key) => node is YamlText { Text.Length: > 0 } text
        ? text.Text
        : throw Error(node.Line, $"'{key}' takes one value, found {(node is YamlText ? "nothing" : node.Kind)}");

    /// <summary>An exception with file and line.</summary>
    public DataException Error(int line, string sentence) => new($"{file}, line {line}: {sentence}.");

    int Count(YamlNode node, string key) =>
        int.TryParse(Text(node, key), NumberStyles.None, CultureInfo.InvariantCulture, out int value) && value > 0
            ? value
            : throw Error(node.Line, $"'{key}' takes a positive whole number, found {node.Kind}");

    double Number(YamlNode node, string key)
    {
        string[] parts = Text(node, key).Split('/');
        const NumberStyles style = NumberStyles.Float;
        var culture = CultureInfo.InvariantCulture;
        if (parts.Length <= 2 && double.TryParse(parts[0], style, culture, out double value))
        {
            double divisor = 1;
            if (parts.Length == 1 || double.TryParse(parts[1], style, culture, out divisor))
            {
                double quotient = value / divisor;
                if (double.IsFinite(quotient)) return quotient;
            }
        }

        throw Error(node.Line, $"'{key}' takes a number such as 0.5 or 1/255, found {node.Kind}");
    }
}
