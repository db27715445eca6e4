using BenchmarkDotNet.Attributes;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.OnnxRuntime;
using Kneepoint.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Benchmarks.Kernels;

/// <summary>Claim: sums of products of columns take no longer in managed code, whose bits depend on no machine, than by ONNX Runtime's product on one thread.</summary>
[ShortRunJob]
public class GramBenchmark
{
    float[] _rows = [];
    double[] _sums = [];
    OrtSession? _session;
    Tensor? _input;

    /// <summary>K: columns of a row.</summary>
    [Params(64, 576, 2304)]
    public int Columns { get; set; }

    /// <summary>Draws the rows and opens the network XᵀX.</summary>
    [GlobalSetup]
    public void Setup()
    {
        var random = new Random(1);
        _rows = [.. Enumerable.Range(0, GramProduct.MostRows * Columns).Select(_ => (float)random.NextDouble())];
        _sums = new double[Columns * Columns];
        _input = Tensor.Of([GramProduct.MostRows, Columns], _rows);
        var proto = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "gram" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Version = 17 });
        proto.Graph.Input.Add(new ValueInfoProto { Name = "x", Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)ElementType.Float32 } } });
        proto.Graph.Node.Add(NodeBuilder.Node("Transpose", ["x"], ["t"]));
        proto.Graph.Node.Add(NodeBuilder.Node("MatMul", ["t", "x"], ["y"]));
        proto.Graph.Output.Add(new ValueInfoProto { Name = "y" });
        _session = new OrtRuntime(1).Open(new OnnxModel(proto), new SessionSettings());
    }

    /// <summary>The upper triangle, added in binary64.</summary>
    [Benchmark(Baseline = true)]
    public double Managed()
    {
        GramProduct.Add(_rows, GramProduct.MostRows, Columns, _sums);
        return _sums[0];
    }

    /// <summary>Both triangles by the runtime, added in binary64.</summary>
    [Benchmark]
    public double Runtime()
    {
        var product = _session!.Run(new Dictionary<string, Tensor> { ["x"] = _input! })["y"].Values<float>();
        for (int i = 0; i < product.Length; i++) _sums[i] += product[i];
        return _sums[0];
    }
}
