namespace Kneepoint;

/// <summary>How long files are.</summary>
static class FileLength
{
    /// <summary>The bytes of a file; of a link those of the file that it leads to. Pipes and devices have 0.</summary>
    /// <remarks>Nothing is opened, since opening a pipe waits for whoever writes into it.</remarks>
    /// <exception cref="IOException">There is no such file, or the links lead in a circle.</exception>
    public static long Of(string file)
    {
        var info = new FileInfo(file);
        return info.LinkTarget is null || info.ResolveLinkTarget(returnFinalTarget: true) is not FileInfo target ? info.Length : target.Length;
    }
}
