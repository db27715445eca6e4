using System.CommandLine;
using System.CommandLine.Parsing;
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
            var option = new Option<string>(name) { Description = $"{help}: {Example(unit)}", HelpName = Placeholder(unit) };
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
        }

        return budgets;
    }

    static string Placeholder(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Bytes => "SIZE",
        BudgetUnit.Count => "COUNT",
        BudgetUnit.Milliseconds => "TIME",
        _ => "NUMBER",
    };

    static string Example(BudgetUnit unit) => unit switch
    {
        BudgetUnit.Bytes => "500KB, 1.5MiB",
        BudgetUnit.Count => "20M",
        BudgetUnit.Milliseconds => "3ms, 250us",
        _ => "0.01",
    };
}
