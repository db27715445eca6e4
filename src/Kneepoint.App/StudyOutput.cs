using Kneepoint.Reports;

namespace Kneepoint.App;

/// <summary>What a command that explored or read a study prints.</summary>
static class StudyOutput
{
    const int PipedColumns = 120;

    /// <summary>The document itself; or its summary, table, findings, best variants, what to do next and where the files are.</summary>
    /// <param name="folder">The study's folder.</param>
    /// <param name="document">The study.</param>
    /// <param name="asJson">Whether a program reads.</param>
    /// <param name="underBudgets">Prints the best variant under the budgets that were stated; null without budgets.</param>
    public static void Print(string folder, FrontierDocument document, bool asJson, Action? underBudgets = null)
    {
        if (asJson)
        {
            using var output = StandardOutput.Open();
            output.Write(document.ToJson());
            output.Write("\n"u8);
            return;
        }

        Console.WriteLine(FrontierText.Of(document, Columns()));
        if (underBudgets is not null)
        {
            Console.WriteLine("Under the budgets");
            underBudgets();
            Console.WriteLine();
        }

        string shown = CommandWords.Quote(folder);
        // With budgets the command that fits them has just been named.
        var choices = underBudgets is null ? TypicalChoice.Of(document).DistinctBy(choice => choice.Variant.Id).ToList() : [];
        if (choices.Count > 0) Console.WriteLine("Next: write the network that suits you, or state a budget of your own (kneepoint pick --help)");
        foreach (var choice in choices) Console.WriteLine($"  {CommandWords.Program} pick {shown} {choice.PickOptions} --export {choice.ExportName}");
        if (choices.Count > 0) Console.WriteLine($"  {CommandWords.Program} limits {shown}  (how far the variants are from what theory allows; a minute or more)");
        if (choices.Count > 0) Console.WriteLine();
        Console.WriteLine("Files");
        Console.WriteLine($"  {Path.Combine(folder, ReportFiles.ReportFile)}  plots, tables, layers, findings; opens in any browser");
        Console.WriteLine($"  {Path.Combine(folder, "frontier")}.csv .json .svg .png");
        Console.WriteLine($"  {Path.Combine(folder, "variants")}  networks of the frontier, and those best in another figure");
    }

    /// <summary>Cells per line of standard output.</summary>
    public static int Columns()
    {
        try
        {
            return Console.IsOutputRedirected ? PipedColumns : Math.Max(Console.WindowWidth, 80);
        }
        catch (IOException)
        {
            return PipedColumns;
        }
    }
}
