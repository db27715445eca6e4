using System.Collections.Immutable;
using Kneepoint.Search;

namespace Kneepoint.Compression;

/// <summary>Reads the options of a step strictly: an option that nobody asked for is an error, never ignored.</summary>
sealed class StepOptions(Step step)
{
    readonly SortedSet<string> _known = new(StringComparer.Ordinal);
    readonly List<MethodOption> _read = [];

    /// <summary>What was asked for, in that order.</summary>
    public IReadOnlyList<MethodOption> Read => _read;

    /// <summary>Reads one of a few texts.</summary>
    /// <param name="name">The option.</param>
    /// <param name="values">What each text means; the first is the default.</param>
    /// <exception cref="RecipeNotApplicableException">The option has another text.</exception>
    public T Choose<T>(string name, params ReadOnlySpan<(string Text, T Value)> values)
    {
        _known.Add(name);
        var texts = ImmutableArray.CreateBuilder<string>();
        foreach (var (candidate, _) in values) texts.Add(candidate);
        _read.Add(new MethodOption(name, texts.ToImmutable(), values[0].Text));
        if (!step.Options.TryGetValue(name, out string? text)) return values[0].Value;
        foreach (var (candidate, value) in values)
        {
            if (candidate == text) return value;
        }

        throw new RecipeNotApplicableException($"Step '{step.Method}': option '{name}' is one of {string.Join(", ", texts)}, not '{text}'.");
    }

    /// <summary>Reads a text that the caller checks.</summary>
    /// <param name="name">The option.</param>
    /// <param name="usual">What holds where it is left out.</param>
    /// <param name="values">The texts that it takes; none where it is a number.</param>
    public string Text(string name, string usual, params ImmutableArray<string> values)
    {
        _known.Add(name);
        _read.Add(new MethodOption(name, values, usual));
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

/// <summary>An option of a method.</summary>
/// <param name="Name">As steps write it.</param>
/// <param name="Values">The texts that it takes; empty where it takes a number.</param>
/// <param name="Default">What holds where it is left out; empty where nothing does.</param>
public sealed record MethodOption(string Name, ImmutableArray<string> Values, string Default);
