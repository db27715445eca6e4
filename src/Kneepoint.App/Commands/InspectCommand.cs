using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Kneepoint.Onnx.Shapes;

namespace Kneepoint.App.Commands;

/// <summary>Shows what a network stores and computes.</summary>
static class InspectCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("inspect", """
            Shows what a network stores and computes for one run, node by node and in all: parameters, bytes of weights and activations,
            multiply-accumulates (MACs), bit operations; and what the counts leave out, by name. Needs no data: the network runs on zeros where
            its shapes do not follow from rules. Sizes that the network leaves free are 1 unless stated. Of a packed file (see 'kneepoint pack') also where
            its bytes go: to the graph, and to each tensor, in bits per number.

            Example: kneepoint inspect model.onnx --batch 1 --shape tokens=1x128
            Example: kneepoint inspect model.knp
            """);
        var model = new Argument<string>("MODEL") { Description = "The ONNX file, or a packed one" };
        var batch = new Option<string>("--batch") { Description = "The size of a free first dimension (default 1)", HelpName = "COUNT" };
        var shape = new Option<string[]>("--shape") { Description = "The shape of an input that leaves sizes free: NAME=1x3x224x224; may be given again", HelpName = "NAME=SIZES" };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(model);
        foreach (var option in new Option[] { batch, shape, json }) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            var sizes = new InputShapes
            {
                Batch = parsed.GetValue(batch) is { } text ? Units.ParseWhole("--batch", text, least: 1) : 1,
                Inputs = (parsed.GetValue(shape) ?? []).Select(Shape).ToImmutableDictionary(StringComparer.Ordinal),
            };
            string file = parsed.GetValue(model)!;
            if (PackedFile.Is(file)) InspectPacked(file, sizes, parsed.GetValue(json), cancellation);
            else if (parsed.GetValue(json)) InspectJson.Write(Inspection.Of(file, sizes));
            else Console.Write(InspectText.Of(Inspection.Of(file, sizes), StudyOutput.Columns()));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    static void InspectPacked(string file, InputShapes sizes, bool asJson, CancellationToken cancellation)
    {
        PackedInspection inspection;
        using (var progress = TerminalProgress.ForProcess()) inspection = PackedInspection.Of(file, sizes, progress, cancellation);
        if (asJson) PackedJson.Write(inspection);
        else Console.Write(PackedText.Of(inspection, StudyOutput.Columns()));
    }

    // An input's name may hold anything; sizes do not hold an equals sign.
    static KeyValuePair<string, ImmutableArray<long>> Shape(string text)
    {
        int split = text.LastIndexOf('=');
        var sizes = ImmutableArray.CreateBuilder<long>();
        foreach (string size in split > 0 ? text[(split + 1)..].Split('x') : [])
        {
            if (!long.TryParse(size, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number < 1)
            {
                sizes.Clear();
                break;
            }

            sizes.Add(number);
        }

        return sizes.Count > 0
            ? KeyValuePair.Create(text[..split], sizes.ToImmutable())
            : throw new CommandLineException($"--shape: expected NAME=SIZES such as input=1x3x224x224, found '{text}'.");
    }
}
