using System.CommandLine;
using System.Diagnostics;
using System.Text.Json;
using Kneepoint.Reports;

namespace Kneepoint.App.Commands;

/// <summary>Makes an ONNX file of a packed network.</summary>
static class UnpackCommand
{
    /// <summary>Declares the command.</summary>
    public static Command Create()
    {
        var command = new Command("unpack", """
            Makes an ONNX file of a packed network: byte for byte the one that was packed, which checksums make sure of.

            Example: kneepoint unpack model.knp -o model.onnx
            """);
        var packed = new Argument<string>("FILE.knp") { Description = "The packed file" };
        var output = new Option<string>("--output", "-o") { Description = "The ONNX file, replaced if it exists", HelpName = "MODEL", Required = true };
        var json = new Option<bool>("--json") { Description = "One JSON document on standard output" };
        command.Add(packed);
        foreach (var option in new Option[] { output, json }) command.Add(option);
        command.SetAction((parsed, cancellation) =>
        {
            string file = parsed.GetValue(packed)!, model = parsed.GetValue(output)!;
            if (file.Length > 0) PackedFile.CheckOutput(model, [file]);
            long start = Stopwatch.GetTimestamp(), packedBytes, modelBytes;
            using (var progress = TerminalProgress.ForProcess())
            {
                byte[] opened = PackedFile.Open(file, new PackingMeter(progress, "unpacked"), cancellation);
                AtomicFile.Write(model, opened);
                (packedBytes, modelBytes) = (PackedFile.FileBytes(file), opened.Length);
            }

            double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (parsed.GetValue(json)) Write(file, model, packedBytes, modelBytes, seconds);
            else Console.WriteLine(Format.Plain($"{file} → {model}: {Format.Bytes(packedBytes)} → {Format.Bytes(modelBytes)} in {Format.Duration(seconds)}, with the checksum of the network that was packed."));
            return Task.FromResult(ExitCode.Done);
        });
        return command;
    }

    static void Write(string packed, string model, long packedBytes, long modelBytes, double seconds)
    {
        using var output = StandardOutput.Open();
        using (var json = new Utf8JsonWriter(output, InspectJson.Options))
        {
            json.WriteStartObject();
            json.WriteString("kneepoint", InspectJson.ProgramVersion);
            json.WriteString("packed", packed);
            json.WriteString("model", model);
            json.WriteNumber("packedBytes", packedBytes);
            json.WriteNumber("modelBytes", modelBytes);
            json.WriteNumber("seconds", seconds);
            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }
}
