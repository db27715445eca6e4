using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using Kneepoint.Coding;
using Kneepoint.Tensors;

namespace Kneepoint.Benchmarks.Coding;

/// <summary>Claim: packed files are smaller than general compressors and order-0 entropy make them. Compares files, their large tensors of few values, and the same files with weights made sparse or replaced by a codebook.</summary>
/// <remarks>Needs xz and zstd on the path.</remarks>
static class PeersCommand
{
    public const string Name = "coding-peers";
    const int LeastTensor = 100_000;
    const int LeastEdited = 1000;
    const int MostValues = 256;

    /// <summary>Arguments: model files.</summary>
    public static int Run(string[] files)
    {
        Console.WriteLine($"{"file",-32}{"what",-22}{"bytes",11}{"packed",10}{"xz -9e",10}{"zstd -19",10}{"order-0",10}{"of xz",8}");
        foreach (string file in files)
        {
            byte[] model = File.ReadAllBytes(file);
            var contents = Describe(model);
            string name = Path.GetFileName(file);
            Row(name, "whole", model, contents.PackedBytes, null);
            foreach (var tensor in contents.Tensors.Where(tensor => tensor.Type == ElementType.Float32 && tensor.Count >= LeastTensor)) Tensor(name, model, tensor);
            foreach (double zeros in (ReadOnlySpan<double>)[0.5, 0.8, 0.9, 0.95]) Edited(name, $"{zeros:P0} zeros", model, contents, values => Sparse(values, zeros));
            foreach (int entries in (ReadOnlySpan<int>)[8, 16, 32, 256]) Edited(name, $"{entries} values", model, contents, values => Shared(values, entries));
        }

        return 0;
    }

    // A tensor of few values as places in their sorted list, a byte each.
    static void Tensor(string file, byte[] model, PackedTensor tensor)
    {
        var values = MemoryMarshal.Cast<byte, float>(model.AsSpan((int)tensor.Offset, (int)tensor.ModelBytes));
        var counts = new Dictionary<float, int>();
        foreach (float value in values) CollectionsMarshal.GetValueRefOrAddDefault(counts, value, out _)++;
        if (counts.Count > MostValues) return;
        float[] sorted = [.. counts.Keys.Order()];
        byte[] places = new byte[values.Length];
        for (int i = 0; i < places.Length; i++) places[i] = (byte)Array.BinarySearch(sorted, values[i]);
        double total = values.Length, entropy = counts.Values.Sum(count => -count * Math.Log2(count / total)) / 8;
        Row(file, $"tensor {tensor.Name}", places, (long)Math.Ceiling((tensor.NumberBits + tensor.SideBits) / 8), entropy);
    }

    static void Edited(string file, string what, byte[] model, PackedContents contents, Action<Span<float>> edit)
    {
        byte[] edited = [.. model];
        foreach (var tensor in contents.Tensors.Where(tensor => tensor.Type == ElementType.Float32 && tensor.Count >= LeastEdited))
        {
            edit(MemoryMarshal.Cast<byte, float>(edited.AsSpan((int)tensor.Offset, (int)tensor.ModelBytes)));
        }

        Row(file, what, edited, PackedModel.Pack(edited).LongLength, null);
    }

    static void Sparse(Span<float> values, double zeros)
    {
        float[] sorted = [.. values.ToArray().Select(Math.Abs).Order()];
        float least = sorted[(int)(zeros * sorted.Length)];
        foreach (ref float value in values) value = Math.Abs(value) < least ? 0 : value;
    }

    // The means of cells of one width between the thousandths at both ends.
    static void Shared(Span<float> values, int entries)
    {
        float[] sorted = [.. values.ToArray().Order()];
        float least = sorted[sorted.Length / 1000], width = (sorted[^(sorted.Length / 1000 + 1)] - least) / entries;
        if (!(width > 0)) return;
        double[] sums = new double[entries], counts = new double[entries];
        int Cell(float value) => (int)Math.Clamp((value - least) / width, 0, entries - 1);
        foreach (float value in values) (sums[Cell(value)], counts[Cell(value)]) = (sums[Cell(value)] + value, counts[Cell(value)] + 1);
        foreach (ref float value in values) value = (float)(sums[Cell(value)] / counts[Cell(value)]);
    }

    static void Row(string file, string what, byte[] bytes, long packed, double? entropy)
    {
        string copy = Path.GetTempFileName();
        File.WriteAllBytes(copy, bytes);
        long xz = Output("xz", "-9e", "--stdout", "--threads=1", copy), zstd = Output("zstd", "-q", "-19", "--stdout", copy);
        File.Delete(copy);
        string order0 = entropy is { } value ? value.ToString("F0", CultureInfo.InvariantCulture) : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{file,-32}{what,-22}{bytes.Length,11}{packed,10}{xz,10}{zstd,10}{order0,10}{(double)packed / xz,8:F3}"));
    }

    static long Output(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        using var counted = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(counted);
        process.WaitForExit();
        return counted.Length;
    }

    static PackedContents Describe(byte[] model)
    {
        using var packed = new MemoryStream(PackedModel.Pack(model));
        return PackedModel.Describe(packed);
    }
}
