using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Kneepoint.Measurement;

/// <summary>Where and how the figures were measured; another machine gives other ones.</summary>
/// <param name="Cpu">The processor's name.</param>
/// <param name="InstructionSets">Those that decide the speed and the arithmetic of integer networks: "avx2", "avx512-vnni".</param>
/// <param name="Cores">Logical processors that the process may use.</param>
/// <param name="Runtime">Name and version of what ran the networks.</param>
/// <param name="Threads">Threads of a timed run.</param>
/// <param name="Batch">Samples of a timed run.</param>
public sealed record MachineDescription(string Cpu, ImmutableArray<string> InstructionSets, int Cores, string Runtime, int Threads, int Batch)
{
    const string CpuInfoFile = "/proc/cpuinfo";

    // Longer than that of any machine with 4096 processors: what is beyond is not read.
    const int MostCpuInfoCharacters = 1 << 20;

    static readonly (string Flag, string Name)[] Flags =
    [
        ("avx2", "avx2"), ("avx_vnni", "avx-vnni"), ("avx512f", "avx512"), ("avx512_vnni", "avx512-vnni"), ("avx512_bf16", "avx512-bf16"),
        ("avx512_fp16", "avx512-fp16"), ("amx_int8", "amx-int8"), ("asimd", "neon"), ("asimddp", "dotprod"), ("i8mm", "i8mm"), ("sve", "sve"),
    ];

    /// <summary>Describes this machine.</summary>
    /// <remarks>On Linux from /proc/cpuinfo, which says what the system lets programs use, whatever this process was told to leave alone; elsewhere from
    /// the processor itself, as .NET sees it.</remarks>
    public static MachineDescription Current(string runtime, int threads, int batch)
    {
        string? info = ReadCpuInfo();
        var sets = info is null ? default : FromCpuInfo(info);
        return new MachineDescription(
            (info is null ? null : Field(info, "model name")) ?? BrandString() ?? RuntimeInformation.ProcessArchitecture.ToString(),
            sets.IsDefaultOrEmpty ? FromProcess() : sets,
            Environment.ProcessorCount, runtime, threads, batch);
    }

    /// <summary>The names of known instruction sets in a text of the form of /proc/cpuinfo; empty if it lists none.</summary>
    public static ImmutableArray<string> FromCpuInfo(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string? listed = Field(text, "flags") ?? Field(text, "Features");
        if (listed is null) return [];
        var flags = listed.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.Ordinal);
        return [.. Flags.Where(flag => flags.Contains(flag.Flag)).Select(flag => flag.Name)];
    }

    static ImmutableArray<string> FromProcess()
    {
        (bool IsThere, string Name)[] sets =
        [
            (Avx2.IsSupported, "avx2"), (AvxVnni.IsSupported, "avx-vnni"), (Avx512F.IsSupported, "avx512"),
            (Avx512F.IsSupported && Bit(7, 0, register: 2, bit: 11), "avx512-vnni"),
            (Avx512F.IsSupported && Bit(7, 1, register: 0, bit: 5), "avx512-bf16"),
            (AdvSimd.IsSupported, "neon"), (Dp.IsSupported, "dotprod"),
        ];
        return [.. sets.Where(set => set.IsThere).Select(set => set.Name)];
    }

    static bool Bit(int function, int subfunction, int register, int bit)
    {
        var (eax, ebx, ecx, edx) = X86Base.CpuId(function, subfunction);
        int value = register switch { 0 => eax, 1 => ebx, 2 => ecx, _ => edx };
        return (value >> bit & 1) != 0;
    }

    // CPUID functions 0x80000002 to 0x80000004 hold 48 characters.
    static string? BrandString()
    {
        const int FirstFunction = unchecked((int)0x80000002);
        if (!X86Base.IsSupported) return null;
        Span<int> registers = stackalloc int[12];
        for (int i = 0; i < 3; i++)
        {
            var part = X86Base.CpuId(FirstFunction + i, 0);
            (registers[4 * i], registers[4 * i + 1], registers[4 * i + 2], registers[4 * i + 3]) = part;
        }

        string name = System.Text.Encoding.ASCII.GetString(MemoryMarshal.AsBytes(registers)).TrimEnd('\0').Trim();
        return name.Length > 0 ? name : null;
    }

    static string? ReadCpuInfo()
    {
        if (!OperatingSystem.IsLinux()) return null;
        try
        {
            using var reader = new StreamReader(CpuInfoFile);
            char[] text = new char[MostCpuInfoCharacters];
            return new string(text, 0, reader.ReadBlock(text));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    // "model name\t: AMD EPYC" of the first processor.
    static string? Field(string text, string name)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            int colon = line.IndexOf(':');
            if (colon < 0 || !line[..colon].Trim().SequenceEqual(name)) continue;
            string value = line[(colon + 1)..].Trim().ToString();
            if (value.Length > 0) return value;
        }

        return null;
    }
}
