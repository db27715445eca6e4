using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Tests.Limits.Noise;

/// <summary>A slow forward pass in binary64, a transcription of the operators' definitions: what intervals are checked against.</summary>
sealed class PlainNetwork
{
    readonly Dictionary<string, (double[] Data, int[] Dims)> _values = new(StringComparer.Ordinal);

    /// <summary>Runs a model with its initializers, some of them replaced.</summary>
    public static double[] Run(OnnxModel model, Dictionary<string, double[]> input, IReadOnlyDictionary<string, double[]> weights, string? output = null)
    {
        var plain = new PlainNetwork();
        foreach (var initializer in model.Graph.Initializer)
        {
            int[] dims = [.. initializer.Dims.Select(size => (int)size)];
            if (weights.TryGetValue(initializer.Name, out double[]? replaced)) plain._values[initializer.Name] = (replaced, dims);
            else if (initializer.DataType == 1) plain._values[initializer.Name] = ([.. TensorData.ReadFloat32(initializer, model).Select(w => (double)w)], dims);
        }

        foreach (var value in model.Graph.Input)
        {
            plain._values[value.Name] = (input[value.Name], [.. value.Type.TensorType.Shape.Dim.Select(size => (int)size.DimValue)]);
        }

        foreach (var node in model.Graph.Node) plain._values[node.Output[0]] = plain.Apply(node);
        return plain._values[output ?? model.Graph.Output[0].Name].Data;
    }

    (double[] Data, int[] Dims) Apply(NodeProto node)
    {
        var (x, dims) = _values[node.Input[0]];
        switch (node.OpType)
        {
            case "Conv":
                return Convolve(node, x, dims);
            case "Gemm" or "MatMul":
                return Multiply(node, x, dims);
            case "MaxPool" or "AveragePool":
                return Pool(node, x, dims);
            case "GlobalAveragePool":
                int size = dims.Skip(2).Aggregate((a, b) => a * b);
                return ([.. x.Chunk(size).Select(plane => plane.Sum() / size)], [.. dims.Select((d, i) => i < 2 ? d : 1)]);
            case "Relu":
                return ([.. x.Select(v => Math.Max(v, 0))], dims);
            case "Clip":
                return ([.. x.Select(v => Math.Clamp(v, _values[node.Input[1]].Data[0], _values[node.Input[2]].Data[0]))], dims);
            case "LeakyRelu":
                return ([.. x.Select(v => v >= 0 ? v : node.GetFloat("alpha", 0.01f) * v)], dims);
            case "Elu":
                return ([.. x.Select(v => v >= 0 ? v : Math.Exp(v) - 1)], dims);
            case "Sigmoid":
                return ([.. x.Select(v => 1 / (1 + Math.Exp(-v)))], dims);
            case "HardSigmoid":
                return ([.. x.Select(v => Math.Clamp(node.GetFloat("alpha", 0.2f) * v + node.GetFloat("beta", 0.5f), 0, 1))], dims);
            case "Tanh":
                return ([.. x.Select(Math.Tanh)], dims);
            case "Add" or "Sub" or "Mul" or "Div":
                return Combine(node.OpType, x, dims, _values[node.Input[1]]);
            case "BatchNormalization":
                double[][] p = [.. Enumerable.Range(1, 4).Select(i => _values[node.Input[i]].Data)];
                int inner = dims.Skip(2).Aggregate(1, (a, b) => a * b);
                return ([.. x.Select((v, i) => (i / inner % dims[1]) is var c ? (v - p[2][c]) / Math.Sqrt(p[3][c] + node.GetFloat("epsilon", 1e-5f)) * p[0][c] + p[1][c] : 0)], dims);
            case "Flatten":
                return (x, [dims[0], x.Length / dims[0]]);
            case "Softmax":
                double sum = x.Sum(Math.Exp);
                return ([.. x.Select(v => Math.Exp(v) / sum)], dims);
            default:
                throw new NotSupportedException(node.OpType);
        }
    }

