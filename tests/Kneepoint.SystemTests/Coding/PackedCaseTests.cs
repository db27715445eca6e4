using System.Diagnostics;
using Kneepoint.Coding;
using Kneepoint.OnnxRuntime;
using Microsoft.ML.OnnxRuntime;

namespace Kneepoint.SystemTests.Coding;

/// <summary>Real networks packed: they come back to the bit, in fewer bytes than a general compressor takes, and the runtime opens what comes back.</summary>
public sealed class PackedCaseTests
{
    // What a general compressor of the same kind leaves of the file, at most.
    const double MostOfXz = 0.97;

    // Has operators that the plain runtime lacks.
    const string Unrunnable = "superresolution_custom_ops.onnx";

    static readonly Lazy<(string File, byte[] Packed)[]> Known = new(() => [.. Files().Select(file => (file, PackedModel.Pack(File.ReadAllBytes(file))))]);

    [Fact]
    public void Every_network_comes_back_to_the_bit_and_the_runtime_opens_it()
    {
        OrtEnvironment.Start(threads: 2);
        foreach (var (file, packed) in Networks())
        {
            byte[] opened = PackedModel.Open(packed);

            Assert.True(File.ReadAllBytes(file).AsSpan().SequenceEqual(opened), $"{file} does not come back.");
            if (Path.GetFileName(file) == Unrunnable) continue;
            using var session = new InferenceSession(opened);
            Assert.NotEmpty(session.OutputMetadata);
        }
    }

    [Fact]
    public void Every_network_takes_fewer_bytes_than_xz_leaves()
    {
        Assert.SkipUnless(XzBytes(Path.Combine(Repository.Root, "LICENSE")) is not null, "xz is not on the path.");
        foreach (var (file, packed) in Networks())
        {
            long xz = XzBytes(file)!.Value;

            Assert.True(packed.Length < MostOfXz * xz, $"{Path.GetFileName(file)} takes {packed.Length} bytes packed and {xz} by xz -9e.");
        }
    }

    // The folder is asked for first, so that a test is skipped where it is missing.
    static (string File, byte[] Packed)[] Networks()
    {
        Repository.Case("kws");
        Assert.NotEmpty(Known.Value);
        return Known.Value;
    }

    static string[] Files() => [.. Directory.GetFiles(Path.GetDirectoryName(Repository.Case("kws"))!, "*.onnx", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    static long? XzBytes(string file)
    {
        try
        {
            using var xz = Process.Start(new ProcessStartInfo("xz", ["-9e", "--stdout", "--threads=1", file]) { RedirectStandardOutput = true })!;
            using var counted = new MemoryStream();
            xz.StandardOutput.BaseStream.CopyTo(counted);
            xz.WaitForExit();
            return xz.ExitCode == 0 ? counted.Length : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
