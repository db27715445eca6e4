using Kneepoint.Reports;

namespace Kneepoint.App;

/// <summary>What a command that explored or read a study prints.</summary>
static class StudyOutput
{
    const int PipedColumns = 120;

    /// <summary>The document itself, or its summary, table and findings and where the files are.</summary>
    public static void Print(string folder, FrontierDocument document, bool asJson)
    {
        if (asJson)
        {
            using var output = Console.OpenStandardOutput();
            output.Write(document.ToJson());
            output.Write("\n"u8);
            return;
        }

        Console.WriteLine(FrontierText.Of(document, Columns()));
        Console.WriteLine();
        Console.WriteLine($"Report: {Path.Combine(folder, "report.html")}");
        Console.WriteLine($"Next:   kneepoint pick {folder} --max-drop 0.01");
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
