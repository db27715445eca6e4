using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Calibration.Moments;

/// <summary>The rows of one activation, filled into panels.</summary>
/// <remarks>Rows are numbered sample by sample, so that the samples of a batch can be told apart: sample i has the rows i·<see cref="RowsPerSample"/> and following.</remarks>
abstract class InputRows
{
    /// <summary>Samples: the first dimension of the activation.</summary>
    public required int Samples { get; init; }

    /// <summary>Rows of each sample.</summary>
    public required int RowsPerSample { get; init; }

    /// <summary>Fills a panel.</summary>
    /// <param name="group">The group of channels.</param>
    /// <param name="sample">The sample.</param>
    /// <param name="rows">Numbers of rows within the sample.</param>
    /// <param name="panel">[rows, stride]; columns past those of the form are left as they are.</param>
    /// <param name="stride">Distance of rows.</param>
    public abstract void Fill(int group, int sample, ReadOnlySpan<int> rows, Span<float> panel, int stride);

    /// <summary>The rows of an activation.</summary>
    /// <exception cref="OnnxModelException">The activation's shape does not fit the form.</exception>
    public static InputRows Of(InputForm form, Tensor activation)
    {
        var values = activation.ElementType == ElementType.Float32 ? activation : Tensor.Of([.. activation.Dimensions], TensorData.ToFloat32(activation));
        int[] dims = [.. activation.Dimensions.Select(size => checked((int)size))];
        return form.Kind switch
        {
            InputKind.Window when dims.Length is >= 3 and <= 5 && dims[1] == (form.SlicedColumns ?? form.Groups * form.Columns) / Volume(form.Window!) => WindowRows.Of(form, values, dims),
            InputKind.Channels when dims.Length >= 2 && dims[1] == form.Groups * form.Columns => Strided(form, values, dims, axis: 1),
            InputKind.LastAxis when dims.Length >= 1 && dims[^1] == form.RowColumns => Strided(form, values, dims, dims.Length - 1),
            InputKind.LastButOneAxis when dims.Length >= 2 && dims[^2] == form.RowColumns => Strided(form, values, dims, dims.Length - 2),
            _ => throw new OnnxModelException(
                $"'{form.Value}' has the shape [{string.Join(", ", dims)}]: expected one that gives rows of {form.RowColumns} numbers to a layer."),
        };
    }

    protected static int Volume(InputWindow window) => window.Kernel[0] * window.Kernel[1] * window.Kernel[2];

    // Columns lie along one axis; everything before and behind it makes rows. A matrix has no samples: its first axis is taken for them unless it is summed over.
    static AxisRows Strided(InputForm form, Tensor values, int[] dims, int axis)
    {
        int inner = 1;
        for (int i = axis + 1; i < dims.Length; i++) inner *= dims[i];
        int outer = (int)values.ElementCount / Math.Max(1, inner * dims[axis]);
        int samples = axis == 0 ? 1 : Math.Max(1, dims[0]);
        return new AxisRows(values, inner, dims[axis], form.Columns) { Samples = samples, RowsPerSample = outer / samples * inner };
    }
}

/// <summary>Rows along one axis of an activation.</summary>
/// <param name="values">[outer, size, inner].</param>
/// <param name="inner">Elements behind the axis.</param>
/// <param name="size">Elements of the axis: all groups; the last slice of a row may reach beyond, where zeros are.</param>
/// <param name="columns">Columns of a group.</param>
sealed class AxisRows(Tensor values, int inner, int size, int columns) : InputRows
{
    /// <inheritdoc/>
    public override void Fill(int group, int sample, ReadOnlySpan<int> rows, Span<float> panel, int stride)
    {
        var all = values.Values<float>();
        int outerPerSample = RowsPerSample / Math.Max(1, inner);
        for (int r = 0; r < rows.Length; r++)
        {
            int outer = sample * outerPerSample + rows[r] / inner;
            int at = (outer * size + group * columns) * inner + rows[r] % inner;
            var row = panel.Slice(r * stride, columns);
            int count = Math.Min(columns, size - group * columns);
            if (inner == 1) all.Slice(at, count).CopyTo(row);
            else for (int c = 0; c < count; c++) row[c] = all[at + c * inner];
            row[count..].Clear();
        }
    }
}

/// <summary>What the window of a convolution sees at each output position.</summary>
sealed class WindowRows : InputRows
{
    readonly InputWindow _window;
    readonly Tensor _values;
    readonly int[] _input;
    readonly int[] _output;
    readonly int[] _before;
    readonly int _channels;
    readonly int _channelsPerGroup;

    WindowRows(InputForm form, Tensor values, int channels, int[] input, int[] output, int[] before)
    {
        (_window, _values, _channels, _input, _output, _before) = (form.Window!, values, channels, input, output, before);
        _channelsPerGroup = form.Columns / Volume(form.Window!);
    }

    /// <summary>The rows of an activation [N, C, …].</summary>
    public static WindowRows Of(InputForm form, Tensor values, int[] dims)
    {
        int[] input = [1, 1, 1], output = [1, 1, 1], before = [0, 0, 0];
        for (int axis = 0; axis < dims.Length - 2; axis++) input[5 - dims.Length + axis] = dims[2 + axis];
        for (int axis = 0; axis < 3; axis++) (output[axis], before[axis]) = form.Window!.Steps(axis, input[axis]);
        return new WindowRows(form, values, dims[1], input, output, before)
        {
            Samples = dims[0],
            RowsPerSample = Math.Max(0, output[0]) * Math.Max(0, output[1]) * Math.Max(0, output[2]),
        };
    }

    /// <inheritdoc/>
    public override void Fill(int group, int sample, ReadOnlySpan<int> rows, Span<float> panel, int stride)
    {
        var values = _values.Values<float>();
        int area = _input[0] * _input[1] * _input[2];
        int origin = (sample * _channels + group * _channelsPerGroup) * area;
        int kernel = _window.Kernel[0] * _window.Kernel[1] * _window.Kernel[2];
        Span<int> sources = stackalloc int[rows.Length <= 256 ? rows.Length : 0];
        if (sources.Length < rows.Length) sources = new int[rows.Length];
        for (int k = 0; k < kernel; k++)
        {
            FindSources(k, rows, sources);
            for (int c = 0; c < _channelsPerGroup; c++)
            {
                if (group * _channelsPerGroup + c >= _channels) sources.Fill(-1);
                int channel = origin + c * area, at = c * kernel + k;
                for (int r = 0; r < rows.Length; r++, at += stride) panel[at] = sources[r] < 0 ? 0 : values[channel + sources[r]];
            }
        }
    }

    // Where in a channel the window's element k lies for each row; -1 in the padding.
    void FindSources(int k, ReadOnlySpan<int> rows, Span<int> sources)
    {
        int dx = k % _window.Kernel[2], dy = k / _window.Kernel[2] % _window.Kernel[1], dz = k / (_window.Kernel[2] * _window.Kernel[1]);
        for (int r = 0; r < rows.Length; r++)
        {
            int position = rows[r];
            int x = position % _output[2] * _window.Strides[2] - _before[2] + dx * _window.Dilations[2];
            int y = position / _output[2] % _output[1] * _window.Strides[1] - _before[1] + dy * _window.Dilations[1];
            int z = position / (_output[2] * _output[1]) * _window.Strides[0] - _before[0] + dz * _window.Dilations[0];
            bool isInside = (uint)x < (uint)_input[2] && (uint)y < (uint)_input[1] && (uint)z < (uint)_input[0];
            sources[r] = isInside ? (z * _input[1] + y) * _input[2] + x : -1;
        }
    }
}
