using System.IO.Compression;
using Kneepoint.Onnx;
using Microsoft.Data.Sqlite;

namespace Kneepoint.SystemTests.CommandLine;

/// <summary>A study folder that has been damaged, or that is gone on with under other circumstances.</summary>
public sealed class StudyFolderTests(StudyFolderTests.SmallStudy small) : IClassFixture<StudyFolderTests.SmallStudy>, IDisposable
{
    static readonly string Samples = Path.Combine(Repository.Root, "samples", "glyphs");
    readonly TemporaryFolder _folder = new();

    /// <summary>Two trials on the bundled network, made once.</summary>
    public sealed class SmallStudy : IDisposable
    {
        readonly TemporaryFolder _folder = new();

        public SmallStudy()
        {
            Folder = _folder.File("study");
            Assert.Equal(0, Cli.Run([.. Command(Samples, Folder), "--seed", "3"]).ExitCode);
        }

        public string Folder { get; }

        public void Dispose() => _folder.Dispose();
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("UPDATE trials SET scores = x'00ff11' WHERE number = 2", "expected scores of 3000 samples, found 0 bytes")]
    [InlineData("UPDATE trials SET scores = 'text' WHERE number = 2", "expected bytes as sample scores")]
    [InlineData("UPDATE trials SET scores = NULL WHERE number = 2", "is damaged at trial 2")]
    [InlineData("UPDATE trials SET figures = '{}' WHERE number = 2", "is damaged at trial 2")]
    [InlineData("UPDATE trials SET recipe = '{\"a\":1}' WHERE number = 2", "the text is not a recipe")]
    [InlineData("UPDATE trials SET outcome = 'lost' WHERE number = 2", "found 'lost'")]
    [InlineData("UPDATE trials SET outcome = 'dropped', figures = '{\"dominatedBy\":\"4430e7786edc0f84\",\"samplesSeen\":9,\"samples\":3000,\"change\":{\"value\":0,\"low\":0,\"high\":0},\"confidence\":\"NaN\",\"figures\":[]}' WHERE number = 2", "is damaged at trial 2")]
    [InlineData("UPDATE trials SET outcome = 'dropped', figures = '{\"dominatedBy\":\"4430e7786edc0f84\",\"samplesSeen\":9000,\"samples\":3000,\"change\":{\"value\":0,\"low\":0,\"high\":0},\"confidence\":0.99,\"figures\":[]}' WHERE number = 2", "is damaged at trial 2")]
    [InlineData("DROP TABLE trials", "expected the tables of a study")]
    [InlineData("ALTER TABLE trials RENAME COLUMN scores TO marks", "expected the tables of a study")]
    [InlineData("UPDATE entries SET value = CAST('{}' AS BLOB) WHERE name = 'description'", "The study's description is damaged")]
    [InlineData("UPDATE entries SET value = '{}' WHERE name = 'description'", "expected bytes as its entry 'description'")]
    public void A_damaged_study_is_one_sentence_of_ours_and_stays_as_it_is(string damage, string sentence)
    {
        string study = Copy(small.Folder, "study"), database = Path.Combine(study, "study.db");
        using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = damage;
            command.ExecuteNonQuery();
        }

        byte[] before = File.ReadAllBytes(database);
        foreach (string[] command in (string[][])[["pick", study], Command(Samples, study)])
        {
            string found = Refusal(command);
            Assert.Contains(sentence, found, StringComparison.Ordinal);
            Assert.DoesNotContain("SQLite Error", found, StringComparison.Ordinal);
            Assert.DoesNotContain("dictionary", found, StringComparison.Ordinal);
        }

