using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients.Rules;

/// <summary>The gradient of a convolution with respect to its input.</summary>
/// <remarks>
/// Each place of ȳ adds its kernel to where it was read from: x̄[n, c, s·p + d·t − before] = Σ over places p, elements t and filters m of ȳ[n, m, p]·w[m, c, t].
/// With stride 1 that is a convolution of ȳ with the kernel turned round, padded by extent − 1 − pad; else a transposed convolution. Where the size of the
/// input is not known before a run, the whole is computed and cut. The turned kernel of a constant weight is made once, by the runtime's constant folding.
/// </remarks>
static class WindowScatter
{
    /// <summary>Writes it.</summary>
    /// <param name="node">Where to write.</param>
    /// <param name="gradient">ȳ [N, M, places…].</param>
    /// <param name="weight">The value w.</param>
    /// <param name="dims">Its dimensions [M, C/g, k…].</param>
    /// <param name="group">The groups g.</param>
    /// <param name="window">How the kernel moves.</param>
    /// <param name="input">A value with the input's spatial axes [.., .., …].</param>
    /// <param name="sticksOut">Whether the last place may reach beyond the padding, as it does where sizes are rounded up.</param>
    public static string Of(NodeGradient node, string gradient, string weight, long[] dims, long group, ConvolutionWindow window, string input, bool sticksOut = false)
    {
        long[] before = [.. window.Extents.Select((extent, i) => extent - 1 - window.Before[i])], after = [.. window.Extents.Select((extent, i) => extent - 1 - window.After[i])];
        if (!sticksOut && window.Strides.All(stride => stride == 1) && before.Concat(after).All(pad => pad >= 0))
        {
            return node.Emit.Node("Conv", gradient, Turned(node.Emit, weight, dims, group, window)).With("group", group)
                .With("dilations", window.Dilations).With("pads", [.. before, .. after]).FirstOutput();
        }

        return !sticksOut && node.Shapes.Of(input) is { } sizes && OutputPadding(sizes, window) is { } more
            ? Transposed(node, gradient, weight, group, window).With("pads", window.Pads).With("output_padding", more).FirstOutput()
            : Cut(node, Transposed(node, gradient, weight, group, window).FirstOutput(), window, input);
    }

    static NodeProto Transposed(NodeGradient node, string gradient, string weight, long group, ConvolutionWindow window) =>
        node.Emit.Node("ConvTranspose", gradient, weight).With("group", group).With("strides", window.Strides).With("dilations", window.Dilations);

    // [M, C/g, k] = [g, M/g, C/g, k] to [g, C/g, M/g, k] = [C, M/g, k], with the order of each k turned round.
    static string Turned(GraphEmitter emit, string weight, long[] dims, long group, ConvolutionWindow window)
    {
        string turned = window.Kernel.All(size => size == 1) ? weight : emit.Flip(weight, window.Axes);
        if (dims[1] == 1 && dims[0] == group) return turned;
        long[] kernel = dims[2..];
        long[] places = [.. Enumerable.Range(0, kernel.Length).Select(i => (long)i)];
        if (group == 1) return emit.Transpose(turned, [1, 0, .. places.Select(place => place + 2)]);
        string groups = emit.Reshape(turned, [group, dims[0] / group, dims[1], .. kernel]);
        return emit.Reshape(emit.Transpose(groups, [0, 2, 1, .. places.Select(place => place + 3)]), [group * dims[1], dims[0] / group, .. kernel]);
    }

    // What the last place leaves over at the end: (size + pads − extent) mod stride. Null where a size is not known.
    static long[]? OutputPadding(long[] sizes, ConvolutionWindow window)
    {
        long[] more = new long[window.Rank];
        for (int i = 0; i < more.Length; i++)
        {
            long room = sizes[i + 2] + window.Before[i] + window.After[i] - window.Extents[i];
            if (sizes[i + 2] < 0 || room < 0) return null;
            more[i] = room % window.Strides[i];
        }

        return more;
    }

    // The transposed convolution without padding covers before + size elements, or falls short of them by less than a stride.
    static string Cut(NodeGradient node, string whole, ConvolutionWindow window, string input)
    {
        var emit = node.Emit;
        string padded = emit.Op("Pad", whole, emit.Ints([.. new long[window.Rank + 2], 0, 0, .. window.Strides.Select(stride => stride - 1)]));
        string starts = emit.Ints(window.Before);
        return emit.Op("Slice", padded, starts, emit.Add(starts, emit.Shape(input, 2)), emit.Ints(window.Axes));
    }
}
