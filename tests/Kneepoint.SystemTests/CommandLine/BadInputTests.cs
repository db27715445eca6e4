using Microsoft.Data.Sqlite;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>Whatever is wrong with the input, the user gets one sentence and exit code 2, and nothing is written.</summary>
public sealed class BadInputTests(StudyFolderTests.SmallStudy small) : IClassFixture<StudyFolderTests.SmallStudy>, IDisposable
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    static readonly string Model = Path.Combine(Samples, "glyphs.onnx");
    static readonly string Data = Path.Combine(Samples, "data.yaml");
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    string Refusal(string model, string data, string output, params string[] more)
    {
        var result = Cli.Run(["run", model, "--data", data, "--out", output, "--trials", "1", .. more]);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.DoesNotContain("this should not happen", sentence, StringComparison.Ordinal);
        return sentence;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(100)]
    [InlineData(5000)]
    [InlineData(-1)]
    public void A_truncated_or_random_model_is_refused(int length)
    {
        string model = _folder.File("model.onnx"), study = _folder.File("study");
        byte[] bytes = File.ReadAllBytes(Model);
        if (length < 0) new Random(1).NextBytes(bytes);
        File.WriteAllBytes(model, length < 0 ? bytes : bytes[..length]);

        Assert.Contains(model, Refusal(model, Data, study), StringComparison.Ordinal);
        Assert.False(Path.Exists(study));
    }

    [Theory]
    [InlineData("--max-file-bytes", "5XB")]
    [InlineData("--max-file-bytes", "-5KB")]
    [InlineData("--max-file-bytes", "1,5MB")]
    [InlineData("--max-latency", "3")]
    [InlineData("--min-accuracy", "NaN")]
    [InlineData("--max-drop", "1e999")]
    [InlineData("--threads", "100000")]
    [InlineData("--batch", "2000000000")]
    public void A_number_that_cannot_be_obeyed_is_refused_before_anything_is_written(string option, string value)
    {
        string study = _folder.File("study");

        Assert.Contains(value.TrimStart('-'), Refusal(Model, Data, study, option, value), StringComparison.Ordinal);
        Assert.False(Path.Exists(study));
    }

    [Fact]
    public void An_output_that_is_a_file_or_has_no_name_is_refused()
    {
        string file = _folder.File("file");
        File.WriteAllText(file, "kept");

        Assert.Contains("is a file; a study needs a folder", Refusal(Model, Data, file), StringComparison.Ordinal);
        Assert.Contains("empty name", Refusal(Model, Data, ""), StringComparison.Ordinal);
        Assert.Equal("kept", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("random")]
    [InlineData("truncated")]
    [InlineData("CREATE TABLE a (b)")]
    public void A_database_that_is_no_study_is_refused_and_left_alone(string content)
    {
        string study = _folder.File("study"), database = Path.Combine(study, "study.db");
        Directory.CreateDirectory(study);
        Make(database, content);
        byte[] before = File.ReadAllBytes(database);

        Assert.Contains("study.db", Refusal(Model, Data, study), StringComparison.Ordinal);
        foreach (string verb in new[] { "pick", "report" }) Assert.Contains("study.db", Sentence(verb, study), StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(database));
        Assert.DoesNotContain(Directory.EnumerateFiles(study), file => Path.GetFileName(file).StartsWith("frontier", StringComparison.Ordinal));
    }

    [Fact]
    public void A_study_that_has_only_been_begun_says_that_nothing_is_measured_and_can_be_run()
    {
        string study = Directory.CreateDirectory(_folder.File("study")).FullName;
        Assert.Contains("holds no study", Sentence("pick", study), StringComparison.Ordinal);

        // What a process leaves that ends while it makes the file.
        File.WriteAllBytes(Path.Combine(study, "study.db"), []);
        foreach (string verb in new[] { "pick", "report" }) Assert.Contains("nothing has been measured yet", Sentence(verb, study), StringComparison.Ordinal);
        var run = Cli.Run("run", Model, "--data", Data, "--out", study, "--trials", "1");

        Assert.True(run.ExitCode == 0, run.Error);
    }

    [Fact]
    public void A_pipe_in_the_place_of_a_study_is_not_waited_for()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps pipes elsewhere.");
        string study = Directory.CreateDirectory(_folder.File("study")).FullName;
        MakePipe(Path.Combine(study, "study.db"));

        Assert.Contains("is empty", Sentence("pick", study), StringComparison.Ordinal);
        Assert.Contains("study.db", Refusal(Model, Data, study), StringComparison.Ordinal);
    }

    static string Sentence(params string[] arguments)
    {
        var result = Cli.Run(new Dictionary<string, string>(), TimeSpan.FromMinutes(1), arguments);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.DoesNotContain("this should not happen", sentence, StringComparison.Ordinal);
        return sentence;
    }

    /// <summary>Makes a pipe that nobody writes into.</summary>
    internal static void MakePipe(string path)
    {
        using var process = System.Diagnostics.Process.Start("mkfifo", [path]);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    [Theory]
    [InlineData("DELETE FROM trials", "has no measured variant yet")]
    [InlineData("UPDATE entries SET value = x'7B22' WHERE name = 'document-head'", "document-head")]
    [InlineData("DELETE FROM entries WHERE name = 'document-head'", "has no measured variant yet")]
    public void A_study_that_lacks_its_trials_or_its_head_is_told_in_one_sentence(string damage, string expected)
    {
        string study = _folder.File("study");
        Directory.CreateDirectory(study);
        File.Copy(Path.Combine(small.Folder, "study.db"), Path.Combine(study, "study.db"));
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(study, "study.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = damage;
            Assert.True(command.ExecuteNonQuery() > 0);
        }

        foreach (string verb in new[] { "pick", "report" })
        {
            var result = Cli.Run(verb, study);
            Assert.Equal(2, result.ExitCode);
            Assert.Empty(result.Output);
            Assert.Contains(expected, Assert.Single(result.Error.Trim().Split('\n')), StringComparison.Ordinal);
            Assert.DoesNotContain("LineNumber", result.Error, StringComparison.Ordinal);
        }
    }

    static void Make(string database, string content)
    {
        if (content == "random")
        {
            byte[] bytes = new byte[50_000];
            new Random(2).NextBytes(bytes);
            File.WriteAllBytes(database, bytes);
            return;
        }

        using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = content == "truncated" ? "CREATE TABLE a (b); CREATE TABLE c (d); PRAGMA application_id = 1263420741" : content;
            command.ExecuteNonQuery();
        }

        if (content == "truncated") File.WriteAllBytes(database, File.ReadAllBytes(database)[..5000]);
    }
}
