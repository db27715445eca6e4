using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Compression;

/// <summary>Which output channels of a layer are left, and which of the channels that it reads.</summary>
/// <param name="Layer">The layer in the reference.</param>
/// <param name="Rows">Output channels that are left.</param>
/// <param name="Columns">Channels of the input, or of a group of it, that are left; null for all.</param>
sealed record CutChannels(WeightedLayer Layer, int[] Rows, int[]? Columns)
{
    /// <summary>Whether any is gone.</summary>
    public bool IsCut => Rows.Length < Layer.OutputChannels || Columns is not null;

    /// <summary>Looks where the input of a layer comes from.</summary>
    /// <returns>Null where it comes on ways that are not followed.</returns>
    public static CutChannels? Of(NetworkRewrite reference, NetworkRewrite rewrite, WeightedLayer layer)
    {
        int outputs = (int)layer.OutputChannels;
        int[] rows = rewrite.KeptChannels(layer.Value, outputs);
        if (!rewrite.HasCutChannels || layer.Group > 1 || layer.OpType == "Gather") return layer.Group > 1 && !layer.IsDepthwise && rewrite.HasCutChannels ? null : new CutChannels(layer, rows, null);
        int inputs = InputChannels(layer);
        var source = SourceOf(reference, layer.ActivationInput);
        if (source is null) return new CutChannels(layer, rows, null);
        int made = (int)source.OutputChannels;
        int[] left = rewrite.KeptChannels(source.Value, made);
        if (left.Length == made) return new CutChannels(layer, rows, null);
        if (inputs % made != 0) return null;

        // What was flattened has several numbers of each channel.
        int block = inputs / made;
        return new CutChannels(layer, rows, [.. left.SelectMany(channel => Enumerable.Range(channel * block, block))]);
    }

    /// <summary>A weight with zeros for the channels that are no longer read; rows that are gone stay as they were, for nothing reads them.</summary>
    /// <param name="weight">As the variant has it, perhaps with channels of zeros behind its own.</param>
    /// <param name="before">As the reference has it.</param>
    /// <returns>Null where the forms do not belong together.</returns>
    public float[]? Restore(Tensor weight, float[] before)
    {
        long[] dims = [.. Layer.WeightDimensions];
        var values = weight.Values<float>();
        if (weight.Dimensions.SequenceEqual(dims) && !IsCut) return [.. values];
        if (weight.Dimensions.Count != dims.Length) return null;
        int rowAxis = Layer.OutputAxis, columnAxis = Layer.OpType is "MatMul" or "Gemm" ? 1 - rowAxis : 1;
        if (dims.Length < 2 || Layer.OpType is not ("Conv" or "MatMul" or "Gemm") || (Layer.OpType != "Conv" && dims.Length != 2)) return null;
        int[] columns = Columns ?? [.. Enumerable.Range(0, (int)dims[columnAxis])];
        if (weight.Dimensions[rowAxis] < Rows.Length || weight.Dimensions[columnAxis] < columns.Length) return null;
        for (int axis = 2; axis < dims.Length; axis++)
        {
            if (weight.Dimensions[axis] != dims[axis]) return null;
        }

        int window = (int)dims.Skip(2).Aggregate(1L, (a, b) => a * b);
        float[] restored = [.. before];
        foreach (int row in Rows)
        {
            for (int column = 0; column < dims[columnAxis]; column++) Place(restored, dims[1], row, column, window).Clear();
        }

        for (int r = 0; r < Rows.Length; r++)
        {
            for (int c = 0; c < columns.Length; c++)
            {
                int from = rowAxis == 0 ? r * (int)weight.Dimensions[1] + c : c * (int)weight.Dimensions[1] + r;
                values.Slice(from * window, window).CopyTo(Place(restored, dims[1], Rows[r], columns[c], window));
            }
        }

        return restored;

        Span<float> Place(float[] all, long width, int row, int column, int size) =>
            all.AsSpan((rowAxis == 0 ? row * (int)width + column : column * (int)width + row) * size, size);
    }

    static int InputChannels(WeightedLayer layer) => (int)(layer.OpType switch
    {
        "Conv" => layer.WeightDimensions[1],
        "MatMul" or "Gemm" when layer.WeightDimensions.Count == 2 => layer.WeightDimensions[1 - layer.OutputAxis],
        _ => layer.WeightDimensions[^1],
    });

    // The layer whose channels a value has: back through operators that keep channels, of a sum along its first summand, for all have the same channels cut.
    static WeightedLayer? SourceOf(NetworkRewrite reference, string value)
    {
        var makers = reference.Layers.Where(layer => layer.OpType is "Conv" or "Gemm" or "MatMul" or "ConvTranspose").ToDictionary(layer => layer.Value, StringComparer.Ordinal);
        var index = reference.Index;
        for (var seen = new HashSet<string>(StringComparer.Ordinal); seen.Add(value);)
        {
            if (makers.TryGetValue(value, out var layer)) return layer;
            if (index.Producer(value) is not { } node) return null;
            string next = node.Input.FirstOrDefault(input => !index.TryConstant(input, out _), "");
            if (next.Length == 0) return null;
            value = next;
        }

        return null;
    }
}
