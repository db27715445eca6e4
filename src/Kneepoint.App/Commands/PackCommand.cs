using System.CommandLine;
using Kneepoint.Coding;
using Kneepoint.Studies;

namespace Kneepoint.App.Commands;

/// <summary>Packs a network into the fewest bytes.</summary>
static class PackCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("pack", """
            Packs an ONNX network for storage and download. Without data: the same network, bit for bit, in fewer bytes than general compressors
            need, since the graph and each tensor are coded as what they are. With data: weights become whole multiples of a step per layer at one
            price for a bit, and the price is sought at which the network meets a limit; it computes in float as before. The packed file is opened
            again and compared before it is written. Weights in files beside the model are taken from its own folder and moved into the packed file.
            If no price meets the limit, nothing is written and the exit code is 1.

            Example: kneepoint pack model.onnx -o model.knp
            Example: kneepoint pack model.onnx --data data.yaml --max-drop 0.01 -o small.knp
            Example: kneepoint pack model.onnx --data data.yaml --target-bytes 100KB -o small.knp
            """);
        var model = new Argument<string>("MODEL") { Description = "The ONNX file" };
        var output = new Option<string>("--output", "-o") { Description = "The packed file, replaced if it exists", HelpName = "FILE.knp", Required = true };
        var lossless = new Option<bool>("--lossless") { Description = "Without loss, which is what happens without --data" };
        var data = new Option<string>("--data") { Description = "Samples to calibrate and to evaluate with; goes with one of the three limits", HelpName = "DATA" };
        var drop = new Option<string>("--max-drop") { Description = "The fewest bytes that lose at most so much of the metric, in its own unit: 0.01", HelpName = "LOSS" };
        var bytes = new Option<string>("--target-bytes") { Description = "The least loss in at most so many bytes: 100KB", HelpName = "SIZE" };
        var bits = new Option<string>("--bits-per-weight") { Description = "The least loss in at most so many bits of the whole file for a weight: 2.5", HelpName = "NUMBER" };
        var code = new Option<string>("--code") { Description = "How numbers are coded: mixing, the fewest bytes (default); adaptive, opened 2 to 6 times as fast in up to 5 % more; static, 2 to 17 times as fast for floats and more for weights of few bits, in up to 15 % more, small networks in up to a third", HelpName = "NAME" };
        var seed = new Option<string>("--seed") { Description = "Seed of every random choice (default 1)", HelpName = "NUMBER" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(model);
        foreach (var option in new Option[] { output, lossless, data, drop, bytes, bits, code, seed, json }) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            var goal = GoalOf(parsed.GetValue(drop), parsed.GetValue(bytes), parsed.GetValue(bits), parsed.GetValue(data), parsed.GetValue(lossless));
            int seedNumber = parsed.GetValue(seed) is { } text ? Units.ParseWhole("--seed", text) : 1;
            var settings = new PackingSettings { Code = CodeOf(parsed.GetValue(code)), Threads = Environment.ProcessorCount };
            using var progress = TerminalProgress.ForProcess();
            var (file, target) = (parsed.GetValue(model)!, parsed.GetValue(output)!);
            Packing? packing;
            IReadOnlyList<PricedNetwork> tried = [];
            if (goal is null) packing = Packing.Lossless(file, target, settings, progress, cancellation);
            else (packing, tried) = Packing.Lossy(file, target, parsed.GetValue(data)!, goal, seedNumber, settings, progress, cancellation);
            progress.Dispose();
            if (packing is null)
            {
                Console.Error.WriteLine(PackText.NotMet(goal!, tried));
                if (parsed.GetValue(json)) PackJson.WriteNotMet(file, tried);
                return Task.FromResult(ExitCode.NotMet);
            }

            if (parsed.GetValue(json)) PackJson.Write(packing);
            else Console.Write(PackText.Of(packing, StudyOutput.Columns()));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    static NumberCode CodeOf(string? name) => name switch
    {
        null or "mixing" => NumberCode.Mixing,
        "adaptive" => NumberCode.Adaptive,
        "static" => NumberCode.Static,
        _ => throw new CommandLineException($"--code: expected mixing, adaptive or static, found '{name}'."),
    };

    // Null without loss.
    static PackGoal? GoalOf(string? drop, string? bytes, string? bits, string? data, bool isLossless)
    {
        (string Name, string? Text)[] all = [("--max-drop", drop), ("--target-bytes", bytes), ("--bits-per-weight", bits)];
        string[] limits = [.. all.Where(limit => limit.Text is not null).Select(limit => limit.Name)];
        if (isLossless && (limits.Length > 0 || data is not null)) throw new CommandLineException($"--lossless: does not go with {(limits.Length > 0 ? limits[0] : "--data")}.");
        if (data is null && limits.Length > 0) throw new CommandLineException($"{limits[0]}: needs --data, the samples that tell what a change of the weights costs.");
        if (data is null) return null;
        if (limits.Length != 1) throw new CommandLineException($"--data: expected one of --max-drop, --target-bytes and --bits-per-weight with it, found {(limits.Length == 0 ? "none" : string.Join(" and ", limits))}.");
        if (drop is not null)
        {
            double loss = Units.ParseNumber("--max-drop", drop);
            return loss >= 0 ? new PackGoal(loss, null, null) : throw new CommandLineException($"--max-drop: expected a loss of at least 0 in the metric's own unit, found '{drop}'.");
        }

        if (bytes is not null) return new PackGoal(null, Units.ParseBytes("--target-bytes", bytes), null);
        double number = Units.ParseNumber("--bits-per-weight", bits!);
        return number > 0 ? new PackGoal(null, null, number) : throw new CommandLineException($"--bits-per-weight: expected a number above 0, found '{bits}'.");
    }
}
