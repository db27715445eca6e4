using System.Runtime.InteropServices;

namespace Kneepoint.OnnxRuntime;

/// <summary>Gives memory that the C library keeps for later back to the system, so that hundreds of variants in turn do not add up.</summary>
static partial class FreeMemory
{
    static volatile bool _isMissing = !OperatingSystem.IsLinux();

    /// <summary>Does nothing where the C library is not glibc.</summary>
    public static void GiveBack()
    {
        if (_isMissing) return;
        try
        {
            _ = Trim(0);
        }
        catch (Exception exception) when (exception is EntryPointNotFoundException or DllNotFoundException)
        {
            _isMissing = true;
        }
    }

    [LibraryImport("libc", EntryPoint = "malloc_trim")]
    private static partial int Trim(nuint padBytes);
}
