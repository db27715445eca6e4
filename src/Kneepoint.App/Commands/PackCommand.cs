using System.CommandLine;

namespace Kneepoint.App.Commands;

/// <summary>Packs a network into the fewest bytes.</summary>
static class PackCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("pack", """
            Packs an ONNX network for storage and download: the same network, bit for bit, in fewer bytes than general compressors need, since
            the graph and each tensor are coded as what they are. The packed file is opened again and compared before it is written. Weights
            in files beside the model are taken from its own folder and moved into the packed file.

            Example: kneepoint pack model.onnx -o model.knp
            """);
        var model = new Argument<string>("MODEL") { Description = "The ONNX file" };
        var output = new Option<string>("--output", "-o") { Description = "The packed file, replaced if it exists", HelpName = "FILE.knp", Required = true };
        var lossless = new Option<bool>("--lossless") { Description = "Without loss; so far the only way, and the default" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(model);
        foreach (var option in new Option[] { output, lossless, json }) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            using var progress = TerminalProgress.ForProcess();
            var packing = Packing.Lossless(parsed.GetValue(model)!, parsed.GetValue(output)!, progress, cancellation);
            progress.Dispose();
            if (parsed.GetValue(json)) PackJson.Write(packing);
            else Console.Write(PackText.Of(packing, StudyOutput.Columns()));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }
}
