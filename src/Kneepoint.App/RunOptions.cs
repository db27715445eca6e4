using System.Collections.Immutable;
using System.CommandLine;
using Kneepoint.Compression;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>The options that steer an exploration, declared once for the commands that explore.</summary>
sealed class RunOptions
{
    readonly BudgetOptions _budgets;
    readonly Option<string> _objectives = new("--objectives")
    {
        Description = $"Two to four of {string.Join(", ", Objective.Names)} (default: {string.Join(",", Objective.DefaultNames)})",
        HelpName = "LIST",
    };

    readonly Option<string> _trials = new("--trials") { Description = "Variants to measure in all, earlier runs included (default 40)", HelpName = "COUNT" };
    readonly Option<string> _minutes = new("--minutes") { Description = "Begin no trial after so many minutes: 30, 0.5", HelpName = "NUMBER" };
    readonly Option<string> _seed = new("--seed") { Description = "Seed of every random choice (default 1)", HelpName = "NUMBER" };
    readonly Option<string> _threads = new("--threads") { Description = "Threads that latency is measured with (default 1)", HelpName = "COUNT" };
    readonly Option<string> _batch = new("--batch") { Description = "Batch that latency and activations are measured at, and the accuracy of dynamic INT8 (default 1, or what the network fixes)", HelpName = "COUNT" };
    readonly Option<string> _methods = new("--methods") { Description = $"Methods that may be used, of {string.Join(", ", MethodCatalog.Names)} (default: all)", HelpName = "LIST" };

    readonly Option<string> _search = new("--search") { Description = "How recipes are found: exact (by models of cost and accuracy), nsga2 (evolution) or random (default exact)", HelpName = "NAME" };

    readonly Option<bool> _steer = new("--steer-by-time") { Description = "Let profiled and measured times steer where time is an objective or budget: better recipes for this machine, but a seed need not give the same ones again" };

    readonly Option<string> _race = new("--race")
    {
        Description = "Drop variants early that are no better than one that costs no more, as far as the samples can tell, at 99 % confidence: never, repeatable (unless an objective or budget is time or resident memory, so that a seed gives the same trials again; default), always",
        HelpName = "WHEN",
    };

    RunOptions(Command command)
    {
        command.Add(_objectives);
        _budgets = BudgetOptions.AddTo(command);
        foreach (var option in new Option[] { _trials, _minutes, _seed, _threads, _batch, _methods, _search, _race, _steer }) command.Add(option);
    }

    /// <summary>Adds the options to a command.</summary>
    public static RunOptions AddTo(Command command) => new(command);

    /// <summary>Reads and checks every option, before any work.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="knownMethods">Names that --methods may list.</param>
    /// <returns>Settings without budgets, and the budgets, whose direction depends on the metric.</returns>
    /// <exception cref="CommandLineException">An option cannot be obeyed.</exception>
    public (ExplorationSettings Settings, IReadOnlyList<(string Option, double Limit)> Budgets) Read(
        ParseResult parsed, IReadOnlyCollection<string> knownMethods)
    {
        var settings = new ExplorationSettings();
        if (parsed.GetValue(_objectives) is { } objectives) settings = settings with { Objectives = ObjectivesOf(objectives) };
        if (parsed.GetValue(_trials) is { } trials) settings = settings with { TrialCount = Units.ParseWhole("--trials", trials, least: 1) };
        if (parsed.GetValue(_minutes) is { } minutes) settings = settings with { TimeLimit = Minutes(minutes) };
        if (parsed.GetValue(_seed) is { } seed) settings = settings with { Seed = Units.ParseWhole("--seed", seed) };
        if (parsed.GetValue(_threads) is { } threads) settings = settings with { Threads = Units.ParseThreads("--threads", threads) };
        if (parsed.GetValue(_batch) is { } batch) settings = settings with { Batch = Units.ParseWhole("--batch", batch, least: 1), IsBatchStated = true };
        if (parsed.GetValue(_methods) is { } methods) settings = settings with { Methods = MethodsOf(methods, knownMethods) };
        if (parsed.GetValue(_search) is { } search) settings = settings with { Search = SearchOf(search) };
        if (parsed.GetValue(_steer)) settings = settings with { SteersByTime = true };
        if (parsed.GetValue(_race) is { } race) settings = settings with { Racing = RacingOf(race) };
        return (settings, _budgets.Read(parsed));
    }

    static ImmutableArray<string> ObjectivesOf(string text)
    {
        var names = Split(text);
        string? unknown = names.FirstOrDefault(name => !Objective.Names.Contains(name));
        if (unknown is not null) throw new CommandLineException($"--objectives: expected names of {string.Join(", ", Objective.Names)}; found '{unknown}'.");
        bool isDistinct = names.Distinct(StringComparer.Ordinal).Count() == names.Length;
        return names.Length is >= 2 and <= 4 && isDistinct && names.Contains("accuracy")
            ? names
            : throw new CommandLineException($"--objectives: expected two to four different names, accuracy among them; found '{text}'.");
    }

    static ImmutableArray<string> MethodsOf(string text, IReadOnlyCollection<string> known)
    {
        var names = Split(text);
        string? unknown = names.FirstOrDefault(name => !known.Contains(name));
        return names.Length > 0 && unknown is null
            ? names
            : throw new CommandLineException($"--methods: expected names of {string.Join(", ", known)}; found '{unknown ?? text}'.");
    }

    static SearchKind SearchOf(string text) => text switch
    {
        "exact" => SearchKind.Exact,
        "nsga2" => SearchKind.Nsga2,
        "random" => SearchKind.Random,
        _ => throw new CommandLineException($"--search: expected exact, nsga2 or random; found '{text}'."),
    };

    static Racing RacingOf(string text) => text switch
    {
        "never" => Racing.Never,
        "repeatable" => Racing.Repeatable,
        "always" => Racing.Always,
        _ => throw new CommandLineException($"--race: expected never, repeatable or always; found '{text}'."),
    };

    static ImmutableArray<string> Split(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    static TimeSpan Minutes(string text)
    {
        const double Most = 1e6;
        double minutes = Units.ParseNumber("--minutes", text);
        return minutes is > 0 and <= Most
            ? TimeSpan.FromMinutes(minutes)
            : throw new CommandLineException($"--minutes: expected a positive number of minutes, found '{text}'.");
    }
}
