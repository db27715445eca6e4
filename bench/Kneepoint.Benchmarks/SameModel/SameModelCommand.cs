using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Kneepoint.Benchmarks.SameModel;

/// <summary>
/// Measures a model against itself again and again, each time in a process of its own: <c>same MODEL DATA [RUNS] [BUSY] [OPTIONS…]</c>. BUSY threads compute
/// meanwhile, as other work on the machine would; the options go to <c>kneepoint measure</c>.
/// </summary>
static class SameModelCommand
{
    /// <summary>The command's name.</summary>
    public const string Name = "same";

    const int DefaultRuns = 20;

    // One wrong word in twenty is the most that the promise allows.
    const double LeastShare = 0.95;

    /// <summary>Runs and counts.</summary>
    /// <returns>0 if in 19 of 20 runs neither accuracy nor latency is distinguishable, else 1.</returns>
    public static int Run(string[] arguments)
    {
        if (arguments.Length < 2)
        {
            Console.Error.WriteLine("Expected: same MODEL DATA [RUNS] [BUSY] [OPTIONS…]");
            return 2;
        }

        int runs = arguments.Length > 2 ? Whole(arguments[2]) : DefaultRuns, busy = arguments.Length > 3 ? Whole(arguments[3]) : 0;
        using var load = new BusyThreads(busy);
        int sameAccuracy = 0, sameLatency = 0, covering = 0;
        for (int run = 0; run < runs; run++)
        {
            using var document = Measure(arguments[0], arguments[1], arguments.Length > 4 ? arguments[4..] : []);
            var model = document.RootElement.GetProperty("models")[1];
            var compute = model.GetProperty("compute");
            var ratio = compute.GetProperty("latencyRatio");
            double value = ratio.GetProperty("value").GetDouble(), low = ratio.GetProperty("low").GetDouble(), high = ratio.GetProperty("high").GetDouble();
            string[] codes = [.. model.GetProperty("findings").EnumerateArray().Select(finding => finding.GetProperty("code").GetString()!)];
            bool isSameAccuracy = codes.Contains("accuracy-not-distinguishable"), isSameLatency = codes.Contains("latency-not-distinguishable");
            sameAccuracy += isSameAccuracy ? 1 : 0;
            sameLatency += isSameLatency ? 1 : 0;
            covering += low <= 1 && 1 <= high ? 1 : 0;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{run + 1,3}  accuracy {(isSameAccuracy ? "not distinguishable" : "DISTINGUISHABLE")}  latency {(isSameLatency ? "not distinguishable" : "DISTINGUISHABLE")}  ratio {value:F4} [{low:F4}, {high:F4}]  {compute.GetProperty("latencyMilliseconds").GetProperty("value").GetDouble():G4} ms{(codes.Contains("machine-noisy") ? "  other work disturbed the runs" : "")}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"not distinguishable: accuracy in {sameAccuracy} of {runs}, latency in {sameLatency} of {runs}; the 95 % interval of the ratio holds 1 in {covering} of {runs}"));
        return Math.Min(sameAccuracy, sameLatency) >= LeastShare * runs ? 0 : 1;
    }

    static JsonDocument Measure(string model, string data, string[] options)
    {
        // The executable lies beside this one, in the same configuration.
        string configuration = Path.GetFileName(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        string assembly = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "..", "..", "Kneepoint.App", configuration, "Kneepoint.App.dll"));
        string[] arguments = [assembly, "measure", model, "--against", model, "--data", data, "--json", .. options];
        var start = new ProcessStartInfo("dotnet", arguments) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? JsonDocument.Parse(output) : throw new InvalidOperationException($"kneepoint measure ended with code {process.ExitCode}.");
    }

    static int Whole(string text) => int.Parse(text, NumberStyles.None, CultureInfo.InvariantCulture);

    /// <summary>Other work, until disposal.</summary>
    sealed class BusyThreads : IDisposable
    {
        volatile bool _isOver;

        public BusyThreads(int count)
        {
            for (int i = 0; i < count; i++) new Thread(Compute) { IsBackground = true }.Start();
        }

        public void Dispose() => _isOver = true;

        // Bursts of a few milliseconds over 8 MiB, with pauses: takes the processor and the caches away at moments that nobody knows.
        void Compute()
        {
            double[] memory = new double[1 << 20];
            for (long round = 0; !_isOver; round++)
            {
                for (int i = 0; i < memory.Length; i++) memory[i] = memory[i] * 0.5 + round;
                if (round % 7 == 0) Thread.Sleep(3);
            }
        }
    }
}
