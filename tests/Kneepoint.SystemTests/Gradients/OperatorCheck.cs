using Kneepoint.Gradients;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>Which sizes of its first input a network under test leaves free.</summary>
public enum FreeSizes
{
    /// <summary>None.</summary>
    None,

    /// <summary>The first.</summary>
    Batch,

    /// <summary>All.</summary>
    All,
}

/// <summary>Checks the rule of one operator. The first input is fed, further floating-point inputs are initializers; the gradients of all are checked.</summary>
static class OperatorCheck
{
    // Of each tensor, at each kind of free sizes.
    const int MostElements = 40;

    /// <summary>Checks with all sizes known, with a free batch, and with all sizes free.</summary>
    public static void Run(string operation, Arg[] inputs, Action<NodeProto>? with = null, int outputs = 1, int opset = 18, FreeSizes mostFree = FreeSizes.All)
    {
        foreach (var free in Enum.GetValues<FreeSizes>().Where(free => free <= mostFree))
        {
            var (model, fed, weights) = Network(operation, inputs, with, outputs, opset, free);
            string[] values = inputs[0].IsFloat ? ["in0"] : [];
            GradientCheck.Check(model, fed, new GradientRequest { Outputs = [.. model.Graph.Output.Select(output => output.Name)], Weights = weights, Values = values }, MostElements);
        }
    }

    /// <summary>A network of one operator: its inputs are named in0, in1, …, its outputs out0, ….</summary>
    public static (OnnxModel Model, Dictionary<string, Tensor> Fed, string[] Weights) Network(string operation, Arg[] inputs, Action<NodeProto>? with = null,
        int outputs = 1, int opset = 18, FreeSizes free = FreeSizes.None)
    {
        var random = new Random(11);
        var proto = new ModelProto { IrVersion = Opsets.IrOf(opset), Graph = new GraphProto { Name = "graph" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = opset });
        var node = NodeBuilder.Node(operation, [.. inputs.Select((arg, i) => arg.Type == ElementType.Undefined ? "" : $"in{i}")], [.. Enumerable.Range(0, outputs).Select(i => $"out{i}")]);
        with?.Invoke(node);
        proto.Graph.Node.Add(node);
        var fed = new Dictionary<string, Tensor>();
        var weights = new List<string>();
        for (int i = 0; i < inputs.Length; i++)
        {
            if (inputs[i].Type == ElementType.Undefined) continue;
            var tensor = inputs[i].Draw(random);
            if (i == 0)
            {
                fed.Add("in0", tensor);
                long[] dims = [.. inputs[0].Dims.Select((size, axis) => free == FreeSizes.All || (free == FreeSizes.Batch && axis == 0) ? -1 : size)];
                proto.Graph.Input.Add(NodeBuilder.Value("in0", inputs[0].Type, dims));
                continue;
            }

            proto.Graph.Initializer.Add(TensorData.Write($"in{i}", tensor));
            if (inputs[i].IsFloat) weights.Add($"in{i}");
        }

        proto.Graph.Output.AddRange(node.Output.Select(name => new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = 1 } } }));
        return (new OnnxModel(proto), fed, [.. weights]);
    }
}
