using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.OnnxRuntime;

/// <summary>The functions of the native library that its managed binding leaves out.</summary>
static unsafe partial class OrtLibrary
{
    // The version of the table that the pinned package was built with; an older library gives none.
    const uint ApiVersion = 31;

    static readonly nint* Base = GetApiBase();
    static readonly nint Api = Base is null ? 0 : ((delegate* unmanaged<uint, nint>)Base[0])(ApiVersion);

    /// <summary>The library's version: "1.31.1". Known before there is an environment.</summary>
    public static string Version { get; } = Base is null ? "unknown" : Marshal.PtrToStringUTF8(((delegate* unmanaged<nint>)Base[1])()) ?? "unknown";

    /// <summary>Whether the library has the table of functions.</summary>
    public static bool HasApi => Api != 0;

    /// <summary>A function of the table.</summary>
    /// <param name="field">A field of <see cref="OrtApi"/>.</param>
    public static nint Function(string field) => Unsafe.Read<nint>((void*)(Api + Marshal.OffsetOf<OrtApi>(field)));

    [LibraryImport("onnxruntime", EntryPoint = "OrtGetApiBase")]
    private static partial nint* GetApiBase();
}
