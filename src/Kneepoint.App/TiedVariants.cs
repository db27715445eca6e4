using System.Collections.Immutable;
using System.Text.Json;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>Which variants are tied, as a study keeps it: telling them apart takes the metric and the samples' scores, which a reader of the study lacks.</summary>
static class TiedVariants
{
    /// <summary>An object of ids, each with the list of the ids that it is tied with.</summary>
    public static byte[] Write(IReadOnlyDictionary<string, ImmutableArray<string>> ties)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            foreach (var (id, tied) in ties.Where(entry => !entry.Value.IsEmpty).OrderBy(entry => entry.Key, StringComparer.Ordinal))
            {
                json.WriteStartArray(id);
                foreach (string other in tied) json.WriteStringValue(other);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <param name="json">The entry; null for a study that has none, whose variants count as distinct.</param>
    /// <param name="place">Names the entry in errors.</param>
    /// <exception cref="StudyStoreException">The entry is damaged.</exception>
    public static IReadOnlyDictionary<string, ImmutableArray<string>> Read(byte[]? json, string place)
    {
        if (json is null) return ImmutableDictionary<string, ImmutableArray<string>>.Empty;
        try
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.EnumerateObject().ToImmutableDictionary(entry => entry.Name,
                entry => entry.Value.EnumerateArray().Select(id => id.GetString()!).ToImmutableArray());
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException)
        {
            throw new StudyStoreException($"{place} is damaged: expected an object of lists of ids as JSON.", exception);
        }
    }
}
