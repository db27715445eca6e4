using Kneepoint.Onnx;

namespace Kneepoint.Gradients.Rules;

/// <summary>How a convolution or pooling moves over the spatial axes.</summary>
/// <param name="Kernel">Elements of the kernel along each axis.</param>
/// <param name="Strides">From one place to the next.</param>
/// <param name="Dilations">From one element of the kernel to the next.</param>
/// <param name="Before">Padding in front.</param>
/// <param name="After">Padding behind.</param>
sealed record ConvolutionWindow(long[] Kernel, long[] Strides, long[] Dilations, long[] Before, long[] After)
{
    /// <summary>The number of spatial axes.</summary>
    public int Rank => Kernel.Length;

    /// <summary>The spatial axes of a tensor with batch and channels in front.</summary>
    public long[] Axes => [.. Enumerable.Range(2, Rank).Select(axis => (long)axis)];

    /// <summary>What the kernel covers along each axis: (k − 1)·d + 1.</summary>
    public long[] Extents => [.. Kernel.Select((size, i) => checked((size - 1) * Dilations[i] + 1))];

    /// <summary>Padding in front of all axes, then behind them, as attributes have it.</summary>
    public long[] Pads => [.. Before, .. After];

    /// <summary>Whether it is a window of one element that visits each element once.</summary>
    public bool IsPoint => Array.TrueForAll(Kernel, size => size == 1) && Array.TrueForAll(Strides, stride => stride == 1) && Array.TrueForAll(Pads, pad => pad == 0);

    /// <summary>Reads the attributes.</summary>
    /// <param name="node">The convolution or pooling.</param>
    /// <param name="kernel">The size of the kernel.</param>
    public static ConvolutionWindow Of(NodeGradient node, long[] kernel)
    {
        int rank = kernel.Length;
        long[] ones = [.. Enumerable.Repeat(1L, rank)];
        long[] strides = node.Node.GetInts("strides") ?? ones, dilations = node.Node.GetInts("dilations") ?? ones, pads = node.Node.GetInts("pads") ?? new long[2 * rank];
        if (strides.Length != rank || dilations.Length != rank || pads.Length != 2 * rank || pads.Any(pad => pad < 0)
            || kernel.Concat(strides).Concat(dilations).Any(size => size < 1))
        {
            throw node.Refuse($"expected strides, dilations and pads of {rank} dimensions");
        }

        var window = new ConvolutionWindow(kernel, strides, dilations, pads[..rank], pads[rank..]);
        return node.Node.GetString("auto_pad", "NOTSET") switch
        {
            "NOTSET" => window,
            "VALID" => window with { Before = new long[rank], After = new long[rank] },
            var same => window.WithSamePads(node, isMoreBehind: same == "SAME_UPPER"),
        };
    }

    /// <summary>Without the padding behind that the last place does not reach, as far as sizes are known.</summary>
    /// <param name="sizes">Of the tensor it moves over, batch and channels in front.</param>
    public ConvolutionWindow WithoutUnread(long[] sizes)
    {
        long[] after = [.. After];
        for (int i = 0; i < Rank; i++)
        {
            long room = sizes[i + 2] + Before[i] + After[i] - Extents[i];
            if (sizes[i + 2] >= 0 && room >= 0) after[i] -= Math.Min(after[i], room % Strides[i]);
        }

        return this with { After = after };
    }

    // As many places as elements, divided by the stride and rounded up.
    ConvolutionWindow WithSamePads(NodeGradient node, bool isMoreBehind)
    {
        long[] total = new long[Rank], less, more;
        long[] sizes = Strides.All(stride => stride == 1) ? [] : node.Dims(node.X)[2..];
        for (int i = 0; i < Rank; i++)
        {
            total[i] = Extents[i] - 1;
            if (sizes.Length == 0) continue;
            if (sizes[i] < 0) throw node.Refuse("pads by the size of its input, which is not known before a run");
            total[i] = Math.Max(0, ((sizes[i] + Strides[i] - 1) / Strides[i] - 1) * Strides[i] + Extents[i] - sizes[i]);
        }

        less = [.. total.Select(pad => pad / 2)];
        more = [.. total.Select(pad => pad - pad / 2)];
        return this with { Before = isMoreBehind ? less : more, After = isMoreBehind ? more : less };
    }
}
