using System.Collections.Immutable;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>Reads the options of a step strictly: an option that nobody asked for is an error, never ignored.</summary>
sealed class StepOptions(Step step)
{
    readonly SortedSet<string> _known = new(StringComparer.Ordinal);

    /// <summary>Reads one of a few texts.</summary>
    /// <param name="name">The option.</param>
    /// <param name="values">What each text means; the first is the default.</param>
    /// <exception cref="RecipeNotApplicableException">The option has another text.</exception>
    public T Choose<T>(string name, params ReadOnlySpan<(string Text, T Value)> values)
    {
        _known.Add(name);
        if (!step.Options.TryGetValue(name, out string? text)) return values[0].Value;
        foreach (var (candidate, value) in values)
        {
            if (candidate == text) return value;
        }

        var texts = new List<string>();
        foreach (var (candidate, _) in values) texts.Add(candidate);
        throw new RecipeNotApplicableException($"Step '{step.Method}': option '{name}' is one of {string.Join(", ", texts)}, not '{text}'.");
    }

    /// <summary>Reads a text.</summary>
    public string Text(string name, string usual)
    {
        _known.Add(name);
        return step.Options.GetValueOrDefault(name, usual);
    }

    /// <summary>Ends the reading.</summary>
    /// <exception cref="RecipeNotApplicableException">The step has an option that was not read.</exception>
    public void RefuseOthers()
    {
        foreach (string name in step.Options.Keys)
        {
            if (_known.Contains(name)) continue;
            string known = _known.Count > 0 ? $"it has {string.Join(", ", _known)}" : "it has none";
            throw new RecipeNotApplicableException($"Step '{step.Method}' has no option '{name}'; {known}.");
        }
    }

    /// <summary>Writes options, those at their default left out.</summary>
    public static ImmutableSortedDictionary<string, string> Of(params ReadOnlySpan<(string Name, string Text, string Default)> options)
    {
        var builder = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var (name, text, usual) in options)
        {
            if (text != usual) builder.Add(name, text);
        }

        return builder.ToImmutable();
    }
}
