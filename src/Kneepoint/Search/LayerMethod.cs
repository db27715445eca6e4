using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>What may be done to a layer: a method with its options, without the layers.</summary>
/// <param name="Name">The method's name in kebab case; empty for <see cref="Keep"/>.</param>
/// <param name="Options">Options that differ from their default, by name.</param>
public sealed record LayerMethod(string Name, ImmutableSortedDictionary<string, string> Options) : IComparable<LayerMethod>
{
    /// <summary>Leaves the layer as it is in the baseline.</summary>
    public static readonly LayerMethod Keep = new("");

    /// <summary>A method with all options at their default.</summary>
    public LayerMethod(string name) : this(name, ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal))
    {
    }

    /// <summary>Whether the layer stays as it is.</summary>
    public bool IsKeep => Name.Length == 0;

    /// <summary>Name and options: "static-int8 range=mse"; "keep" for <see cref="Keep"/>.</summary>
    public string Text { get; } = TextOf(Name, Options);

    /// <summary>The method of a step.</summary>
    public static LayerMethod Of(Step step)
    {
        ArgumentNullException.ThrowIfNull(step);
        return new LayerMethod(step.Method, step.Options);
    }

    /// <summary>Ordinal order by name, then options; Keep is first.</summary>
    public int CompareTo(LayerMethod? other)
    {
        if (other is null) return 1;
        int byName = string.CompareOrdinal(Name, other.Name);
        return byName != 0 ? byName : string.CompareOrdinal(Text, other.Text);
    }

    /// <inheritdoc/>
    public bool Equals(LayerMethod? other) => other is not null && Name == other.Name && Text == other.Text;

    /// <inheritdoc/>
    public override int GetHashCode() => Text.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Ordinal order.</summary>
    public static bool operator <(LayerMethod left, LayerMethod right) => left is null ? right is not null : left.CompareTo(right) < 0;

    /// <summary>Ordinal order.</summary>
    public static bool operator >(LayerMethod left, LayerMethod right) => right < left;

    /// <summary>Ordinal order.</summary>
    public static bool operator <=(LayerMethod left, LayerMethod right) => !(right < left);

    /// <summary>Ordinal order.</summary>
    public static bool operator >=(LayerMethod left, LayerMethod right) => !(left < right);

    static string TextOf(string name, ImmutableSortedDictionary<string, string> options) => name.Length == 0 ? "keep"
        : string.Join(' ', options.OrderBy(option => option.Key, StringComparer.Ordinal).Select(option => $"{option.Key}={option.Value}").Prepend(name));
}
