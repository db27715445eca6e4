using System.Diagnostics;
using System.Globalization;

namespace Kneepoint.SystemTests;

/// <summary>Runs the executable as a user would: its own process, its own folder, its output captured.</summary>
static class Cli
{
    static readonly string Assembly = Path.Combine(AppContext.BaseDirectory, "Kneepoint.App.dll");

    // A shell lets what it starts in the background ignore SIGINT, and processes pass that on.
    static readonly bool IgnoresInterrupt = OperatingSystem.IsLinux() && File.ReadLines("/proc/self/status")
        .Where(line => line.StartsWith("SigIgn:", StringComparison.Ordinal))
        .Any(line => (ulong.Parse(line.AsSpan(7).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture) & 2) != 0);

    /// <summary>Starts and waits; kills and fails after the time limit.</summary>
    public static CliResult Run(params string[] arguments) => Run(new Dictionary<string, string>(), TimeSpan.FromMinutes(5), arguments);

    /// <summary>Starts in a folder and waits; kills and fails after the time limit.</summary>
    public static CliResult Run(string folder, string[] arguments) => Run(new Dictionary<string, string>(), TimeSpan.FromMinutes(5), folder, arguments);

    /// <summary>Starts with additional environment variables and waits; kills and fails after the time limit.</summary>
    public static CliResult Run(IReadOnlyDictionary<string, string> environment, TimeSpan limit, params string[] arguments) => Run(environment, limit, "", arguments);

    static CliResult Run(IReadOnlyDictionary<string, string> environment, TimeSpan limit, string folder, string[] arguments)
    {
        using var process = StartIn(folder, environment, arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail(string.Create(CultureInfo.InvariantCulture,
                $"kneepoint {string.Join(' ', arguments)} ran longer than {limit.TotalSeconds} s. Its error output: {error.Result}"));
        }

        process.WaitForExit();
        return new CliResult(process.ExitCode, output.Result, error.Result);
    }

    /// <summary>Starts and gives the running process; the caller ends it.</summary>
    public static Process Start(IReadOnlyDictionary<string, string> environment, params string[] arguments) => StartIn("", environment, arguments);

    static Process StartIn(string folder, IReadOnlyDictionary<string, string> environment, string[] arguments)
    {
        var start = new ProcessStartInfo(IgnoresInterrupt ? "env" : "dotnet")
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        if (IgnoresInterrupt)
        {
            start.ArgumentList.Add("--default-signal=INT");
            start.ArgumentList.Add("dotnet");
        }

        start.ArgumentList.Add(Assembly);
        foreach (string argument in arguments) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment) start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }
}

/// <summary>What a run of the executable left behind.</summary>
sealed record CliResult(int ExitCode, string Output, string Error);
