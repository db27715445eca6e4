using System.Collections.Immutable;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;

namespace Kneepoint.App;

/// <summary>What a network stores and computes, without data.</summary>
/// <param name="File">The model's file.</param>
/// <param name="Opset">Its standard operator set.</param>
/// <param name="Inputs">What it was fed: zeros of these shapes.</param>
/// <param name="Cost">The counts.</param>
/// <param name="ActivationPeakBytes">The largest sum of live activations; null where the network does not run on zeros.</param>
/// <param name="Findings">What to know about the figures.</param>
sealed record Inspection(string File, int Opset, ImmutableArray<(string Name, ValueShape Shape)> Inputs, NetworkCost Cost, long? ActivationPeakBytes,
    ImmutableArray<Finding> Findings)
{
    /// <summary>Inspects a file.</summary>
    /// <param name="file">The model.</param>
    /// <param name="sizes">Batch and shapes where the model leaves sizes free.</param>
    /// <exception cref="OnnxModelException">The model is malformed or refused, or a shape contradicts it.</exception>
    public static Inspection Of(string file, InputShapes sizes)
    {
        var model = OnnxModel.Load(file);
        var index = new GraphIndex(model);
        if (sizes.Inputs.Keys.FirstOrDefault(name => !index.IsGraphInput(name)) is { } unknown)
        {
            throw new CommandLineException($"--shape: expected an input of the network ({string.Join(", ", index.FedInputs.Select(input => input.Name))}), found '{unknown}'.");
        }

        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var input in index.FedInputs) feeds.Add(input.Name, Zeros(input, sizes));
        var runtime = new OrtRuntime(1);
        using (runtime.Open(file, new SessionSettings()))
        {
            // Refused here, in the runtime's words, if at all.
        }

        var shapes = ShapeCompletion.Infer(runtime, model, feeds);
        var findings = ImmutableArray.CreateBuilder<Finding>();
        long? peak = null;
        try
        {
            var measured = ActivationPeak.Measure(runtime, file, feeds);
            peak = measured.ActivationPeakBytes;
            findings.AddRange(measured.Findings);
        }
        catch (OnnxModelException exception)
        {
            findings.Add(new Finding("activation-peak-not-measured", FindingSeverity.Note, $"The network does not run on zeros of these shapes: {exception.Message} Give real sizes with --shape."));
        }

        return new Inspection(file, Opsets.Version(model.Proto), [.. feeds.Select(feed => (feed.Key, new ValueShape(feed.Value.ElementType, [.. feed.Value.Dimensions])))],
            NetworkCost.Of(model, shapes), peak, findings.ToImmutable());
    }

    static Tensor Zeros(ValueInfoProto input, InputShapes sizes)
    {
        var type = (ElementType)(input.Type?.TensorType?.ElemType ?? 0);
        if (Tensor.Bits(type) == 0) throw new OnnxModelException($"Input '{input.Name}': expected a tensor of numbers, found {type}.");
        long[] dims = sizes.Resolve(input) ?? throw new CommandLineException($"--shape: input '{input.Name}' has no stated shape; give one, such as --shape {input.Name}=1x3x224x224.");
        if (!Tensor.TryCount(dims, out long count) || count > int.MaxValue) throw new OnnxModelException($"Input '{input.Name}': [{string.Join(", ", dims)}] are too many elements to run on.");
        return new Tensor(type, dims, new byte[Tensor.ByteCount(type, dims)]);
    }
}
