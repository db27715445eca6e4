using Kneepoint.Onnx;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Runtime;

/// <summary>Small quantized networks in the patterns of the field.</summary>
static class QuantizedGraphs
{
    /// <summary>Conv, Relu, Conv with unsigned activations and signed weights; the layers are "c1" and "c2".</summary>
    public static OnnxModel ConvolutionChain()
    {
        var model = Model([Value("x", ElementType.Float32, -1, 16, 16, 16)], ["y"],
            Node("QuantizeLinear", ["x", "s", "z"], ["xq"]), Node("DequantizeLinear", ["xq", "s", "z"], ["xd"]),
            Node("DequantizeLinear", ["w", "ws", "wz"], ["wd"], Int("axis", 0)), Node("Conv", ["xd", "wd"], ["c1"]),
            Node("Relu", ["c1"], ["r"]),
            Node("QuantizeLinear", ["r", "s", "z"], ["rq"]), Node("DequantizeLinear", ["rq", "s", "z"], ["rd"]),
            Node("DequantizeLinear", ["w", "ws", "wz"], ["wd2"], Int("axis", 0)), Node("Conv", ["rd", "wd2"], ["c2"]),
            Node("QuantizeLinear", ["c2", "s", "z"], ["c2q"]), Node("DequantizeLinear", ["c2q", "s", "z"], ["y"]));
        model.Graph.Initializer.Add(Weight("s", ElementType.Float32, [], 0.05f));
        model.Graph.Initializer.Add(Weight("z", ElementType.UInt8, [], (byte)0));
        AddWeights(model, [16, 16, 3, 3]);
        return model;
    }

    /// <summary>Conv with quantized weights and float activations; the layer is "y".</summary>
    public static OnnxModel WeightOnlyConvolution()
    {
        var model = Model([Value("x", ElementType.Float32, -1, 16, 16, 16)], ["y"],
            Node("DequantizeLinear", ["w", "ws", "wz"], ["wd"], Int("axis", 0)), Node("Conv", ["x", "wd"], ["y"]));
        AddWeights(model, [16, 16, 3, 3]);
        return model;
    }

    /// <summary>MatMul whose activations are quantized at each run; the layer is "y".</summary>
    public static OnnxModel DynamicProduct()
    {
        var model = Model([Value("x", ElementType.Float32, -1, 32, 64)], ["y"],
            Node("DynamicQuantizeLinear", ["x"], ["xq", "xs", "xz"]), Node("MatMulInteger", ["xq", "w", "xz", "wz0"], ["i"]),
            Node("Cast", ["i"], ["f"], Int("to", (int)ElementType.Float32)), Node("Mul", ["xs", "ws0"], ["scale"]),
            Node("Mul", ["f", "scale"], ["y"]));
        model.Graph.Initializer.Add(Weight("ws0", ElementType.Float32, [], 0.01f));
        model.Graph.Initializer.Add(Weight("wz0", ElementType.Int8, [], (sbyte)0));
        AddWeights(model, [64, 64]);
        return model;
    }

    static void AddWeights(OnnxModel model, long[] dimensions)
    {
        byte[] weights = new byte[dimensions.Aggregate(1L, (product, size) => product * size)];
        new Random(7).NextBytes(weights);
        model.Graph.Initializer.Add(Weight("w", ElementType.Int8, dimensions, weights));
        model.Graph.Initializer.Add(Weight("ws", ElementType.Float32, [16], Enumerable.Repeat(0.01f, 16).ToArray()));
        model.Graph.Initializer.Add(Weight("wz", ElementType.Int8, [16], new sbyte[16]));
    }
}
