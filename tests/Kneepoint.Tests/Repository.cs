namespace Kneepoint.Tests;

/// <summary>Finds files of the repository from wherever the tests run.</summary>
public static class Repository
{
    /// <summary>The folder that holds the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The folder of a case beside the repository; skips the calling test where it is missing.</summary>
    public static string Case(string name)
    {
        string folder = Path.Combine(Root, "..", "shared", "cases", name);
        Assert.SkipUnless(Directory.Exists(folder), $"The case '{name}' is not beside the repository (../shared/cases).");
        return Path.GetFullPath(folder);
    }

    static string FindRoot()
    {
        for (string? folder = AppContext.BaseDirectory; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            if (File.Exists(Path.Combine(folder, "Kneepoint.slnx"))) return folder;
        }

        throw new InvalidOperationException($"Kneepoint.slnx is in no folder above {AppContext.BaseDirectory}.");
    }
}
