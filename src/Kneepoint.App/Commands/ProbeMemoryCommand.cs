using System.CommandLine;
using Kneepoint.OnnxRuntime;

namespace Kneepoint.App.Commands;

/// <summary>The command that this program calls in a child of its own to measure the resident memory of a network; users do not see it.</summary>
static class ProbeMemoryCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "probe-memory";

    /// <summary>A probe whose children are this program.</summary>
    public static ResidentMemoryProbe ProbeOfThisProgram()
    {
        string program = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this program is not known.");
        // Started as "dotnet Kneepoint.App.dll", the process is the host, which needs to be told the assembly.
        bool isHost = Path.GetFileNameWithoutExtension(program).Equals("dotnet", StringComparison.OrdinalIgnoreCase);
        string assembly = Path.Combine(AppContext.BaseDirectory, typeof(ProbeMemoryCommand).Assembly.GetName().Name + ".dll");
        return new ResidentMemoryProbe(program, isHost ? [assembly, Name] : [Name]);
    }

    /// <summary>Makes the command.</summary>
    public static Command Create()
    {
        var model = new Argument<string>("MODEL") { Description = "The model's path" };
        var inputs = new Argument<string>("INPUTS") { Description = "The inputs, as the calling process wrote them" };
        var threads = new Option<int>("--threads") { Description = "Threads within one operator", DefaultValueFactory = _ => 1 };
        var command = new Command(Name, "Writes the peak of resident bytes of a process that loads and runs the model") { model, inputs, threads };
        command.Hidden = true;
        command.SetAction(parsed =>
        {
            ResidentMemoryProbe.RunChild(parsed.GetRequiredValue(model), parsed.GetRequiredValue(inputs), parsed.GetValue(threads), Console.Out);
            return ExitCode.Done;
        });
        return command;
    }
}
