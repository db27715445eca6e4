using System.CommandLine;

namespace Kneepoint.App.Commands;

/// <summary>Lists the methods that variants are made by.</summary>
static class MethodsCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("methods", """
            Lists the methods that variants are made by, one line each; with names, those in full, with their options. With a network, also how many of its
            layers each method can treat, and why it leaves the others. 'kneepoint run --methods a,b' uses only some.

            Example: kneepoint methods prune-channels low-rank --model model.onnx
            """);
        var names = new Argument<string[]>("NAME") { Description = "Methods to show in full", Arity = ArgumentArity.ZeroOrMore };
        var model = new Option<string>("--model") { Description = "An ONNX file whose layers are looked at", HelpName = "MODEL" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(names);
        command.Add(model);
        command.Add(json);
        command.SetAction(parsed =>
        {
            string[] wanted = parsed.GetValue(names) ?? [];
            var list = MethodList.Of(wanted, parsed.GetValue(model));
            if (parsed.GetValue(json)) MethodsJson.Write(list);
            else Console.Write(MethodsText.Of(list, isFull: wanted.Length > 0, StudyOutput.Columns()));
            return ExitCode.Done;
        });
        return command;
    }
}
