using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Kneepoint.Measurement;

namespace Kneepoint.Reports;

/// <summary>A JSON value that knows where it stands, so that every error names the place.</summary>
readonly record struct JsonPlace(string Source, string Path, JsonElement Element)
{
    const int MaxShown = 40;

    public JsonPlace Member(string name) => Optional(name) ?? throw Unlike($"the member '{name}'", "none");

    public JsonPlace? Optional(string name)
    {
        if (Element.ValueKind != JsonValueKind.Object) throw Unlike("an object");
        return Element.TryGetProperty(name, out var member)
            ? new JsonPlace(Source, Path.Length == 0 ? name : $"{Path}.{name}", member)
            : null;
    }

    public ImmutableArray<T> Items<T>(Func<JsonPlace, T> read)
    {
        if (Element.ValueKind != JsonValueKind.Array) throw Unlike("an array");
        var items = ImmutableArray.CreateBuilder<T>(Element.GetArrayLength());
        foreach (var item in Element.EnumerateArray())
        {
            items.Add(read(new JsonPlace(Source, string.Create(CultureInfo.InvariantCulture, $"{Path}[{items.Count}]"), item)));
        }

        return items.MoveToImmutable();
    }

    public ImmutableArray<string> Texts() => Items(item => item.Text());

    public ImmutableSortedDictionary<string, string> TextsByName()
    {
        if (Element.ValueKind != JsonValueKind.Object) throw Unlike("an object");
        var place = this;
        return Element.EnumerateObject().ToImmutableSortedDictionary(
            member => member.Name, member => place.Member(member.Name).Text(), StringComparer.Ordinal);
    }

    public string Text() => Element.ValueKind == JsonValueKind.String ? Element.GetString()! : throw Unlike("a text");

    public string? TextOrNull() => IsNull ? null : Text();

    public int OneOf(params ReadOnlySpan<string> choices)
    {
        int index = choices.IndexOf(Text());
        return index >= 0 ? index : throw Unlike($"one of {string.Join(", ", choices.ToArray())}");
    }

    public bool Flag() => Element.ValueKind is JsonValueKind.True or JsonValueKind.False ? Element.GetBoolean() : throw Unlike("true or false");

    public bool? FlagOrNull() => IsNull ? null : Flag();

    public long Count() => Element.ValueKind == JsonValueKind.Number && Element.TryGetInt64(out long count) && count >= 0
        ? count
        : throw Unlike("a whole number of at least 0");

    public int SmallCount() => Count() is var count && count <= int.MaxValue ? (int)count : throw Unlike("a whole number of at most 2147483647");

    public long? CountOrNull() => IsNull ? null : Count();

    public double Number() => Element.ValueKind == JsonValueKind.Number && Element.TryGetDouble(out double number) && double.IsFinite(number)
        ? number
        : throw Unlike("a finite number");

    public double? NumberOrNull() => IsNull ? null : Number();

    public Interval? IntervalOrNull() => IsNull ? null : new Interval(
        Member("value").Number(), Member("low").NumberOrNull() ?? double.NaN, Member("high").NumberOrNull() ?? double.NaN);

    public T? OrNull<T>(Func<JsonPlace, T> read) where T : class => IsNull ? null : read(this);

    public FrontierDocumentException Unlike(string expected, string? found = null)
    {
        if (found is null)
        {
            string raw = Element.GetRawText();
            found = raw.Length <= MaxShown ? raw : $"{raw[..MaxShown]}…";
        }

        return new FrontierDocumentException($"'{Source}', {(Path.Length == 0 ? "top level" : Path)}: expected {expected}, found {found}.");
    }

    bool IsNull => Element.ValueKind == JsonValueKind.Null;
}
