using System.Buffers;
using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Kneepoint.Search;

/// <summary>An ordered list of steps. Two recipes with the same canonical text are the same recipe, and make the same variant.</summary>
public sealed class Recipe : IEquatable<Recipe>
{
    const int IdHexDigits = 16;
    const int LongestShown = 80;

    /// <summary>The recipe that changes nothing.</summary>
    public static readonly Recipe Baseline = new([]);

    /// <summary>Fixes the steps and their order.</summary>
    public Recipe(ImmutableArray<Step> steps)
    {
        Steps = steps;
        CanonicalJson = Write(steps);
        Id = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(CanonicalJson)))[..IdHexDigits];
    }

    /// <summary>The steps, applied first to last.</summary>
    public ImmutableArray<Step> Steps { get; }

    /// <summary>The one text of this recipe: UTF-8 JSON without spaces, keys in a fixed order.</summary>
    public string CanonicalJson { get; }

    /// <summary>The first 16 hexadecimal digits of the SHA-256 of <see cref="CanonicalJson"/>.</summary>
    public string Id { get; }

    /// <summary>Reads the canonical text back.</summary>
    /// <exception cref="FormatException">The text is not a recipe.</exception>
    public static Recipe Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var steps = ImmutableArray.CreateBuilder<Step>();
            foreach (var step in document.RootElement.GetProperty("steps").EnumerateArray())
            {
                var options = step.TryGetProperty("options", out var given) ? given : default;
                steps.Add(new Step(
                    step.GetProperty("method").GetString() ?? throw new FormatException("A step has no method."),
                    [.. step.GetProperty("layers").EnumerateArray().Select(layer => layer.GetString() ?? "")],
                    options.ValueKind == JsonValueKind.Object
                        ? options.EnumerateObject().ToImmutableSortedDictionary(o => o.Name, o => o.Value.GetString() ?? "", StringComparer.Ordinal)
                        : ImmutableSortedDictionary<string, string>.Empty.WithComparers(StringComparer.Ordinal)));
            }

            return new Recipe(steps.ToImmutable());
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException or ArgumentException)
        {
            throw new FormatException($$"""the text is not a recipe: expected {"steps":[{"method":…,"layers":[…]}]}, found '{{(json.Length > LongestShown ? json[..LongestShown] + "…" : json).ReplaceLineEndings(" ")}}'.""", exception);
        }
    }

    /// <inheritdoc/>
    public bool Equals(Recipe? other) => other is not null && CanonicalJson == other.CanonicalJson;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Recipe);

    /// <inheritdoc/>
    public override int GetHashCode() => CanonicalJson.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Id;

    static string Write(ImmutableArray<Step> steps)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("steps");
            foreach (var step in steps)
            {
                json.WriteStartObject();
                json.WriteString("method", step.Method);
                json.WriteStartArray("layers");
                foreach (string layer in step.Layers) json.WriteStringValue(layer);
                json.WriteEndArray();
                if (step.Options.Count > 0)
                {
                    json.WriteStartObject("options");
                    foreach (var (name, value) in step.Options.OrderBy(o => o.Key, StringComparer.Ordinal)) json.WriteString(name, value);
                    json.WriteEndObject();
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
