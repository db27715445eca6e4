using System.CommandLine;
using Kneepoint.Studies;

namespace Kneepoint.App.Commands;

/// <summary>The main job on the bundled network and data.</summary>
static class DemoCommand
{
    const int Trials = 32;
    static readonly TimeSpan LatencyTime = TimeSpan.FromMilliseconds(600);

    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("demo", """
            Explores the bundled network, a small classifier of hand-drawn signs, on its bundled data: two to five minutes on two cores.

            Example: kneepoint demo --out demo-study
            """);
        var output = new Option<string>("--out")
        {
            Description = "The study's folder, made if needed",
            HelpName = "DIR",
            DefaultValueFactory = _ => "kneepoint-demo",
        };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(output);
        command.Add(json);
        command.SetAction((parsed, cancellation) =>
        {
            string samples = Path.Combine(AppContext.BaseDirectory, "samples", "glyphs");
            string folder = parsed.GetValue(output)!;
            var settings = new ExplorationSettings { TrialCount = Trials, LatencyTime = LatencyTime };
            using var progress = TerminalProgress.ForProcess();
            var (document, _) = StudyRun.Run(Path.Combine(samples, "glyphs.onnx"), Path.Combine(samples, "data.yaml"), folder, settings, [], progress, cancellation);
            progress.Dispose();
            StudyOutput.Print(folder, document, parsed.GetValue(json));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
