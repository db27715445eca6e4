using System.CommandLine;
using System.Globalization;
using Kneepoint.Studies;

namespace Kneepoint.App.Commands;

/// <summary>Measures network files.</summary>
static class MeasureCommand
{
    // Longer than for the many variants of a study: here the figure itself is what is asked for.
    static readonly TimeSpan LatencyTime = TimeSpan.FromSeconds(3);

    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("measure", """
            Measures network files on data as a study measures its variants: accuracy, memory, operations and latency, each with its interval and
            what to know before trusting it. With --against the change of accuracy is paired on the same samples, and the two networks are timed in
            turn. The files may be of any origin, as long as they take the same inputs.

            Example: kneepoint measure int8.onnx --data data.yaml --against model.onnx
            """);
        var models = new Argument<string[]>("MODEL") { Description = "One ONNX file or, with --against, several", Arity = ArgumentArity.OneOrMore };
        var data = new Option<string>("--data") { Description = "A data.yaml, or a folder or file that describes itself", HelpName = "DATA", Required = true };
        var against = new Option<string>("--against") { Description = "The ONNX file to compare with", HelpName = "BASELINE" };
        var threads = new Option<string>("--threads") { Description = "Threads that latency is measured with (default 1)", HelpName = "COUNT" };
        var batch = new Option<string>("--batch") { Description = "Batch that latency and activations are measured at, and the accuracy of dynamic INT8 (default 1, or what the network fixes)", HelpName = "COUNT" };
        var seed = new Option<string>("--seed") { Description = "Seed of splits and intervals (default 1)", HelpName = "NUMBER" };
        var time = new Option<string>("--latency-time") { Description = "Time for the latency of each file: 500ms, 10s (default 3s)", HelpName = "TIME" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(models);
        foreach (var option in new Option[] { data, against, threads, batch, seed, time, json }) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            string[] files = parsed.GetValue(models)!;
            string? baseline = parsed.GetValue(against);
            if (files.Length > 1 && baseline is null)
            {
                throw new CommandLineException(string.Create(CultureInfo.InvariantCulture, $"--against: expected the file that the {files.Length} models are compared with, found none."));
            }

            var settings = new ExplorationSettings
            {
                Threads = parsed.GetValue(threads) is { } count ? Units.ParseThreads("--threads", count) : 1,
                Seed = parsed.GetValue(seed) is { } number ? Units.ParseWhole("--seed", number) : 1,
                LatencyTime = parsed.GetValue(time) is { } text ? Time(text) : LatencyTime,
            };
            int? samples = parsed.GetValue(batch) is { } size ? Units.ParseWhole("--batch", size, least: 1) : null;
            using var progress = TerminalProgress.ForProcess();
            var measured = Measuring.Run(files, baseline, parsed.GetValue(data)!, settings, samples, progress, cancellation);
            progress.Dispose();
            if (parsed.GetValue(json)) MeasureJson.Write(measured);
            else Console.Write(MeasureText.Of(measured, StudyOutput.Columns()));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    static TimeSpan Time(string text)
    {
        const double Most = 3.6e6;
        double milliseconds = Units.ParseMilliseconds("--latency-time", text);
        return milliseconds is > 0 and <= Most
            ? TimeSpan.FromMilliseconds(milliseconds)
            : throw new CommandLineException($"--latency-time: expected more than nothing and at most 3600s, found '{text}'.");
    }
}
