using System.Runtime.InteropServices;
using Google.Protobuf;
using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Glyphs;

/// <summary>Writes the trained network as ONNX: convolutions, then two Gemm layers.</summary>
static class OnnxExport
{
    const int IrVersion = 8, Opset = 17;

    public static void Write(Network network, string file)
    {
        var graph = new GraphProto { Name = "glyphs" };
        graph.Input.Add(Value("image", 1, GlyphRenderer.Side, GlyphRenderer.Side));
        graph.Output.Add(Value("logits", network.Layers[^1].OutputChannels));
        string current = "image";
        for (int i = 0; i < network.Layers.Length; i++)
        {
            var layer = network.Layers[i];
            bool isConvolution = layer.OutputSide > 1, isLast = i == network.Layers.Length - 1;
            if (!isConvolution && layer.Side > 1) current = Append(graph, "Flatten", "flatten", [current], "flat");
            string name = isConvolution ? $"conv{i + 1}" : $"dense{i + 1}";
            string output = isLast ? "logits" : $"{name}_out";
            graph.Initializer.Add(isConvolution
                ? Tensor($"{name}.weight", layer.Weights, layer.OutputChannels, layer.Channels, layer.Kernel, layer.Kernel)
                : Tensor($"{name}.weight", layer.Weights, layer.OutputChannels, layer.Reduction));
            graph.Initializer.Add(Tensor($"{name}.bias", layer.Biases, layer.OutputChannels));
            current = Append(graph, isConvolution ? "Conv" : "Gemm", name, [current, $"{name}.weight", $"{name}.bias"], output,
                isConvolution
                    ? [Ints("kernel_shape", layer.Kernel, layer.Kernel), Ints("strides", layer.Stride, layer.Stride),
                        Ints("pads", layer.Padding, layer.Padding, layer.Padding, layer.Padding)]
                    : [new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 }]);
            if (layer.IsRectified) current = Append(graph, "Relu", $"{name}.relu", [current], $"{name}_relu");
        }

        var model = new ModelProto { IrVersion = IrVersion, ProducerName = "kneepoint-samples", Graph = graph };
        model.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = Opset });
        File.WriteAllBytes(file, model.ToByteArray());
    }

    static string Append(GraphProto graph, string type, string name, string[] inputs, string output, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = type, Name = name };
        node.Input.AddRange(inputs);
        node.Output.Add(output);
        node.Attribute.AddRange(attributes);
        graph.Node.Add(node);
        return output;
    }

    static AttributeProto Ints(string name, params int[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values.Select(v => (long)v));
        return attribute;
    }

    static TensorProto Tensor(string name, float[] values, params int[] dimensions)
    {
        var tensor = new TensorProto
        {
            Name = name,
            DataType = (int)TensorProto.Types.DataType.Float,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan())),
        };
        tensor.Dims.AddRange(dimensions.Select(d => (long)d));
        return tensor;
    }

    static ValueInfoProto Value(string name, params int[] dimensions)
    {
        var shape = new TensorShapeProto();
        shape.Dim.Add(new TensorShapeProto.Types.Dimension { DimParam = "N" });
        shape.Dim.AddRange(dimensions.Select(d => new TensorShapeProto.Types.Dimension { DimValue = d }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)TensorProto.Types.DataType.Float, Shape = shape } },
        };
    }
}
