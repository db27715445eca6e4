using System.Text;
using System.Text.Json;

namespace Kneepoint.Data.Formats;

/// <summary>The token of each character.</summary>
/// <remarks>Tokens of several characters can never arise from a text cut into characters; only those in angle or square brackets, which mark
/// special tokens, are allowed and passed over.</remarks>
sealed class Vocabulary
{
    const long MaxBytes = 4 * 1024 * 1024;

    readonly Dictionary<int, long> _tokens = [];
    readonly long _unknown;

    Vocabulary(IEnumerable<(string Text, long Token)> entries, long? unknown, string name)
    {
        _unknown = unknown ?? -1;
        foreach (var (text, token) in entries)
        {
            if (text.Length > 2 && (text[0], text[^1]) is ('<', '>') or ('[', ']')) continue;
            if (!Rune.TryGetRuneAt(text, 0, out var rune) || rune.Utf16SequenceLength != text.Length)
            {
                throw new DataException($"{name} holds the token '{text}': expected single characters. Cut such texts into tokens beforehand and give them as an array.");
            }

            if (token < 0) throw new DataException($"{name}: the token of '{text}' is {token}, expected 0 or more.");
            if (!_tokens.TryAdd(rune.Value, token)) throw new DataException($"{name} holds '{text}' twice.");
        }
    }

    /// <summary>The token of a character; −1 if there is none.</summary>
    public long this[int scalar] => _tokens.TryGetValue(scalar, out long token) ? token : _unknown;

    /// <summary>Reads a JSON object of character and token, or a text with a character on each line (\n, \t, \r and \\ are escapes).</summary>
    /// <exception cref="DataException">The file is neither.</exception>
    public static Vocabulary Read(string file, long? unknown)
    {
        string text = Files.ReadText(file, MaxBytes);
        string name = Path.GetFileName(file);
        if (!file.EndsWith(".json", StringComparison.OrdinalIgnoreCase)) return new Vocabulary(Lines(text, name), unknown, name);
        try
        {
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = 4 });
            if (document.RootElement.ValueKind != JsonValueKind.Object) throw new DataException($"{name} is no object of characters and tokens.");
            return new Vocabulary(document.RootElement.EnumerateObject().Select(entry => (entry.Name,
                entry.Value.ValueKind == JsonValueKind.Number && entry.Value.TryGetInt64(out long token) ? token
                : throw new DataException($"{name}: the token of '{entry.Name}' is no whole number."))), unknown, name);
        }
        catch (JsonException exception)
        {
            throw new DataException($"{name} is not JSON: {exception.Message}", exception);
        }
    }

    static IEnumerable<(string, long)> Lines(string text, string name)
    {
        string[] lines = text.Split('\n');
        int count = lines[^1].Length == 0 ? lines.Length - 1 : lines.Length;
        for (int i = 0; i < count; i++)
        {
            string line = lines[i].TrimEnd('\r');
            string token = line switch
            {
                "\\n" => "\n",
                "\\t" => "\t",
                "\\r" => "\r",
                "\\\\" => "\\",
                _ => line,
            };
            yield return token.Length > 0 ? (token, i) : throw new DataException($"{name}, line {i + 1}: expected a character, found a blank line.");
        }
    }
}
