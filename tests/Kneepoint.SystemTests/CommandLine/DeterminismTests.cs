using System.Globalization;
using System.Security.Cryptography;
using Kneepoint.Storage;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>One seed gives the same recipes and the same variants, bit for bit, whatever the threads and the cores.</summary>
/// <remarks>KNEEPOINT_DETERMINISM_TRIALS=40 goes through mixed recipes; a few trials are enough for every change.</remarks>
public sealed class DeterminismTests
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");

    [Fact]
    public void Runs_with_one_seed_make_the_same_variants_on_any_number_of_threads_and_cores()
    {
        using var folder = new TemporaryFolder();
        string first = folder.File("first"), threads = folder.File("threads"), core = folder.File("core");

        var expected = Run(first, "1", cores: null);
        var onThreads = Run(threads, "2", cores: null);
        var onOneCore = Run(core, "1", cores: "1");

        Assert.True(expected.Count >= Trials);
        Assert.Equal(expected, onThreads);
        Assert.Equal(expected, onOneCore);
        Assert.Equal(Trace(first), Trace(threads));
        Assert.Equal(Trace(first), Trace(core));
        Assert.Contains(Trace(first), line => line.StartsWith("probe", StringComparison.Ordinal) && !line.EndsWith("none", StringComparison.Ordinal));
    }

    static int Trials => int.TryParse(Environment.GetEnvironmentVariable("KNEEPOINT_DETERMINISM_TRIALS"), NumberStyles.None, CultureInfo.InvariantCulture, out int trials)
        ? trials
        : 15;

    // Files of variants that leave the frontier are deleted, so each is hashed while the run goes on: it is there, whole, as long as it is measured.
    static SortedDictionary<string, string> Run(string folder, string threads, string? cores)
    {
        var environment = new Dictionary<string, string>();
        if (cores is not null) environment.Add("DOTNET_PROCESSOR_COUNT", cores);
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        using var process = Cli.Start(environment, "run", Path.Combine(Samples, "glyphs.onnx"), "--data", Path.Combine(Samples, "data.yaml"), "--out", folder,
            "--objectives", "accuracy,fileBytes,latency", "--seed", "7", "--threads", threads, "--trials", Trials.ToString(CultureInfo.InvariantCulture),
            "--methods", "static-int8,weight-int4,fp16-weights");
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        bool isLast;
        do
        {
            isLast = process.WaitForExit(TimeSpan.FromMilliseconds(5));
            HashNew(Path.Combine(folder, "variants"), hashes);
        }
        while (!isLast);

        Assert.True(process.ExitCode == 0, error.Result);
        Assert.NotEmpty(output.Result);
        return hashes;
    }

    static void HashNew(string variants, SortedDictionary<string, string> hashes)
    {
        if (!Directory.Exists(variants)) return;
        foreach (string file in Directory.EnumerateFiles(variants, "*.onnx"))
        {
            string id = Path.GetFileNameWithoutExtension(file);
            if (id[0] == '.' || hashes.ContainsKey(id)) continue;
            try
            {
                hashes.Add(id, Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(file))));
            }
            catch (FileNotFoundException)
            {
                // Rejected before it was seen; the others will not have it either, or will.
            }
        }
    }

    // What was tried, in order, what came of it, and what steered it.
    static List<string> Trace(string folder)
    {
        using var store = SqliteStudyStore.OpenExisting(Path.Combine(folder, "study.db"));
        return
        [
            .. store.Trials().Select(trial => $"{trial.Number} {trial.Recipe.Id} {trial.Outcome.GetType().Name} "
                + (trial.Outcome is Kneepoint.Studies.TrialOutcome.Measured measured ? Convert.ToHexStringLower(SHA256.HashData(measured.SampleScores)) : "")),
            .. store.Trials().Select(trial => $"probe of {trial.Recipe.Id}: {Hex(store.Get($"probe/{trial.Recipe.Id}"))}"),
            $"activations: {Hex(store.Get("activation-statistics"))}",
        ];
    }

    static string Hex(byte[]? bytes) => bytes is null ? "none" : Convert.ToHexStringLower(SHA256.HashData(bytes));
}
