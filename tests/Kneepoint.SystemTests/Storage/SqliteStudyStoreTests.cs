using Kneepoint.Search;
using Kneepoint.Storage;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;
using Microsoft.Data.Sqlite;

namespace Kneepoint.SystemTests.Storage;

public sealed class SqliteStudyStoreTests : StudyStoreContract, IDisposable
{
    readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    protected override IStudyStore Open() => SqliteStudyStore.Open(_folder.File("study.db"));

    [Fact]
    public void A_study_is_there_when_it_is_opened_again()
    {
        using (var store = Open())
        {
            store.Add(Recipe.Baseline, new TrialOutcome.Rejected("kept"), 1);
            store.Put("name", [7]);
        }

        using var again = SqliteStudyStore.OpenExisting(_folder.File("study.db"));

        Assert.Single(again.Trials());
        Assert.Equal(new byte[] { 7 }, again.Get("name"));
    }

    [Fact]
    public void Two_processes_cannot_store_the_same_recipe()
    {
        using var one = Open();
        using var other = Open();
        one.Add(Recipe.Baseline, new TrialOutcome.Rejected("first"), 1);

        Assert.Throws<InvalidOperationException>(() => other.Add(Recipe.Baseline, new TrialOutcome.Rejected("second"), 1));
    }

    [Fact]
    public void Bug_a_study_whose_run_was_killed_in_the_middle_of_a_write_could_not_be_read()
    {
        string file = _folder.File("study.db"), copy = _folder.File("killed.db");
        using (var store = Open()) store.Add(Recipe.Baseline, new TrialOutcome.Rejected("kept"), 1);

        // A write that is larger than the cache is in the file before it is complete: what a killed process leaves is this copy.
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA cache_size = 1; BEGIN IMMEDIATE; UPDATE trials SET outcome = 'lost'; INSERT INTO entries VALUES ('large', zeroblob(1000000)), ('larger', zeroblob(2000000));";
            command.ExecuteNonQuery();
            File.Copy(file, copy);
            File.Copy($"{file}-journal", $"{copy}-journal");
        }

        using var again = SqliteStudyStore.OpenExisting(copy);

        Assert.Equal("kept", Assert.IsType<TrialOutcome.Rejected>(Assert.Single(again.Trials()).Outcome).Reason);
        Assert.Null(again.Get("large"));
    }

    [Fact]
    public void Bug_the_database_of_another_program_was_taken_out_of_its_journal_mode()
    {
        string file = _folder.File("study.db");
        using (var connection = new SqliteConnection($"Data Source={file};Pooling=False"))
        {
            connection.Open();
            using var command = connection.CreateCommand();
            command.CommandText = "PRAGMA journal_mode = WAL; CREATE TABLE theirs (a);";
            command.ExecuteNonQuery();
        }

        byte[] before = File.ReadAllBytes(file);
        Assert.Contains("another program", Assert.Throws<StudyStoreException>(() => SqliteStudyStore.Open(file)).Message, StringComparison.Ordinal);
        Assert.Equal(before, File.ReadAllBytes(file));
    }

    [Theory]
    [InlineData("{\"not\": \"a database\"}")]
    [InlineData("x")]
    [InlineData("SQLite format 3\0 and then nothing of the kind")]
    public void Another_file_is_refused_and_left_alone(string content)
    {
        string file = _folder.File("study.db");
        File.WriteAllText(file, content);

        var exception = Assert.Throws<StudyStoreException>(() => SqliteStudyStore.Open(file));

        Assert.Contains("study.db", exception.Message, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(file));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"accuracy": null, "accuracyChange": null, "memory": null, "compute": null, "findings": []}""")]
    [InlineData("[]")]
    public void Figures_that_lack_a_part_are_damage_and_not_a_null_reference(string figures) =>
        Assert.Contains("damaged", Assert.Throws<StudyStoreException>(() => OutcomeText.Read("measured", figures, [])).Message, StringComparison.Ordinal);

    [Fact]
    public void A_missing_study_is_not_made_by_looking()
    {
        Assert.Throws<StudyStoreException>(() => SqliteStudyStore.OpenExisting(_folder.File("study.db")));
        Assert.False(File.Exists(_folder.File("study.db")));
    }

    [Fact]
    public void Damage_anywhere_is_one_sentence_and_never_another_exception()
    {
        string file = _folder.File("study.db");
        using (var store = Open())
        {
            for (int i = 0; i < 50; i++) store.Add(RecipeOf($"method-{i}"), new TrialOutcome.Rejected(new string('r', 300)), i);
        }

        byte[] intact = File.ReadAllBytes(file);
        var random = new Random(5);
        for (int round = 0; round < 200; round++)
        {
            byte[] damaged = [.. intact];
            if (round % 2 == 0) damaged = damaged[..random.Next(damaged.Length)];
            for (int i = 0; i < 20 && damaged.Length > 0; i++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(file, damaged);
            try
            {
                using var store = SqliteStudyStore.Open(file);
                Assert.True(store.Trials().Count <= 50);
            }
            catch (StudyStoreException)
            {
            }
        }
    }
}
