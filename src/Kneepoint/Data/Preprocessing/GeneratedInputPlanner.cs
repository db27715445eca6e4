using Kneepoint.Data.Description;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Data.Preprocessing;

/// <summary>Decides the shape of an input that has no data.</summary>
sealed class GeneratedInputPlanner(DataDescription description)
{
    const long MaxSampleBytes = 1L << 30;

    /// <summary>Plans one input.</summary>
    /// <exception cref="DataException">The shape is open, or the numbers do not fit the type.</exception>
    public GeneratedInput Plan(ValueSignature signature, InputDescription input, int index, int seed)
    {
        if (input is { Resize: null, Crop: null, Pad: null, Channels: null } == false) throw description.Error(input.Line, $"the generated input '{signature.Name}' takes no image keys");
        var (dimensions, batchAxis) = Shape(signature, input);
        long bytes = 0;
        try
        {
            bytes = Tensor.ByteCount(ElementType.Float64, dimensions);
        }
        catch (ArgumentException)
        {
            bytes = long.MaxValue;
        }

        if (bytes > MaxSampleBytes) throw description.Error(input.Line, $"the input '{signature.Name}' [{string.Join(", ", dimensions)}] is too large to generate");
        var constants = input.IsScaled ? new ScalingConstants(input.Zero ?? 0, input.Scale ?? 1, input.Mean ?? [0], input.Std ?? [1]) : null;
        if (constants is { Mean.Count: > 1 } or { Std.Count: > 1 }) throw description.Error(input.Line, $"the generated input '{signature.Name}' takes one mean and one std");
        return new GeneratedInput
        {
            Name = signature.Name,
            ElementType = signature.ElementType,
            Dimensions = dimensions,
            BatchAxis = batchAxis,
            Constant = input.Constant,
            Random = input.Random,
            Seed = new SplitMix64((ulong)(uint)seed, (ulong)index).Next(),
            Scaling = new Scaling(ElementType.Float64, signature.ElementType, 1, 1, constants),
        };
    }

    (long[] Dimensions, int BatchAxis) Shape(ValueSignature signature, InputDescription input)
    {
        var all = signature.Dimensions;

        // An open size is the batch: the first one, since states of recurrent networks have theirs in the middle.
        int firstOpen = all.ToList().IndexOf(-1);
        int batchAxis = input.BatchAxis ?? (firstOpen >= 0 ? firstOpen : all.Count > 0 && all[0] == 1 && input.Random is not null ? 0 : -1);
        if (batchAxis >= all.Count) throw description.Error(input.Line, $"the input '{signature.Name}' has {all.Count} dimensions: 'batchAxis' is {batchAxis}");
        long[] sample = [.. all.Where((_, axis) => axis != batchAxis)];
        if (input.Shape is { } shape)
        {
            bool fits = shape.Count == sample.Length && shape.Zip(sample).All(pair => pair.Second < 0 || pair.First == pair.Second);
            if (!fits) throw description.Error(input.Line, $"the input '{signature.Name}' takes [{string.Join(", ", sample)}] per sample, 'shape' is [{string.Join(", ", shape)}]");
            sample = [.. shape.Select(size => (long)size)];
        }

        return sample.Contains(-1)
            ? throw description.Error(input.Line, $"the input '{signature.Name}' has open sizes [{string.Join(", ", sample)}]: give the 'shape' of one sample")
            : (sample, batchAxis);
    }
}
