using System.IO.Compression;
using Kneepoint.Limits.Size;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Limits;

/// <summary>A network that learned labels by heart, some of them drawn at random, with the examples that it was trained on and those that it was not.</summary>
/// <remarks>Made by samples/Kneepoint.Glyphs; see samples/README.md. The images are the demo's.</remarks>
sealed class NoisyGlyphs
{
    public const int Classes = 16;
    public const int TrainingExamples = 2000;
    const int Side = 20;
    const int HeaderBytesOfImages = 16;
    const int HeaderBytesOfLabels = 8;
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);
    static readonly Lazy<byte[]> Images = new(() => Unzip(Path.Combine(Repository.Root, "samples", "glyphs", "test-images.idx.gz"))[HeaderBytesOfImages..]);
    readonly byte[] _labels;

    /// <summary>Opens one.</summary>
    /// <param name="noisePercent">How many of a hundred labels were replaced: 0, 50 or 100.</param>
    public NoisyGlyphs(int noisePercent)
    {
        string folder = Path.Combine(Repository.Root, "tests", "Kneepoint.SystemTests", "Limits", "LabelNoise");
        Model = OnnxModel.Load(Path.Combine(folder, $"noise-{noisePercent}.onnx"));
        _labels = Unzip(Path.Combine(folder, $"noise-{noisePercent}-labels.idx.gz"))[HeaderBytesOfLabels..];
    }

    /// <summary>The network as trained.</summary>
    public OnnxModel Model { get; }

    /// <summary>Some of the examples that it was trained on.</summary>
    public static Dictionary<string, Tensor> TrainingInputs(int count) => new() { ["image"] = Input(0, count) };

    /// <summary>What a network gets wrong of the examples that this one was trained on.</summary>
    public ErrorCount TrainingErrors(OnnxModel network) => Errors(network, 0, TrainingExamples);

    /// <summary>What a network gets wrong of the examples that nothing was trained on.</summary>
    public ErrorCount TestErrors(OnnxModel network) => Errors(network, TrainingExamples, _labels.Length - TrainingExamples);

    ErrorCount Errors(OnnxModel network, int first, int count)
    {
        using var session = Runtime.Open(network, new SessionSettings());
        var logits = session.Run(new Dictionary<string, Tensor> { ["image"] = Input(first, count) })["logits"].Values<float>();
        int errors = 0;
        for (int i = 0; i < count; i++)
        {
            var row = logits.Slice(i * Classes, Classes);
            if (System.Numerics.Tensors.TensorPrimitives.IndexOfMax(row) != _labels[first + i]) errors++;
        }

        return new ErrorCount(errors, count);
    }

    static Tensor Input(int first, int count)
    {
        const int pixels = Side * Side;
        float[] values = new float[count * pixels];
        for (int i = 0; i < values.Length; i++) values[i] = (float)((Images.Value[first * pixels + i] / 255.0 - 0.2) / 0.3);
        return Tensor.Of([count, 1, Side, Side], values);
    }

    static byte[] Unzip(string file)
    {
        using var bytes = new MemoryStream();
        using var stream = new GZipStream(File.OpenRead(file), CompressionMode.Decompress);
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
