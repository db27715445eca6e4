using Kneepoint.Coding;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;

namespace Kneepoint.App;

/// <summary>What a packed file holds, and what the network in it stores and computes.</summary>
/// <param name="File">The packed file.</param>
/// <param name="Contents">Where its bytes go.</param>
/// <param name="Network">The network; null where the runtime does not run it.</param>
/// <param name="Refusal">Why it does not; null if it does.</param>
sealed record PackedInspection(string File, PackedContents Contents, Inspection? Network, string? Refusal)
{
    /// <summary>Inspects a packed file and the network in it.</summary>
    /// <param name="file">The packed file.</param>
    /// <param name="sizes">Batch and shapes where the network leaves sizes free.</param>
    /// <param name="progress">Shows how far it is.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <exception cref="CommandLineException">The file is damaged, or a stated shape is of no input.</exception>
    public static PackedInspection Of(string file, InputShapes sizes, TerminalProgress progress, CancellationToken cancellation)
    {
        var contents = PackedFile.Describe(file, new PackingMeter(progress, "unpacked"), cancellation);
        // The runtime is asked about files.
        using var folder = TemporaryFolder.Create();
        string model = folder.File("model.onnx");
        System.IO.File.WriteAllBytes(model, contents.Model.Span);
        try
        {
            return new PackedInspection(file, contents, Inspection.Of(model, sizes) with { File = file }, null);
        }
        catch (Exception exception) when (exception is OnnxModelException || (exception is CommandLineException && sizes.Inputs.IsEmpty))
        {
            return new PackedInspection(file, contents, null, exception.Message.Replace(model, file, StringComparison.Ordinal));
        }
    }
}
