using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients.Oracle;

/// <summary>A tensor of the oracle: every element, integers and Booleans too, is a double.</summary>
sealed record DoubleTensor(int[] Dims, double[] Data)
{
    public int Rank => Dims.Length;

    public int[] Strides => StridesOf(Dims);

    /// <summary>The elements as integers.</summary>
    public int[] Ints => [.. Data.Select(value => (int)Math.Clamp(value, int.MinValue + 1, int.MaxValue))];

    public static DoubleTensor Scalar(double value) => new([], [value]);

    public static DoubleTensor Zeros(int[] dims) => new(dims, new double[Count(dims)]);

    public static int Count(int[] dims) => dims.Aggregate(1, (a, b) => a * b);

    /// <summary>The elements from one index to the next along each axis.</summary>
    public static int[] StridesOf(int[] dims)
    {
        int[] strides = new int[dims.Length];
        for (int axis = dims.Length - 1, stride = 1; axis >= 0; stride *= dims[axis--]) strides[axis] = stride;
        return strides;
    }

    /// <summary>All indices of a shape, in their order; the same array each time.</summary>
    public static IEnumerable<int[]> Indices(int[] dims)
    {
        int[] index = new int[dims.Length];
        for (int i = 0, count = Count(dims); i < count; i++)
        {
            yield return index;
            for (int axis = dims.Length - 1; axis >= 0 && ++index[axis] == dims[axis]; axis--) index[axis] = 0;
        }
    }

    public DoubleTensor Map(Func<double, double> function) => new(Dims, [.. Data.Select(function)]);

    public DoubleTensor Reshape(int[] dims) => new(dims, Data);

    /// <summary>An axis counted from the front.</summary>
    public int Axis(long axis) => (int)(axis < 0 ? axis + Rank : axis);

    /// <summary>The tensor whose element at an index is this one's at another index.</summary>
    public DoubleTensor Pick(int[] dims, Func<int[], int> place)
    {
        double[] data = new double[Count(dims)];
        int i = 0;
        foreach (int[] index in Indices(dims)) data[i++] = Data[place(index)];
        return new DoubleTensor(dims, data);
    }

    public DoubleTensor Transpose(int[] order)
    {
        int[] strides = Strides;
        return Pick([.. order.Select(axis => Dims[axis])], index => index.Select((at, i) => at * strides[order[i]]).Sum());
    }

    /// <summary>The tensor with copies along axes of size 1.</summary>
    public DoubleTensor Stretch(int[] dims)
    {
        if (dims.AsSpan().SequenceEqual(Dims)) return this;
        int more = dims.Length - Rank;
        int[] strides = [.. new int[more], .. Strides.Select((stride, axis) => Dims[axis] == 1 ? 0 : stride)];
        double[] data = new double[Count(dims)];
        int i = 0;
        foreach (int[] index in Indices(dims))
        {
            int place = 0;
            for (int axis = 0; axis < index.Length; axis++) place += index[axis] * strides[axis];
            data[i++] = Data[place];
        }

        return new DoubleTensor(dims, data);
    }

    public static int[] Joint(params IEnumerable<DoubleTensor> tensors)
    {
        int rank = tensors.Max(tensor => tensor.Rank);
        int[] dims = [.. Enumerable.Repeat(1, rank)];
        foreach (var tensor in tensors)
        {
            for (int axis = 0; axis < tensor.Rank; axis++)
            {
                ref int size = ref dims[rank - tensor.Rank + axis];
                if (tensor.Dims[axis] != 1) size = tensor.Dims[axis];
            }
        }

        return dims;
    }

    public static DoubleTensor Zip(DoubleTensor a, DoubleTensor b, Func<double, double, double> function)
    {
        int[] dims = Joint(a, b);
        double[] left = a.Stretch(dims).Data, right = b.Stretch(dims).Data, data = new double[left.Length];
        for (int i = 0; i < data.Length; i++) data[i] = function(left[i], right[i]);
        return new DoubleTensor(dims, data);
    }

    public static DoubleTensor Of(TensorProto proto, OnnxModel model) => new([.. proto.Dims.Select(size => (int)size)], TensorData.TypeOf(proto) switch
    {
        ElementType.Float32 => [.. TensorData.ReadFloat32(proto, model).Select(value => (double)value)],
        _ => [.. TensorData.ReadInt64(proto, model).Select(value => (double)value)],
    });

    public static DoubleTensor Of(Tensor tensor) => new([.. tensor.Dimensions.Select(size => (int)size)], tensor.ElementType switch
    {
        ElementType.Float32 => [.. tensor.Values<float>().ToArray().Select(value => (double)value)],
        ElementType.Bool => [.. tensor.Values<byte>().ToArray().Select(value => (double)value)],
        _ => [.. tensor.Values<long>().ToArray().Select(value => (double)value)],
    });
}
