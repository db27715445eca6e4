using System.Runtime.InteropServices;

namespace Kneepoint.OnnxRuntime;

/// <summary>Keeps the runtime from recording and sending what this process does.</summary>
/// <remarks>Since it has telemetry on Linux and macOS, the runtime writes a number for the device and a database of events into the user's cache and
/// sends them, unless a variable of the environment forbids it. What its own function switches off later has begun by then.</remarks>
static partial class RuntimeTelemetry
{
    const string Variable = "ORT_DISABLE_TELEMETRY";
    const string Forbidden = "1";

    /// <summary>Forbids it for this process and those that it starts; to be called before the runtime's environment is made.</summary>
    public static void Forbid()
    {
        Environment.SetEnvironmentVariable(Variable, Forbidden);

        // Except on Windows the line above changes a copy that native code does not see.
        if (!OperatingSystem.IsWindows() && SetNative(Variable, Forbidden, overwrite: 1) != 0)
        {
            throw new InvalidOperationException($"The variable {Variable} cannot be set: the runtime would record what this process does.");
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNative(string name, string value, int overwrite);
}
