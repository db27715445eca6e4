using System.Globalization;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>What an arena of the runtime has handed out.</summary>
/// <param name="InUseBytes">Now.</param>
/// <param name="MaxInUseBytes">At most so far.</param>
/// <remarks>The managed binding has no function for it; the native table of functions does.</remarks>
sealed unsafe record ArenaStatistics(long InUseBytes, long MaxInUseBytes)
{
    /// <summary>Reads the statistics; null if the library or the allocator keeps none.</summary>
    public static ArenaStatistics? Read(OrtAllocator allocator)
    {
        if (!OrtLibrary.HasApi) return null;
        nint pairs;
        nint status = ((delegate* unmanaged<nint, nint*, nint>)OrtLibrary.Function(nameof(OrtApi.AllocatorGetStats)))(allocator.DangerousGetHandle(), &pairs);
        if (status != 0)
        {
            ((delegate* unmanaged<nint, void>)OrtLibrary.Function(nameof(OrtApi.ReleaseStatus)))(status);
            return null;
        }

        try
        {
            byte** keys;
            byte** values;
            nuint count;
            ((delegate* unmanaged<nint, byte***, byte***, nuint*, void>)OrtLibrary.Function(nameof(OrtApi.GetKeyValuePairs)))(pairs, &keys, &values, &count);
            return Find(keys, values, count, "InUse") is { } inUse && Find(keys, values, count, "MaxInUse") is { } most
                ? new ArenaStatistics(inUse, most)
                : null;
        }
        finally
        {
            ((delegate* unmanaged<nint, void>)OrtLibrary.Function(nameof(OrtApi.ReleaseKeyValuePairs)))(pairs);
        }
    }

    static long? Find(byte** keys, byte** values, nuint count, string key)
    {
        for (nuint i = 0; i < count; i++)
        {
            if (Marshal.PtrToStringUTF8((nint)keys[i]) != key) continue;
            string? text = Marshal.PtrToStringUTF8((nint)values[i]);
            return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long number) ? number : null;
        }

        return null;
    }
}
