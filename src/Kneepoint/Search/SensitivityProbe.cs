using System.Collections.Immutable;

namespace Kneepoint.Search;

/// <summary>A variant that shows how much some groups of layers suffer from a method: they are treated, all others are kept.</summary>
/// <param name="Method">What is done.</param>
/// <param name="Groups">Names of neighboring groups, one or more.</param>
public sealed record SensitivityProbe(LayerMethod Method, ImmutableArray<string> Groups)
{
    /// <summary>The recipe of the variant.</summary>
    /// <exception cref="ArgumentException">A group does not take the method, or another one cannot be kept.</exception>
    public Recipe ToRecipe(ChoiceTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var treated = Groups.ToHashSet(StringComparer.Ordinal);
        return table.Compose([.. table.Groups.Select(group =>
        {
            var method = treated.Contains(group.Id) ? Method : LayerMethod.Keep;
            int choice = group.Choices.ToList().FindIndex(c => c.Method.Equals(method));
            return choice >= 0 ? choice : throw new ArgumentException($"The group '{group.Id}' has no choice '{method}'.", nameof(table));
        })]);
    }

    /// <inheritdoc/>
    public bool Equals(SensitivityProbe? other) => other is not null && Method.Equals(other.Method) && Groups.AsSpan().SequenceEqual(other.Groups.AsSpan());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Method, Groups.Length, Groups[0]);
}
