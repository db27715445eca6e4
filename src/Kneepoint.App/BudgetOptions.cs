using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>The budget options of a command, declared once for all commands that take them.</summary>
sealed class BudgetOptions
{
    readonly List<(string Name, BudgetUnit Unit, Option<string> Option)> _options = [];

    /// <summary>Adds the options to a command.</summary>
    public static BudgetOptions AddTo(Command command)
    {
        var budgets = new BudgetOptions();
        foreach (var (name, unit, help) in Budget.Options)
        {
            var option = new Option<string>(name) { Description = $"{help}: {Example(name, unit)}", HelpName = Placeholder(unit) };
            budgets._options.Add((name, unit, option));
            command.Add(option);
        }

        return budgets;
    }

    /// <summary>Checks the numbers as soon as they are known, before any work.</summary>
    /// <exception cref="CommandLineException">A number or its unit is wrong.</exception>
    public IReadOnlyList<(string Option, double Limit)> Read(ParseResult parsed)
    {
        var budgets = new List<(string, double)>();
        foreach (var (name, unit, option) in _options)
        {
            if (parsed.GetResult(option) is not OptionResult || parsed.GetValue(option) is not { } text) continue;
            budgets.Add((name, unit switch
            {
                BudgetUnit.Bytes => Units.ParseBytes(name, text),
                BudgetUnit.Count => Units.ParseCount(name, text),
                BudgetUnit.Milliseconds => Units.ParseMilliseconds(name, text),
                _ => Units.ParseNumber(name, text),
            }));
            if (name == "--max-drop" && budgets[^1].Item2 < 0)
            {
                throw new CommandLineException($"--max-drop: expected a loss of at least 0 in the metric's own unit, found '{text}'; for a gain state --min-accuracy.");
            }
        }

        return budgets;
    }

    /// <summary>Checks the budgets on the metric against the values that it can have.</summary>
    /// <exception cref="CommandLineException">No variant could ever break or meet a budget, as with 96 for 0.96.</exception>
    public static void CheckRange(IReadOnlyList<(string Option, double Limit)> budgets, string metric)
    {
        if (metric is not ("top1" or "top5" or "auc" or "f1" or "fidelity")) return;
        foreach (var (option, limit) in budgets)
        {
            if (option is not ("--min-accuracy" or "--max-drop") || limit is >= 0 and <= 1) continue;
            string example = option == "--max-drop" ? "0.01 is one percentage point" : "0.96, not 96, is 96 %";
            throw new CommandLineException(string.Create(CultureInfo.InvariantCulture, $"{option}: expected 0 to 1, for {metric} is a share ({example}); found '{limit}'."));
        }
    }

    /// <summary>Budgets as options that can be typed again.</summary>
    public static string Typed(IEnumerable<(string Option, double Limit)> budgets) => string.Join(' ', budgets.Select(budget =>
        $"{budget.Option} {Units.Shortest(budget.Limit, Budget.Options.First(option => option.Option == budget.Option).Unit)}"));

    static string Placeholder(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Bytes => "SIZE",
        BudgetUnit.Count => "COUNT",
        BudgetUnit.Milliseconds => "TIME",
        _ => "NUMBER",
    };

    static string Example(string name, BudgetUnit unit) => unit switch
    {
        BudgetUnit.Bytes => "500KB (1000 bytes), 1.5MiB (1024 × 1024 bytes)",
        BudgetUnit.Count => "20M (K, M or G)",
        BudgetUnit.Milliseconds => "3ms, 250us, 1.5s",
        _ when name == "--min-accuracy" => "0.9 is 90 % of the samples where the metric is a share of them",
        _ => "0.01 is one percentage point where the metric is a share of the samples",
    };
}
