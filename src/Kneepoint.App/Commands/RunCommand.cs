using System.CommandLine;
using Kneepoint.Compression;

namespace Kneepoint.App.Commands;

/// <summary>Explores a network's trade-off.</summary>
static class RunCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("run", """
            Makes compressed variants of a network, measures each one on ONNX Runtime, and writes the study folder: the frontier, the report and the
            variants' files. Run the same command again to go on where it ended. With budgets the search aims at them, and the exit code is 1 if no
            variant meets them all.

            Example: kneepoint run model.onnx --data data.yaml --out study --max-file-bytes 500KB --max-drop 0.01
            """);
        var model = new Argument<string>("MODEL") { Description = "The ONNX file" };
        var data = new Option<string>("--data") { Description = "A data.yaml, or a folder or file that describes itself", HelpName = "DATA", Required = true };
        var output = new Option<string>("--out") { Description = "The study's folder, made if needed", HelpName = "DIR", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(model);
        command.Add(data);
        command.Add(output);
        var options = RunOptions.AddTo(command);
        command.Add(json);
        command.SetAction((parsed, cancellation) =>
        {
            var (settings, limits) = options.Read(parsed, [.. MethodCatalog.Names]);
            string folder = parsed.GetValue(output)!;
            using var progress = TerminalProgress.ForProcess();
            var (document, isMet) = StudyRun.Run(parsed.GetValue(model)!, parsed.GetValue(data)!, folder, settings, limits, progress, cancellation);
            progress.Dispose();
            StudyOutput.Print(folder, document, parsed.GetValue(json), limits.Count == 0 ? null : () => WriteChoice(folder, limits));
            return Task.FromResult(limits.Count > 0 && !isMet ? ExitCode.NotMet : ExitCode.Done);
        });
        return command;
    }

    static void WriteChoice(string folder, IReadOnlyList<(string Option, double Limit)> limits)
    {
        var study = StoredStudy.Read(folder);
        var (choice, goal) = PickCommand.Choose(study, limits);
        PickText.Write(study, choice, goal, limits, minimized: null, isExported: false, PickModel.Of(study, limits, goal, choice));
    }
}
