using System.Globalization;
using Kneepoint.Data;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement;

/// <summary>Feeds a network whose batch is fixed in the graph: a short batch is filled with its last sample, and the surplus results are dropped.</summary>
public static class FixedBatch
{
    /// <summary>The batch that every input asks for; null where one is free or where they differ.</summary>
    public static int? Of(INetworkSession session)
    {
        long? common = null;
        foreach (var input in session.Inputs)
        {
            if (input.Dimensions.Count == 0 || input.Dimensions[0] < 1 || input.Dimensions[0] > int.MaxValue) return null;
            if (common is { } other && other != input.Dimensions[0]) return null;
            common = input.Dimensions[0];
        }

        return (int?)common;
    }

    /// <summary>Runs a batch of at most the fixed size.</summary>
    internal static IReadOnlyDictionary<string, Tensor> Run(INetworkSession session, SampleBatch batch, int size)
    {
        if (batch.Count == size) return session.Run(batch.Inputs);
        var inputs = batch.Inputs.ToDictionary(input => input.Key, input => Filled(input.Key, input.Value, batch.Count, size));
        return session.Run(inputs).ToDictionary(output => output.Key, output => Cut(output.Value, batch.Count, size));
    }

    /// <summary>Repeats the last sample until the batch is full.</summary>
    internal static Tensor Filled(string name, Tensor tensor, int count, int size)
    {
        if (tensor.Dimensions.Count == 0 || tensor.Dimensions[0] != count || Tensor.Bits(tensor.ElementType) % 8 != 0)
        {
            throw new DataException(string.Create(CultureInfo.InvariantCulture,
                $"Input '{name}': expected {count} samples in the first dimension, found [{string.Join(", ", tensor.Dimensions)}]."));
        }

        int row = tensor.Bytes.Length / count;
        byte[] bytes = new byte[checked(row * size)];
        tensor.Bytes.Span.CopyTo(bytes);
        for (int i = count; i < size; i++) tensor.Bytes.Span[^row..].CopyTo(bytes.AsSpan(i * row));
        return new Tensor(tensor.ElementType, [size, .. tensor.Dimensions.Skip(1)], bytes);
    }

    static Tensor Cut(Tensor tensor, int count, int size)
    {
        bool followsBatch = tensor.Dimensions.Count > 0 && tensor.Dimensions[0] % size == 0 && Tensor.Bits(tensor.ElementType) % 8 == 0;
        if (!followsBatch) return tensor;
        long rows = tensor.Dimensions[0] / size * count;
        return new Tensor(tensor.ElementType, [rows, .. tensor.Dimensions.Skip(1)], tensor.Bytes[..(tensor.Bytes.Length / size * count)]);
    }
}
