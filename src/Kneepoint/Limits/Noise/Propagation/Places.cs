using Kneepoint.Onnx.Shapes;

namespace Kneepoint.Limits.Noise.Propagation;

/// <summary>Where a window lies along one axis: place p covers the elements p·stride − before + k·dilation, k from 0, that exist.</summary>
/// <param name="Size">Elements of the input.</param>
/// <param name="Count">Places, elements of the output.</param>
/// <param name="Kernel">Elements of the window.</param>
/// <param name="Stride">At least 1.</param>
/// <param name="Dilation">At least 1.</param>
/// <param name="Before">Padding in front.</param>
/// <param name="After">Padding behind.</param>
readonly record struct Places(int Size, int Count, int Kernel, int Stride, int Dilation, int Before, int After)
{
    /// <summary>An axis that the window does not move along.</summary>
    public static Places One => new(1, 1, 1, 1, 1, 0, 0);

    /// <summary>The places of a window along one of its axes.</summary>
    /// <remarks>Padding that keeps the size, SAME_UPPER or SAME_LOWER, has its odd element behind or in front.</remarks>
    public static Places Of(Window window, int axis, long size, long count)
    {
        long before = window.Before[axis], after = window.After[axis];
        if (window.IsSame)
        {
            long total = Math.Max((count - 1) * window.Strides[axis] + window.Extent(axis) - size, 0);
            before = window.AutomaticPadding == "SAME_LOWER" ? (total + 1) / 2 : total / 2;
            after = total - before;
        }
        else if (window.AutomaticPadding == "VALID")
        {
            before = after = 0;
        }

        return checked(new Places((int)size, (int)count, (int)window.Kernel[axis], (int)window.Strides[axis], (int)window.Dilations[axis], (int)before, (int)after));
    }

    /// <summary>The first and one past the last element of the window that exist at a place.</summary>
    public (int First, int End) Kernels(int place)
    {
        int start = place * Stride - Before;
        int first = start >= 0 ? 0 : (-start + Dilation - 1) / Dilation;
        int end = start >= Size ? 0 : Math.Min(Kernel, (Size - 1 - start) / Dilation + 1);
        return (first, Math.Max(first, end));
    }

    /// <summary>The first and one past the last place whose element k of the window exists.</summary>
    public (int First, int End) PlacesOf(int k)
    {
        int offset = k * Dilation - Before;
        int first = offset >= 0 ? 0 : (-offset + Stride - 1) / Stride;
        int end = offset >= Size ? 0 : Math.Min(Count, (Size - 1 - offset) / Stride + 1);
        return (first, Math.Max(first, end));
    }

    /// <summary>The element of the input under element k of the window.</summary>
    public int Element(int place, int k) => place * Stride - Before + k * Dilation;
}
