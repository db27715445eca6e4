using Kneepoint.Onnx;
using Kneepoint.Reports;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class StudyFolderTests : IDisposable
{
    const string Id = "0123456789abcdef";
    readonly string _root = Directory.CreateTempSubdirectory("kneepoint-test-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    string Put(string name)
    {
        string file = Path.Combine(_root, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "content");
        return file;
    }

    [Fact]
    public void Bug_files_of_the_user_in_the_studys_folder_were_deleted()
    {
        string[] own = [Put("variants/exported.onnx"), Put("variants/exported.onnx.data"), Put("variants/exported.knp"), Put("variants/notes.tmp.txt"), Put("draft.tmp")];
        string variant = Put($"variants/{Id}.onnx"), packed = Put($"variants/{Id}.knp");
        using var folder = StudyFolder.Open(_root);

        folder.RemoveLeftovers();
        folder.KeepOnly(new HashSet<string>());

        Assert.All(own, file => Assert.True(File.Exists(file), file));
        Assert.False(File.Exists(variant));
        Assert.False(File.Exists(packed));
    }

    [Fact]
    public void A_variant_in_the_making_is_left_alone_until_it_is_released()
    {
        string variant = Put($"variants/{Id}.onnx");
        using var folder = StudyFolder.Open(_root);

        folder.Hold(Id);
        folder.KeepOnly(new HashSet<string>());
        Assert.True(File.Exists(variant));

        folder.Release(Id);
        folder.KeepOnly(new HashSet<string>());
        Assert.False(File.Exists(variant));
    }

    [Fact]
    public void Half_written_files_of_a_killed_run_are_removed()
    {
        string file = Put($"variants/{Id}.onnx");
        string[] left = [ModelWriter.TemporaryFor(file), ModelWriter.TemporaryFor($"{file}.data"), Put($"{ReportFiles.FrontierJsonFile}.{Guid.NewGuid():N}.tmp"), Put($"variants/{Id}.knp.{Guid.NewGuid():N}.tmp")];
        foreach (string name in left) File.WriteAllText(name, "half");
        using var folder = StudyFolder.Open(_root);

        folder.RemoveLeftovers();

        Assert.All(left, name => Assert.False(File.Exists(name), name));
        Assert.True(File.Exists(file));
    }

    [Fact]
    public void A_folder_that_is_held_says_so_and_is_free_after_disposal()
    {
        using (StudyFolder.Open(_root))
        {
            Assert.Contains("by another process", Assert.Throws<StudyStoreException>(() => StudyFolder.Open(_root)).Message, StringComparison.Ordinal);
        }

        StudyFolder.Open(_root).Dispose();
    }
}