    (double[], int[]) Convolve(NodeProto node, double[] x, int[] dims)
    {
        var (w, wd) = _values[node.Input[1]];
        double[]? bias = node.Input.Count > 2 ? _values[node.Input[2]].Data : null;
        int groups = (int)node.GetInt("group", 1), m = wd[0], perGroup = wd[1];
        long[] strides = node.GetInts("strides") ?? [1, 1], pads = node.GetInts("pads") ?? [0, 0, 0, 0], dilations = node.GetInts("dilations") ?? [1, 1];
        int height = (int)((dims[2] + pads[0] + pads[2] - (wd[2] - 1) * dilations[0] - 1) / strides[0] + 1);
        int width = (int)((dims[3] + pads[1] + pads[3] - (wd[3] - 1) * dilations[1] - 1) / strides[1] + 1);
        double[] y = new double[m * height * width];
        for (int i = 0; i < y.Length; i++)
        {
            int column = i % width, row = i / width % height, channel = i / width / height;
            double sum = bias?[channel] ?? 0;
            for (int k = 0; k < perGroup * wd[2] * wd[3]; k++)
            {
                int kx = k % wd[3], ky = k / wd[3] % wd[2], c = k / wd[3] / wd[2];
                long iy = row * strides[0] - pads[0] + ky * dilations[0], ix = column * strides[1] - pads[1] + kx * dilations[1];
                if (iy < 0 || iy >= dims[2] || ix < 0 || ix >= dims[3]) continue;
                int from = channel / (m / groups) * perGroup + c;
                sum += w[channel * perGroup * wd[2] * wd[3] + k] * x[(from * dims[2] + iy) * dims[3] + ix];
            }

            y[i] = sum;
        }

        return (y, [1, m, height, width]);
    }

    (double[], int[]) Multiply(NodeProto node, double[] x, int[] dims)
    {
        var (w, wd) = _values[node.Input[1]];
        bool isTransposed = node.GetInt("transB", 0) != 0;
        int inputs = dims[^1], outputs = w.Length / inputs, rows = x.Length / inputs;
        double[]? bias = node.Input.Count > 2 ? _values[node.Input[2]].Data : null;
        double[] y = new double[rows * outputs];
        for (int i = 0; i < y.Length; i++)
        {
            int row = i / outputs, n = i % outputs;
            double sum = 0;
            for (int k = 0; k < inputs; k++) sum += x[row * inputs + k] * w[isTransposed ? n * inputs + k : k * outputs + n];
            y[i] = node.GetFloat("alpha", 1) * sum + node.GetFloat("beta", 1) * (bias?[n] ?? 0);
        }

        return (y, [.. dims[..^1], outputs]);
    }

    static (double[], int[]) Pool(NodeProto node, double[] x, int[] dims)
    {
        long[] kernel = node.GetInts("kernel_shape")!, strides = node.GetInts("strides") ?? [1, 1], pads = node.GetInts("pads") ?? [0, 0, 0, 0];
        int height = (int)((dims[2] + pads[0] + pads[2] - kernel[0]) / strides[0] + 1), width = (int)((dims[3] + pads[1] + pads[3] - kernel[1]) / strides[1] + 1);
        var y = new List<double>();
        for (int i = 0; i < dims[1] * height * width; i++)
        {
            int column = i % width, row = i / width % height, channel = i / width / height;
            var window = from ky in Enumerable.Range(0, (int)kernel[0])
                         from kx in Enumerable.Range(0, (int)kernel[1])
                         let iy = row * strides[0] - pads[0] + ky
                         let ix = column * strides[1] - pads[1] + kx
                         where iy >= 0 && iy < dims[2] && ix >= 0 && ix < dims[3]
                         select x[(channel * dims[2] + iy) * dims[3] + ix];
            y.Add(node.OpType == "MaxPool" ? window.Max() : node.GetInt("count_include_pad", 0) != 0 ? window.Sum() / (kernel[0] * kernel[1]) : window.Average());
        }

        return ([.. y], [1, dims[1], height, width]);
    }

    // The second is of the same shape, or has one number for each channel.
    static (double[], int[]) Combine(string op, double[] x, int[] dims, (double[] Data, int[] Dims) other)
    {
        int inner = dims.Skip(2).Aggregate(1, (a, b) => a * b);
        return ([.. x.Select((v, i) =>
        {
            double w = other.Data[other.Data.Length == x.Length ? i : i / inner % other.Data.Length];
            return op switch { "Add" => v + w, "Sub" => v - w, "Mul" => v * w, _ => v / w };
        })], dims);
    }
}
