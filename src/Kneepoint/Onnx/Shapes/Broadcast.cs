namespace Kneepoint.Onnx.Shapes;

/// <summary>Broadcasting as the standard defines it: dimensions are aligned at the end, and those of size 1 stretch.</summary>
static class Broadcast
{
    /// <summary>The shape that shapes broadcast to; null where they do not fit together.</summary>
    public static long[]? Of(params ReadOnlySpan<long[]> shapes)
    {
        int rank = 0;
        foreach (long[] shape in shapes) rank = Math.Max(rank, shape.Length);
        long[] result = new long[rank];
        Array.Fill(result, 1);
        foreach (long[] shape in shapes)
        {
            for (int i = 0; i < shape.Length; i++)
            {
                ref long size = ref result[rank - shape.Length + i];
                if (size == 1) size = shape[i];
                else if (shape[i] != 1 && shape[i] != size) return null;
            }
        }

        return result;
    }

    /// <summary>Stretches elements to a shape that theirs broadcasts to.</summary>
    public static T[] Elements<T>(T[] elements, ReadOnlySpan<long> from, ReadOnlySpan<long> to)
    {
        long count = 1;
        foreach (long size in to) count *= size;
        var result = new T[count];
        for (long target = 0; target < count; target++)
        {
            long rest = target, source = 0, stride = 1;
            for (int axis = 1; axis <= to.Length; axis++)
            {
                long index = rest % to[^axis];
                rest /= to[^axis];
                if (axis > from.Length) continue;
                if (from[^axis] != 1) source += index * stride;
                stride *= from[^axis];
            }

            result[target] = elements[source];
        }

        return result;
    }
}
