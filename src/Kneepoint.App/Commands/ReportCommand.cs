using System.CommandLine;
using Kneepoint.Imaging;
using Kneepoint.Reports;

namespace Kneepoint.App.Commands;

/// <summary>Rebuilds a study's report, plots and tables from its trials.</summary>
static class ReportCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("report", """
            Rebuilds report.html, the plots and the tables of a study from its stored trials, and prints the frontier.

            Example: kneepoint report study
            """);
        var folder = new Argument<string>("DIR") { Description = "The folder of a study" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(folder);
        command.Add(json);
        command.SetAction(parsed =>
        {
            var study = StoredStudy.Read(parsed.GetValue(folder)!);
            var document = study.Document();
            ReportFiles.WriteReports(study.Folder, document, drawn => PngCanvas.Draw(drawn), study.Limits, study.Model);
            StudyOutput.Print(study.Folder, document, parsed.GetValue(json));
            return ExitCode.Done;
        });
        return command;
    }
}
