using System.Collections.Immutable;
using System.Diagnostics;
using Kneepoint.Coding;
using Kneepoint.Onnx;
using Kneepoint.Studies;

namespace Kneepoint.App;

/// <summary>A model file that was packed.</summary>
/// <param name="Model">The model file.</param>
/// <param name="ExternalFiles">Files beside it whose weights are now in the packed file.</param>
/// <param name="FileBytes">Bytes of all these.</param>
/// <param name="Packed">The packed file.</param>
/// <param name="Contents">What it holds.</param>
/// <param name="PackTime">The time that packing took.</param>
/// <param name="CheckTime">The time that opening and comparing took.</param>
sealed record Packing(
    string Model, ImmutableArray<string> ExternalFiles, long FileBytes, string Packed, PackedContents Contents, TimeSpan PackTime, TimeSpan CheckTime)
{
    /// <summary>What the network lost; null where it is packed as it is.</summary>
    public PackLoss? Loss { get; init; }

    /// <summary>Packs the smallest network that meets a goal, and writes it.</summary>
    /// <param name="file">The model.</param>
    /// <param name="output">The packed file, replaced if it exists.</param>
    /// <param name="dataPath">Samples to calibrate and to evaluate with.</param>
    /// <param name="goal">What it is to reach.</param>
    /// <param name="seed">Of every random choice.</param>
    /// <param name="settings">The code of the numbers, and the threads.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancellation">Ends it; nothing is written then.</param>
    /// <returns>The packing, or the networks that were tried where none meets the goal.</returns>
    /// <exception cref="OnnxModelException">The file is no ONNX model, or too large with what lies beside it.</exception>
    /// <exception cref="CommandLineException">The output cannot be what is asked for.</exception>
    /// <exception cref="IOException">The output cannot be written.</exception>
    public static (Packing? Packing, IReadOnlyList<PricedNetwork> Tried) Lossy(string file, string output, string dataPath, PackGoal goal, int seed, PackingSettings settings, TerminalProgress progress, CancellationToken cancellation)
    {
        if (PackedFile.Is(file)) throw new CommandLineException($"'{file}' is packed already; 'kneepoint unpack' makes an ONNX file of it again.");
        var files = OnnxModel.FilesOf(file);
        PackedFile.CheckOutput(output, files);
        var (model, loss, tried) = LossyPacking.Make(file, dataPath, goal, seed, settings, progress, cancellation);
        if (model is null) return (null, tried);
        return (Write(file, files, model, output, settings, progress, cancellation) with { Loss = loss }, tried);
    }

    /// <summary>Packs without loss, opens the result, compares it with what was packed, and writes it.</summary>
    /// <param name="file">The model.</param>
    /// <param name="output">The packed file, replaced if it exists.</param>
    /// <param name="settings">The code of the numbers, and the threads.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancellation">Ends it; nothing is written then.</param>
    /// <exception cref="OnnxModelException">The file is no ONNX model, or too large with what lies beside it.</exception>
    /// <exception cref="CommandLineException">The output cannot be what is asked for.</exception>
    /// <exception cref="IOException">The output cannot be written.</exception>
    public static Packing Lossless(string file, string output, PackingSettings settings, TerminalProgress progress, CancellationToken cancellation)
    {
        if (PackedFile.Is(file)) throw new CommandLineException($"'{file}' is packed already; 'kneepoint unpack' makes an ONNX file of it again.");
        var files = OnnxModel.FilesOf(file);
        PackedFile.CheckOutput(output, files);
        // A model without data beside it is packed as it is, byte for byte.
        return Write(file, files, files.Count > 1 ? OnnxModel.Load(file).ToBytes() : File.ReadAllBytes(file), output, settings, progress, cancellation);
    }

    static Packing Write(string file, IReadOnlyList<string> files, byte[] model, string output, PackingSettings settings, TerminalProgress progress, CancellationToken cancellation)
    {
        long fileBytes = files.Sum(PackedFile.FileBytes);
        long start = Stopwatch.GetTimestamp();
        byte[] packed = Pack(file, model, settings, new PackingMeter(progress, "packed"), cancellation);
        var packTime = Stopwatch.GetElapsedTime(start);
        start = Stopwatch.GetTimestamp();
        byte[] opened = PackedModel.Open(packed, settings.Threads, new PackingMeter(progress, "opened"), cancellation);
        var checkTime = Stopwatch.GetElapsedTime(start);
        if (!opened.AsSpan().SequenceEqual(model)) throw new InvalidDataException($"'{file}': opened again, the packed model is another one; nothing was written.");
        PackedContents contents;
        using (var stream = new MemoryStream(packed, writable: false)) contents = PackedModel.Describe(stream, new PackingMeter(progress, "looked through"), cancellation);
        AtomicFile.Write(output, packed);
        return new Packing(file, [.. files.Skip(1)], fileBytes, output, contents, packTime, checkTime);
    }

    static byte[] Pack(string file, byte[] model, PackingSettings settings, PackingMeter meter, CancellationToken cancellation)
    {
        try
        {
            return PackedModel.Pack(model, settings, meter, cancellation);
        }
        catch (PackedModelException exception)
        {
            throw new CommandLineException($"'{file}': {exception.Message}");
        }
    }
}
