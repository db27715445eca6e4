using System.Diagnostics;
using System.Globalization;
using Kneepoint.Storage;
using Kneepoint.Studies;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>A disk that is full ends a command with one sentence and exit code 2; nothing is lost, and nothing half-written stays.</summary>
/// <remarks>The disk is a file system in memory that only the process under test sees, so no privilege is needed where the system allows that at all.</remarks>
public sealed class FullDiskTests(StudyFolderTests.SmallStudy small) : IClassFixture<StudyFolderTests.SmallStudy>, IDisposable
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    static readonly string Model = Path.Combine(Samples, "glyphs.onnx");
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_run_on_a_disk_that_gets_full_keeps_its_trials_and_goes_on_when_there_is_room()
    {
        // Room for the baseline and one variant, each with its packed file, not for the next one.
        var result = OnDisk("900k", """
            kneepoint run "$MODEL" --data "$DATA" --out "$DISK/study" --trials 3 > "$OUT/first.txt" 2> "$OUT/first.err"; first=$?
            cp "$DISK/study/study.db" "$OUT/before.db"
            find "$DISK" -name '*.tmp*' > "$OUT/left.txt"
            mount -o remount,size=50m tmpfs "$DISK"
            kneepoint run "$MODEL" --data "$DATA" --out "$DISK/study" --trials 3 > "$OUT/second.txt" 2> "$OUT/second.err"; second=$?
            cp "$DISK/study/study.db" "$OUT/after.db"
            echo $first $second
            """);

        Assert.Equal("2 0", result);
        Assert.Empty(Read("first.txt"));
        Assert.Empty(Read("left.txt"));
        string sentence = Assert.Single(Read("first.err").Trim().Split('\n'), line => line.StartsWith("kneepoint run:", StringComparison.Ordinal));
        Assert.Contains("the disk is full", sentence, StringComparison.Ordinal);
        var before = Trials("before.db");
        var after = Trials("after.db");
        Assert.InRange(before.Length, 1, 2);
        Assert.All(before, trial => Assert.IsType<TrialOutcome.Measured>(trial.Outcome));
        Assert.Equal(3, after.Length);
        Assert.Equal(before.Select(trial => (trial.Recipe.Id, trial.Seconds)), after.Take(before.Length).Select(trial => (trial.Recipe.Id, trial.Seconds)));
    }

    [Fact]
    public void A_full_folder_for_temporary_files_is_no_failure_of_the_network()
    {
        string result = OnDisk("16k", """
            export TMPDIR="$DISK"
            kneepoint run "$MODEL" --data "$DATA" --out "$OUT/study" --trials 2 > "$OUT/run.txt" 2> "$OUT/run.err"; run=$?
            kneepoint measure "$MODEL" --data "$DATA" --latency-time 50ms > "$OUT/measure.txt" 2> "$OUT/measure.err"
            echo $run $?
            """);

        Assert.Equal("2 2", result);
        foreach (string command in new[] { "run", "measure" })
        {
            Assert.Empty(Read($"{command}.txt"));
            Assert.Contains("cannot write into the folder for temporary files", Read($"{command}.err"), StringComparison.Ordinal);
        }

        Assert.Empty(Trials("study/study.db"));
    }

    [Fact]
    public void An_export_or_a_report_that_does_not_fit_leaves_what_was_there()
    {
        // Room for the study and little more.
        long bytes = Directory.EnumerateFiles(small.Folder, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);
        string result = OnDisk(string.Create(CultureInfo.InvariantCulture, $"{bytes + 300_000}"), $"""
            cp -r "{small.Folder}" "$DISK/study" && echo old > "$DISK/export.onnx"
            head -c 5000000 /dev/zero > "$DISK/fill" 2> /dev/null
            kneepoint pick "$DISK/study" --export "$DISK/export.onnx" > "$OUT/pick.txt" 2> "$OUT/pick.err"; pick=$?
            kneepoint report "$DISK/study" > "$OUT/report.txt" 2> "$OUT/report.err"; report=$?
            cmp "$DISK/study/frontier.json" "{small.Folder}/frontier.json" && cmp "$DISK/study/study.db" "{small.Folder}/study.db" && cat "$DISK/export.onnx"
            find "$DISK" -name '*.tmp*'
            echo $pick $report
            """);

        Assert.Equal("old\n2 2", result);
        Assert.Empty(Read("pick.txt"));
        Assert.Empty(Read("report.txt"));
        Assert.EndsWith("export.onnx' cannot be written: the disk is full.", Read("pick.err").Trim(), StringComparison.Ordinal);
        Assert.EndsWith("frontier.json' cannot be written: the disk is full.", Read("report.err").Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_packed_or_unpacked_network_that_does_not_fit_leaves_what_was_there()
    {
        string result = OnDisk("16k", """
            kneepoint pack "$MODEL" -o "$OUT/glyphs.knp" > "$OUT/first.txt"
            echo old > "$DISK/glyphs.knp" && echo old > "$DISK/glyphs.onnx"
            kneepoint pack "$MODEL" -o "$DISK/glyphs.knp" > "$OUT/pack.txt" 2> "$OUT/pack.err"; pack=$?
            kneepoint unpack "$OUT/glyphs.knp" -o "$DISK/glyphs.onnx" > "$OUT/unpack.txt" 2> "$OUT/unpack.err"; unpack=$?
            cat "$DISK/glyphs.knp" "$DISK/glyphs.onnx"
            find "$DISK" -name '*.tmp*'
            echo $pack $unpack
            """);

        Assert.Equal("old\nold\n2 2", result);
        foreach (var (command, file) in new[] { ("pack", "glyphs.knp"), ("unpack", "glyphs.onnx") })
        {
            Assert.Empty(Read($"{command}.txt"));
            Assert.EndsWith($"{file}' cannot be written: the disk is full.", Read($"{command}.err").Trim(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_run_that_meets_the_limit_on_the_size_of_files_says_so()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no limit on the size of files.");
        string result = Bash("""
            ulimit -f 100
            kneepoint run "$MODEL" --data "$DATA" --out "$OUT/study" --trials 1 > "$OUT/run.txt" 2> "$OUT/run.err"
            echo $?
            """, "bash", "-c");

        Assert.Equal("2", result);
        Assert.Empty(Read("run.txt"));
        Assert.Contains("cannot be written: it would pass the limit on the size of files.", Read("run.err"), StringComparison.Ordinal);
        Assert.Empty(Trials("study/study.db"));
        Assert.Empty(Directory.EnumerateFiles(_folder.File("study/variants")));
    }

    [Fact]
    public void An_export_that_meets_the_limit_on_the_size_of_files_leaves_nothing_behind()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no limit on the size of files.");
        string result = Bash($"""
            ulimit -f 50
            kneepoint pick "{small.Folder}" --export "$OUT/export.onnx" > "$OUT/pick.txt" 2> "$OUT/pick.err"
            echo $?
            """, "bash", "-c");

        Assert.Equal("2", result);
        Assert.Empty(Read("pick.txt"));
        Assert.Contains("export.onnx' cannot be written: it would pass the limit on the size of files.", Read("pick.err"), StringComparison.Ordinal);
        Assert.DoesNotContain(Directory.EnumerateFiles(_folder.Path), file => file.Contains("export", StringComparison.Ordinal));
    }

    string Read(string name) => File.ReadAllText(_folder.File(name));

    Trial[] Trials(string database)
    {
        using var store = SqliteStudyStore.OpenExisting(_folder.File(database));
        return [.. store.Trials()];
    }

    string OnDisk(string size, string script)
    {
        string disk = Directory.CreateDirectory(_folder.File("disk")).FullName;
        string[] own = ["unshare", "--user", "--map-root-user", "--mount", "bash", "-c"];
        Assert.SkipUnless(OperatingSystem.IsLinux() && Succeeds([.. own, $"mount -t tmpfs -o size=16k tmpfs '{disk}'"]), "This system lets no user mount a file system.");
        return Bash($"mount -t tmpfs -o size={size} tmpfs \"$DISK\"\n{script}", own);
    }

    string Bash(string script, params string[] shell)
    {
        var start = new ProcessStartInfo(shell[0]) { RedirectStandardOutput = true };
        string call = $"kneepoint() {{ dotnet '{Path.Combine(AppContext.BaseDirectory, "Kneepoint.App.dll")}' \"$@\"; }}";
        foreach (string argument in shell.Skip(1).Append($"{call}\n{script}")) start.ArgumentList.Add(argument);
        foreach (var (name, value) in new (string, string)[]
        {
            ("MODEL", Model), ("DATA", Path.Combine(Samples, "data.yaml")), ("DISK", _folder.File("disk")), ("OUT", _folder.Path),
            // What .NET itself maps from files must not meet the limit on them.
            ("DOTNET_EnableDiagnostics", "0"), ("DOTNET_EnableWriteXorExecute", "0"),
        })
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(TimeSpan.FromMinutes(2)))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail(string.Create(CultureInfo.InvariantCulture, $"The script ran longer than 2 minutes: {script}"));
        }

        return output.Result.Trim();
    }

    static bool Succeeds(string[] command)
    {
        try
        {
            var start = new ProcessStartInfo(command[0]) { RedirectStandardError = true, RedirectStandardOutput = true };
            foreach (string argument in command.Skip(1)) start.ArgumentList.Add(argument);
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
