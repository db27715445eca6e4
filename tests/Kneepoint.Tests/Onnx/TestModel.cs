using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Onnx;

/// <summary>Builds small models for tests.</summary>
static class TestModel
{
    public static OnnxModel Of(int opset, ValueInfoProto[] inputs, ValueInfoProto[] outputs, TensorProto[] initializers, params NodeProto[] nodes)
    {
        var graph = new GraphProto { Name = "test" };
        graph.Input.AddRange(inputs);
        graph.Output.AddRange(outputs);
        graph.Initializer.AddRange(initializers);
        graph.Node.AddRange(nodes);
        var proto = new ModelProto { IrVersion = Opsets.IrOf(opset), ProducerName = "test", Graph = graph };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        return new OnnxModel(proto);
    }

    public static ValueInfoProto Float(string name, params long[] dimensions) => NodeBuilder.Value(name, ElementType.Float32, dimensions);

    public static ValueInfoProto Int64(string name, params long[] dimensions) => NodeBuilder.Value(name, ElementType.Int64, dimensions);

    public static TensorProto Weight(string name, params long[] dimensions)
    {
        Tensor.TryCount(dimensions, out long count);
        float[] values = new float[count];
        for (int i = 0; i < values.Length; i++) values[i] = (i % 17 - 8) / 8f;
        return TensorData.Write(name, Tensor.Of(dimensions, values));
    }

    public static TensorProto Integers(string name, params long[] values) => TensorData.Write(name, Tensor.Of([values.Length], values));

    public static NodeProto Node(string opType, string inputs, string outputs) =>
        NodeBuilder.Node(opType, inputs.Split(' '), outputs.Split(' '));
}