        Assert.Equal(before, File.ReadAllBytes(database));
    }

    [Fact]
    public void Bug_pick_printed_half_a_document_where_the_model_of_the_search_space_was_damaged()
    {
        string study = Copy(small.Folder, "study"), database = Path.Combine(study, "study.db");
        using (var connection = new SqliteConnection($"Data Source={database};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "INSERT OR REPLACE INTO entries (name, value) VALUES ('space-model/1', CAST('{\"groups\":[null]}' AS BLOB))";
            command.ExecuteNonQuery();
        }

        byte[] before = File.ReadAllBytes(database);
        foreach (string[] command in (string[][])[["pick", study, "--json", "--export", _folder.File("best.onnx")], ["pick", study], ["report", study], [.. Command(Samples, study), "--seed", "3"]])
        {
            Assert.Contains("model of its search space is damaged", Refusal(command), StringComparison.Ordinal);
        }

        Assert.False(File.Exists(_folder.File("best.onnx")));
        Assert.Equal(before, File.ReadAllBytes(database));
    }

    [Theory]
    [InlineData("test-labels.idx.gz")]
    [InlineData("test-images.idx.gz")]
    [InlineData("calibration-images.idx.gz")]
    public void One_changed_value_at_the_end_of_the_data_makes_it_another_study(string file)
    {
        string study = Copy(small.Folder, "study"), data = Copy(Samples, "data");
        ChangeLastByte(Path.Combine(data, file));

        Assert.Contains("its data are different", Refusal(Command(data, study)), StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_figures_of_another_output_were_mixed_into_a_study()
    {
        string samples = Copy(Samples, "samples"), model = Path.Combine(samples, "glyphs.onnx"), description = Path.Combine(samples, "data.yaml"), study = _folder.File("study");
        var network = OnnxModel.Load(model);
        var other = network.Graph.Output[0].Clone();
        network.Graph.Node.Add(new Kneepoint.Onnx.Protocol.NodeProto { OpType = "Neg", Input = { other.Name }, Output = { "other" } });
        other.Name = "other";
        network.Graph.Output.Add(other);
        network.Save(model);
        string[] command = [.. Command(samples, study)[..^1], "1"];
        Assert.Equal(0, Cli.Run([.. command, "--seed", "3"]).ExitCode);

        File.AppendAllText(description, "output: other\n");

        Assert.Contains("its data are different", Refusal(command), StringComparison.Ordinal);
    }

    [Fact]
    public void Bug_times_of_two_machines_were_shown_as_those_of_the_last_one()
    {
        string study = Copy(small.Folder, "study");
        Assert.DoesNotContain("several-machines", Cli.Run([.. Command(Samples, study), "--seed", "3", "--json"]).Output, StringComparison.Ordinal);
        using (var connection = new SqliteConnection($"Data Source={Path.Combine(study, "study.db")};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "UPDATE entries SET value = CAST(json_set(CAST(value AS TEXT), '$.machine.cpu', 'Another CPU') AS BLOB) WHERE name = 'document-head'";
            Assert.Equal(1, command.ExecuteNonQuery());
        }

        // Said once, and again whenever the study is gone on with.
        for (int run = 0; run < 2; run++)
        {
            var result = Cli.Run([.. Command(Samples, study), "--seed", "3", "--json"]);
            Assert.Equal(0, result.ExitCode);
            Assert.Equal(2, result.Output.Split("several-machines").Length);
            Assert.Contains("The first 2 trials were measured on Another CPU", result.Output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Another_model_seed_batch_or_thread_count_is_refused_and_names_what_differs()
    {
        string study = Copy(small.Folder, "study"), samples = Copy(Samples, "samples");
        Assert.Contains("its seed is 3, not 4", Refusal([.. Command(Samples, study), "--seed", "4"]), StringComparison.Ordinal);
        Assert.Contains("--threads 1, not 2", Refusal([.. Command(Samples, study), "--threads", "2"]), StringComparison.Ordinal);
        Assert.Contains("--batch 1, not 2", Refusal([.. Command(Samples, study), "--batch", "2"]), StringComparison.Ordinal);

        string model = Path.Combine(samples, "glyphs.onnx");
        var changed = OnnxModel.Load(model);
        changed.Proto.ProducerVersion += " ";
        changed.Save(model);
        Assert.Contains("its model is 'glyphs.onnx'", Refusal(Command(samples, study)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--min-accuracy", "96", "0.96, not 96, is 96 %")]
    [InlineData("--max-drop", "2", "expected 0 to 1")]
    [InlineData("--max-drop", "-0.01", "at least 0")]
    public void A_budget_that_the_metric_cannot_have_is_refused(string option, string value, string sentence)
    {
        string study = _folder.File("new");

        Assert.Contains(sentence, Refusal([.. Command(Samples, study), option, value]), StringComparison.Ordinal);
        Assert.False(Path.Exists(study));
        Assert.Contains(sentence, Refusal(["pick", small.Folder, option, value]), StringComparison.Ordinal);
    }

    [Fact]
    public void Networks_that_are_lost_or_cut_short_are_made_again_as_they_were()
    {
        string study = Copy(small.Folder, "study");
        string[] files = Directory.GetFiles(Path.Combine(study, "variants"));
        Assert.Equal(4, files.Length);
        for (int i = 0; i < files.Length; i++)
        {
            if (i % 2 == 0) File.Delete(files[i]);
            else File.WriteAllBytes(files[i], File.ReadAllBytes(files[i])[..1000]);
        }

        Assert.Equal(0, Cli.Run([.. Command(Samples, study), "--seed", "3"]).ExitCode);

        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(small.Folder, "variants", Path.GetFileName(file))), File.ReadAllBytes(file)));
    }

    [Fact]
    public void An_export_goes_into_a_file_or_nothing_is_printed_and_written()
    {
        string folder = Directory.CreateDirectory(_folder.File("folder")).FullName, pipe = _folder.File("pipe.onnx");
        var targets = new List<(string Target, string Sentence)>
        {
            ("", "--export: expected the name of a file"),
            (folder, "it is a folder, expected the name of a file."),
            (Path.Combine(folder, "none", "a.onnx"), "its folder does not exist."),
        };
        if (!OperatingSystem.IsWindows())
        {
            BadInputTests.MakePipe(pipe);
            targets.Add((pipe, "it is a pipe or a device, expected the name of a file."));
        }

        foreach (var (target, sentence) in targets) Assert.Contains(sentence, Refusal(["pick", small.Folder, "--json", "--export", target]), StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Assert.Equal(OperatingSystem.IsWindows() ? 1 : 2, Directory.EnumerateFileSystemEntries(_folder.Path).Count());

        // An empty file is one that may be replaced.
        string empty = _folder.File("empty.onnx");
        File.WriteAllBytes(empty, []);
        Assert.Equal(0, Cli.Run("pick", small.Folder, "--export", empty).ExitCode);
        Assert.NotEqual(0, new FileInfo(empty).Length);
    }

    [Fact]
    public void Names_with_spaces_quotes_and_other_scripts_are_paths_like_any_other()
    {
        string home = Copy(Samples, "sp äce 'q\" é日本 $x;&"), study = Path.Combine(home, "stu dy"), export = Path.Combine(home, "ex 'port.onnx");
        File.Move(Path.Combine(home, "glyphs.onnx"), Path.Combine(home, "-m.onnx"));

        Assert.Equal(0, Cli.Run(home, ["run", "--data", "data.yaml", "--out", "stu dy", "--objectives", "accuracy,fileBytes", "--trials", "2", "--", "-m.onnx"]).ExitCode);
        Assert.Equal(0, Cli.Run("pick", study, "--export", export).ExitCode);
        Assert.Equal(0, Cli.Run(home, ["report", "stu dy"]).ExitCode);
        Assert.True(File.Exists(export));
        Assert.Equal(0, Cli.Run("inspect", export).ExitCode);
    }

    // Option values that come twice are refused, so what is overridden is left out.
    static string[] Command(string samples, string study) =>
        ["run", Path.Combine(samples, "glyphs.onnx"), "--data", Path.Combine(samples, "data.yaml"), "--out", study, "--objectives", "accuracy,fileBytes", "--trials", "2"];

    static string Refusal(string[] command)
    {
        string[] seeded = command[0] == "run" && !command.Contains("--seed") ? [.. command, "--seed", "3"] : command;
        var result = Cli.Run(seeded);
        Assert.Equal(2, result.ExitCode);
        Assert.Empty(result.Output);
        string sentence = Assert.Single(result.Error.Trim().Split('\n'));
        Assert.DoesNotContain("this should not happen", sentence, StringComparison.Ordinal);
        return sentence;
    }

    string Copy(string folder, string name)
    {
        string copy = _folder.File(name);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(copy, Path.GetRelativePath(folder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }

        return copy;
    }

    static void ChangeLastByte(string file)
    {
        using var bytes = new MemoryStream();
        using (var packed = new GZipStream(File.OpenRead(file), CompressionMode.Decompress)) packed.CopyTo(bytes);
        byte[] content = bytes.ToArray();
        content[^1] = (byte)((content[^1] + 1) % 16);
        using var again = new GZipStream(File.Create(file), CompressionLevel.Fastest);
        again.Write(content);
    }
}
