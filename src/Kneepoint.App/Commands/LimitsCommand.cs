using System.CommandLine;
using Kneepoint.Imaging;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Reports;

namespace Kneepoint.App.Commands;

/// <summary>What theory says of a study's variants.</summary>
static class LimitsCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("limits", """
            Says what theory allows beside what a study has measured: description lengths, guaranteed errors, lower limits on size, the distance of the
            packed weights to an ideal code, the frontier that noise alone would leave, and how well losses could be predicted. Each figure is TRUE,
            CONDITIONAL or an ESTIMATE, and says under which assumptions. Takes some minutes the first time; the study keeps the result for its report.

            Example: kneepoint limits study
            """);
        var folder = new Argument<string>("DIR") { Description = "The folder of a study" };
        var model = new Option<string>("--model") { Description = "The study's ONNX file, where it was moved", HelpName = "MODEL" };
        var data = new Option<string>("--data") { Description = "The study's data, where they were moved", HelpName = "DATA" };
        var train = new Option<string>("--train") { Description = "Data whose evaluation samples are samples that the network was trained on", HelpName = "DATA" };
        var again = new Option<bool>("--again") { Description = "Compute even if the study has the limits of all its variants" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(folder);
        foreach (var option in new Option[] { model, data, train, again, json }) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            var request = new LimitsRequest(parsed.GetValue(folder)!, parsed.GetValue(model), parsed.GetValue(data), parsed.GetValue(train), parsed.GetValue(again));
            StudyLimits limits;
            using (var progress = TerminalProgress.ForProcess()) limits = LimitsRun.Of(request, progress, cancellation);
            var study = StoredStudy.Read(request.Folder);
            var document = study.Document();
            ReportFiles.WriteReports(study.Folder, document, drawn => PngCanvas.Draw(drawn), study.Limits, study.Model);
            if (parsed.GetValue(json)) LimitsJson.Write(limits);
            else LimitsText.Write(document, limits, request.Folder);
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
