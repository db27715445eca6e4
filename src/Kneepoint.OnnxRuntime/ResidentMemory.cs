using System.Diagnostics;
using System.Globalization;

namespace Kneepoint.OnnxRuntime;

/// <summary>The memory of this process that is in RAM.</summary>
static class ResidentMemory
{
    const string StatusFile = "/proc/self/status";
    const string PeakKey = "VmHWM:";

    /// <summary>Whether <see cref="PeakBytes"/> can tell.</summary>
    public static bool IsMeasured => OperatingSystem.IsLinux() || OperatingSystem.IsWindows();

    /// <summary>The most that has been resident since the process began; null where the system does not tell.</summary>
    public static long? PeakBytes()
    {
        if (OperatingSystem.IsLinux()) return LinuxPeakBytes();
        if (!OperatingSystem.IsWindows()) return null;
        using var process = Process.GetCurrentProcess();
        return process.PeakWorkingSet64;
    }

    static long? LinuxPeakBytes()
    {
        const long BytesPerKilobyte = 1024;
        foreach (string line in File.ReadLines(StatusFile))
        {
            if (!line.StartsWith(PeakKey, StringComparison.Ordinal)) continue;
            string number = line[PeakKey.Length..].Replace("kB", "", StringComparison.Ordinal).Trim();
            return long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out long kilobytes) ? kilobytes * BytesPerKilobyte : null;
        }

        return null;
    }
}
