namespace Kneepoint.Tests;

public sealed class AtomicFileTests
{
    [Fact]
    public void Content_is_replaced_whole_and_nothing_else_is_left()
    {
        string folder = Directory.CreateTempSubdirectory("kneepoint-").FullName;
        try
        {
            string file = Path.Combine(folder, "a.txt");

            AtomicFile.Write(file, "first, and longer"u8);
            AtomicFile.Write(file, "second"u8);

            Assert.Equal("second", File.ReadAllText(file));
            Assert.Equal([file], Directory.GetFiles(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_failed_write_keeps_the_old_content_and_leaves_nothing()
    {
        string folder = Directory.CreateTempSubdirectory("kneepoint-").FullName;
        try
        {
            string file = Path.Combine(folder, "a");
            Directory.CreateDirectory(Path.Combine(file, "occupied"));

            var exception = Assert.Throws<IOException>(() => AtomicFile.Write(file, "x"u8));
            Assert.Equal($"'{file}' cannot be written: it is a folder, expected the name of a file.", exception.Message);

            Assert.Equal([file], Directory.GetFileSystemEntries(folder));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
