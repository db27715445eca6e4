using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Calibration;

/// <summary>Runs graphs of a few elementwise operators on float32, and keeps book of the sessions and runs.</summary>
sealed class ElementwiseRuntime : INetworkRuntime
{
    public string Name => "elementwise";

    /// <summary>Values that cannot be given out, as values of optimizations or sequences cannot.</summary>
    public HashSet<string> Refused { get; } = [];

    /// <summary>The outputs of each session opened, except those that count elements.</summary>
    public List<string> Sessions { get; } = [];

    /// <summary>The batch of each run, except those that count elements.</summary>
    public List<long> Runs { get; } = [];

    /// <summary>The most bytes that one of those runs gave out.</summary>
    public long MostBytes { get; private set; }

    public INetworkSession Open(string modelFile, SessionSettings settings) => throw new NotSupportedException();

    public OnnxModel Optimize(string modelFile, SessionSettings settings) => throw new NotSupportedException();

    public OnnxModel Optimize(OnnxModel model, SessionSettings settings) => throw new NotSupportedException();

    public INetworkSession Open(OnnxModel model, SessionSettings settings)
    {
        string? refused = model.Graph.Output.Select(output => output.Name).FirstOrDefault(Refused.Contains);
        if (refused is not null) throw new OnnxModelException($"The runtime refuses '{refused}'.");
        return new Session(this, model);
    }

    sealed class Session : INetworkSession
    {
        readonly ElementwiseRuntime _runtime;
        readonly OnnxModel _model;
        readonly bool _isCounting;

        public Session(ElementwiseRuntime runtime, OnnxModel model)
        {
            (_runtime, _model) = (runtime, model);
            _isCounting = model.Graph.Node.Any(node => node.OpType == "Size");
            if (!_isCounting) runtime.Sessions.Add(string.Join(',', model.Graph.Output.Select(output => output.Name)));
            Inputs = [.. new GraphIndex(model).FedInputs.Select(input => new ValueSignature(input.Name, (ElementType)input.Type.TensorType.ElemType,
                [.. input.Type.TensorType.Shape.Dim.Select(dim => dim.HasDimValue ? dim.DimValue : -1)]))];
            Outputs = [.. model.Graph.Output.Select(output => new ValueSignature(output.Name, TypeOf(output.Name), [-1]))];
        }

        public IReadOnlyList<ValueSignature> Inputs { get; }

        public IReadOnlyList<ValueSignature> Outputs { get; }

        ElementType TypeOf(string value) => _model.Graph.Node.FirstOrDefault(node => node.Output.Contains(value))?.OpType is "Size" or "ArgMax"
            ? ElementType.Int64 : ElementType.Float32;

        public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs)
        {
            var values = inputs.ToDictionary(input => input.Key, input => input.Value);
            foreach (var tensor in _model.Graph.Initializer) values[tensor.Name] = TensorData.Read(tensor, _model);
            foreach (var node in _model.Graph.Node) values[node.Output[0]] = Compute(node, values);
            var outputs = _model.Graph.Output.ToDictionary(output => output.Name, output => values[output.Name]);
            if (_isCounting) return outputs;
            _runtime.Runs.Add(inputs.Values.First().Dimensions[0]);
            _runtime.MostBytes = Math.Max(_runtime.MostBytes, outputs.Values.Sum(tensor => (long)tensor.Bytes.Length));
            return outputs;
        }

        static Tensor Compute(NodeProto node, Dictionary<string, Tensor> values)
        {
            var x = values[node.Input[0]];
            long[] dimensions = [.. x.Dimensions];
            float[] y = x.Values<float>().ToArray();
            switch (node.OpType)
            {
                case "Size": return Tensor.Of([], [x.ElementCount]);
                case "ArgMax": return Tensor.Of([1], [0L]);
                case "Relu": return Tensor.Of(dimensions, Array.ConvertAll(y, value => Math.Max(value, 0)));
                case "Neg": return Tensor.Of(dimensions, Array.ConvertAll(y, value => -value));
                case "Mul":
                    float factor = values[node.Input[1]].Values<float>()[0];
                    return Tensor.Of(dimensions, Array.ConvertAll(y, value => value * factor));
                default: throw new NotSupportedException(node.OpType);
            }
        }

        public IPreparedRun Prepare(IReadOnlyDictionary<string, Tensor> inputs) => throw new NotSupportedException();

        public void Dispose()
        {
        }
    }
}
