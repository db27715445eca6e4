using Kneepoint.Search;
using Kneepoint.Storage;
using Kneepoint.Studies;
using Kneepoint.Tests.Studies;

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
