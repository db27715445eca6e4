using System.Runtime.InteropServices;
using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Runtime;

/// <summary>Small networks made for a test.</summary>
static class Graphs
{
    /// <summary>A model of nodes; values without a type are left to the runtime's inference.</summary>
    public static OnnxModel Model(IEnumerable<ValueInfoProto> inputs, IEnumerable<string> outputs, params NodeProto[] nodes)
    {
        var proto = new ModelProto { IrVersion = 9, Graph = new GraphProto { Name = "graph" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        proto.Graph.Input.AddRange(inputs);
        proto.Graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
        proto.Graph.Node.AddRange(nodes);
        return new OnnxModel(proto);
    }

    public static NodeProto Node(string operation, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var node = new NodeProto { OpType = operation, Name = $"{operation}_{outputs[0]}" };
        node.Input.AddRange(inputs);
        node.Output.AddRange(outputs);
        node.Attribute.AddRange(attributes);
        return node;
    }

    public static AttributeProto Ints(string name, params long[] values)
    {
        var attribute = new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Ints };
        attribute.Ints.AddRange(values);
        return attribute;
    }

    public static AttributeProto Int(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    /// <summary>A value's type; −1 is a free dimension.</summary>
    public static ValueInfoProto Value(string name, ElementType type, params long[] dimensions)
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(dimensions.Select(size => size < 0
            ? new TensorShapeProto.Types.Dimension { DimParam = "N" }
            : new TensorShapeProto.Types.Dimension { DimValue = size }));
        return new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = shape } },
        };
    }

    public static TensorProto Weight<T>(string name, ElementType type, long[] dimensions, params T[] values) where T : unmanaged
    {
        var tensor = new TensorProto { Name = name, DataType = (int)type, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<T>(values)) };
        tensor.Dims.AddRange(dimensions);
        return tensor;
    }

    /// <summary>Numbers between −1 and 1 that are always the same.</summary>
    public static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)];
    }

    /// <summary>Writes the model into a folder and gives its path.</summary>
    public static string Save(OnnxModel model, TemporaryFolder folder)
    {
        string file = folder.File("model.onnx");
        File.WriteAllBytes(file, model.Proto.ToByteArray());
        return file;
    }

    /// <summary>Zeros of the right type and shape for every input; free dimensions are 1.</summary>
    public static Dictionary<string, Tensor> Zeros(INetworkSession session) => session.Inputs.ToDictionary(
        input => input.Name,
        input =>
        {
            long[] dimensions = [.. input.Dimensions.Select(size => size < 0 ? 1 : size)];
            return new Tensor(input.ElementType, dimensions, new byte[Tensor.ByteCount(input.ElementType, dimensions)]);
        });
}
