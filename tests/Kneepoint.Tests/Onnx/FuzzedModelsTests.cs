using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Costs;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Onnx;

/// <summary>Damaged and hostile models: whatever is read, indexed, inferred or counted ends in a result or in an <see cref="OnnxModelException"/>.</summary>
/// <remarks>KNEEPOINT_FUZZ_ROUNDS sets how many models are tried; seeds follow from the round, so that every failure can be made again.</remarks>
public sealed class FuzzedModelsTests : IDisposable
{
    // What reading a few kilobytes may take at most, on one thread.
    const long MostBytes = 64_000_000;

    static readonly int Rounds = int.TryParse(Environment.GetEnvironmentVariable("KNEEPOINT_FUZZ_ROUNDS"), out int rounds) ? rounds : 500;
    static readonly long[] Extremes = [0, 1, -1, 2, 3, 7, 64, 1024, 1 << 20, int.MaxValue, int.MinValue, 1L << 56, 1L << 62, long.MaxValue, long.MinValue];
    int _examined;
    readonly string _folder = Directory.CreateTempSubdirectory("kneepoint-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Damaged_bytes_are_read_or_refused_in_one_sentence()
    {
        byte[] whole = Seeds.Rich().ToByteArray();
        for (int round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            File.WriteAllBytes(At("damaged.onnx"), Damaged(whole, random));
            Check(() => Examine(OnnxModel.Load(At("damaged.onnx"))), $"round {round}");
        }
    }

    [Fact]
    public void Random_bytes_are_refused_in_one_sentence()
    {
        for (int round = 0; round < Rounds; round++)
        {
            var random = new Random(round);
            byte[] bytes = new byte[random.Next(1, 400)];
            random.NextBytes(bytes);
            File.WriteAllBytes(At("random.onnx"), bytes);
            Check(() => Examine(OnnxModel.Load(At("random.onnx"))), $"round {round}");
        }
    }

    [Fact]
    public void Well_formed_files_with_senseless_content_are_examined_or_refused()
    {
        var rich = Seeds.Rich();
        for (int round = 0; round < Rounds; round++)
        {
            var proto = rich.Clone();
            var random = new Random(round);
            for (int i = random.Next(1, 6); i > 0; i--) Distort(proto, random);
            Check(() => Examine(new OnnxModel(proto, _folder)), $"round {round}");
        }
    }

    [Fact]
    public void The_undamaged_seed_is_examined_whole()
    {
        var model = new OnnxModel(Seeds.Rich());

        var shapes = ShapeInference.Infer(model, new InputShapes());

        Assert.Empty(shapes.UnknownValues);
        Assert.True(NetworkCost.Of(model, shapes).Macs > 0);
        Assert.NotEmpty(WeightedLayers.Find(model).Layers);
    }

    [Fact]
    public void Ranks_that_double_at_each_node_are_stopped()
    {
        // 60 Gathers of a value with itself: each has twice the dimensions of the last one.
        var nodes = Enumerable.Range(0, 60).Select(i => TestModel.Node("Gather", $"v{i} v{i}", $"v{i + 1}")).ToArray();
        var model = TestModel.Of(13, [TestModel.Int64("v0", 1, 1)], [TestModel.Float("v60")], [], nodes);

        Check(() => Assert.Contains("dimensions", ShapeInference.Infer(model, new InputShapes()).WhyUnknown("v60"), StringComparison.Ordinal), "Gather");
    }

    [Fact]
    public void Names_in_nested_subgraphs_are_indexed_once()
    {
        // Many names in one subgraph, and many subgraphs in it.
        var outer = new GraphProto();
        for (int i = 0; i < 3000; i++)
        {
            var node = TestModel.Node("If", "c", $"name{i}");
            node.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = new GraphProto() });
            outer.Node.Add(node);
        }

        var top = TestModel.Node("If", "c", "y");
        top.Attribute.Add(new AttributeProto { Name = "then_branch", Type = AttributeProto.Types.AttributeType.Graph, G = outer });

        Check(() => _ = new GraphIndex(TestModel.Of(13, [], [], [], top)), "If");
    }

    static void Check(Action action, string place)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        try
        {
            action();
        }
        catch (OnnxModelException exception)
        {
            Assert.EndsWith(".", exception.Message, StringComparison.Ordinal);
        }
        catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
        {
            Assert.Fail($"{place}: {exception}");
        }

        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < MostBytes, $"{place}: took {GC.GetAllocatedBytesForCurrentThread() - before} bytes");
    }

    // All that commands do with a model before the runtime sees it; each part on its own, so that one refusal does not hide the next part.
    void Examine(OnnxModel model)
    {
        var refusals = new List<OnnxModelException>();
        Try(() => WeightedLayers.Find(model));
        Try(() => NetworkCost.Of(model, ShapeInference.Infer(model, new InputShapes())));
        Try(() => GraphOrder.Sort(model.Clone().Graph));
        foreach (var tensor in ModelTensors.All(model.Proto)) Try(() => TensorData.Read(tensor, model));
        if (++_examined % 16 == 0) Try(() => model.Save(At("again.onnx")));
        if (refusals.Count > 0) throw refusals[0];

        void Try(Action part)
        {
            try
            {
                part();
            }
            catch (OnnxModelException exception)
            {
                refusals.Add(exception);
            }
        }
    }

    static byte[] Damaged(byte[] whole, Random random)
    {
        var bytes = new List<byte>(whole);
        for (int i = random.Next(1, 5); i > 0; i--)
        {
            int at = random.Next(bytes.Count), length = Math.Min(random.Next(1, 40), bytes.Count - at);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 2 when bytes.Count > length + 1:
                    bytes.RemoveRange(at, length);
                    break;
                case 3:
                    bytes.InsertRange(random.Next(bytes.Count), bytes.GetRange(at, length));
                    break;
                default:
                    if (random.Next(4) == 0) bytes.RemoveRange(at, bytes.Count - at);
                    else bytes.Insert(at, 0xFF);
                    if (bytes.Count == 0) bytes.Add(0);
                    break;
            }
        }

        return [.. bytes];
    }

    static void Distort(ModelProto proto, Random random)
    {
        var graphs = ModelTensors.Graphs(proto).ToArray();
        var graph = graphs[random.Next(graphs.Length)];
        var nodes = graphs.SelectMany(g => g.Node).ToArray();
        var node = nodes[random.Next(nodes.Length)];
        var tensors = ModelTensors.All(proto).ToArray();
        var tensor = tensors[random.Next(tensors.Length)];
        switch (random.Next(12))
        {
            case 0:
                node.OpType = Seeds.Operators[random.Next(Seeds.Operators.Length)];
                break;
            case 1 when node.Input.Count > 0:
                node.Input[random.Next(node.Input.Count)] = AnyValue(graphs, random);
                break;
            case 2:
                if (random.Next(2) == 0 && node.Input.Count > 0) node.Input.RemoveAt(node.Input.Count - 1);
                else node.Input.Add(AnyValue(graphs, random));
                break;
            case 3 when node.Attribute.Count > 0:
                var attribute = node.Attribute[random.Next(node.Attribute.Count)];
                if (attribute.Ints.Count > 0) attribute.Ints[random.Next(attribute.Ints.Count)] = Extreme(random);
                else if (attribute.HasI) attribute.I = Extreme(random);
                else node.Attribute.Remove(attribute);
                break;
            case 4:
                node.With(Seeds.Attributes[random.Next(Seeds.Attributes.Length)], Extreme(random));
                break;
            case 5:
                node.With(Seeds.Attributes[random.Next(Seeds.Attributes.Length)], [.. Enumerable.Range(0, random.Next(5)).Select(_ => Extreme(random))]);
                break;
            case 6 when tensor.Dims.Count > 0:
                tensor.Dims[random.Next(tensor.Dims.Count)] = Extreme(random);
                break;
            case 7 when tensor.Int64Data.Count > 0:
                tensor.Int64Data[random.Next(tensor.Int64Data.Count)] = Extreme(random);
                break;
            case 8:
                tensor.DataType = random.Next(-1, 30);
                break;
            case 9:
                proto.OpsetImport[0].Version = random.Next(1, 30);
                break;
            case 10 when graph.Node.Count > 0:
                graph.Node.Add(graph.Node[random.Next(graph.Node.Count)].Clone());
                if (random.Next(2) == 0) Rename(graph.Node[^1], random);
                break;
            default:
                var inputs = graphs.SelectMany(g => g.Input).Where(input => input.Type?.TensorType?.Shape?.Dim.Count > 0).ToArray();
                if (inputs.Length == 0) break;
                var dims = inputs[random.Next(inputs.Length)].Type.TensorType.Shape.Dim;
                dims[random.Next(dims.Count)].DimValue = Extreme(random);
                break;
        }
    }

    static void Rename(NodeProto node, Random random)
    {
        for (int i = 0; i < node.Output.Count; i++) node.Output[i] += $"_{random.Next(100)}";
    }

    static string AnyValue(GraphProto[] graphs, Random random)
    {
        string[] names = [.. graphs.SelectMany(graph => graph.Node.SelectMany(node => node.Output).Concat(graph.Initializer.Select(tensor => tensor.Name))
            .Concat(graph.Input.Select(input => input.Name))), "", "nowhere"];
        return names[random.Next(names.Length)];
    }

    static long Extreme(Random random) => random.Next(3) == 0 ? random.Next(-5, 20) : Extremes[random.Next(Extremes.Length)];

    string At(string name) => Path.Combine(_folder, name);

    /// <summary>A valid model with a node or two of every family, and with all places that tensors are kept in.</summary>
    [SuppressMessage("Maintainability", "CA1506", Justification = "One seed on purpose.")]
    static class Seeds
    {
        public static readonly string[] Operators =
        [
            "Conv", "ConvTranspose", "ConvInteger", "QLinearConv", "Gemm", "MatMul", "MatMulInteger", "QLinearMatMul", "LSTM", "GRU", "RNN", "Einsum",
            "MaxPool", "AveragePool", "GlobalAveragePool", "BatchNormalization", "LayerNormalization", "Relu", "Add", "Sub", "Mul", "Div", "Mod", "Pow", "Min",
            "Max", "Equal", "Not", "Where", "Cast", "Shape", "Size", "ConstantOfShape", "Range", "Reshape", "Flatten", "Transpose", "Squeeze", "Unsqueeze",
            "Expand", "Tile", "Concat", "Split", "Slice", "Pad", "Gather", "GatherND", "GatherElements", "DepthToSpace", "SpaceToDepth", "OneHot", "TopK",
            "Resize", "Upsample", "ReduceMean", "ReduceSum", "ReduceProd", "ArgMax", "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "Identity",
            "Constant", "If", "Loop", "Scan", "NonZero", "Magic",
        ];

        public static readonly string[] Attributes =
        [
            "axis", "axes", "perm", "pads", "strides", "dilations", "kernel_shape", "group", "keepdims", "to", "shape", "split", "num_outputs", "batch_dims",
            "blocksize", "hidden_size", "layout", "start", "end", "num_scan_inputs", "output_shape", "output_padding", "transA", "transB", "ceil_mode", "value_ints",
        ];

        public static ModelProto Rich()
        {
            var model = TestModel.Of(17, [TestModel.Float("x", 1, 3, 8, 8), TestModel.Float("seq", 5, 2, 4), TestModel.Int64("ids", 2, 3)],
                [TestModel.Float("y", 1, 4)],
                [
                    TestModel.Weight("w", 4, 3, 3, 3), TestModel.Weight("b", 4), TestModel.Weight("wt", 4, 2, 2, 2), TestModel.Weight("m", 64, 4),
                    TestModel.Weight("lw", 1, 24, 4), TestModel.Weight("lr", 1, 24, 6), TestModel.Weight("table", 11, 6), Typed(), Half(), Bytes(),
                    TestModel.Weight("scale"), TestModel.Integers("i0", 0), TestModel.Integers("i1", 1), TestModel.Integers("i3", 3),
                    TestModel.Integers("minus", -1), TestModel.Integers("pads", 0, 0, 1, 1, 0, 0, 1, 1), TestModel.Integers("trips", 3),
                    TensorData.Write("yes", Tensor.Of<byte>(ElementType.Bool, [1], [1])), TestModel.Weight("zeros", 4),
                ],
                TestModel.Node("Conv", "x w b", "c").With("pads", [1, 1, 1, 1]), TestModel.Node("Relu", "c", "r"),
                TestModel.Node("MaxPool", "r", "p").With("kernel_shape", [2, 2]).With("strides", [2, 2]),
                TestModel.Node("ConvTranspose", "p wt", "t").With("strides", [2, 2]), TestModel.Node("Pad", "t pads", "padded"),
                TestModel.Node("GlobalAveragePool", "padded", "g"), TestModel.Node("Transpose", "g", "gt").With("perm", [0, 2, 3, 1]),
                TestModel.Node("QuantizeLinear", "r scale", "q"), TestModel.Node("DequantizeLinear", "q scale", "dq"),
                TestModel.Node("Shape", "p", "s"), TestModel.Node("Gather", "s i0", "first"), TestModel.Node("Concat", "first minus", "to").With("axis", 0),
                TestModel.Node("Reshape", "p to", "flat"), TestModel.Node("Gemm", "flat m b", "h"), TestModel.Node("Slice", "h i0 i3 i1", "h3"),
                TestModel.Node("Gather", "table ids", "e"), TestModel.Node("ReduceMean", "e", "em").With("axes", [1]), TestModel.Node("Cast", "half", "wide").With("to", 1),
                TestModel.Node("MatMul", "em wide", "mm"), TestModel.Node("Einsum", "em wide", "ein").With("equation", "bij,jk->bik"),
                TestModel.Node("LSTM", "seq lw lr", "l lh lc").With("hidden_size", 6), TestModel.Node("ConstantOfShape", "to2", "unused"),
                TestModel.Node("Split", "l", "l1 l2").With("axis", 2), TestModel.Node("Unsqueeze", "mm i0", "un"), TestModel.Node("TopK", "h i1", "tk ti"),
                TestModel.Node("DequantizeLinear", "codes scale", "codesd"), TestModel.Node("Range", "r0 r5 r1", "range"), TestModel.Node("OneHot", "ids depth offon", "hot"),
                TestModel.Node("If", "yes", "chosen"), TestModel.Node("Loop", "trips yes h", "looped collected"), TestModel.Node("Scan", "lc0 seq", "last all").With("num_scan_inputs", 1),
                TestModel.Node("Add", "h chosen", "y"));
            var graph = model.Graph;
            graph.Initializer.AddRange([TestModel.Integers("to2", 2, 3), Scalar("r0", 0), Scalar("r5", 5), Scalar("r1", 1), Scalar("depth", 4), TestModel.Weight("offon", 2), TestModel.Weight("lc0", 2, 4)]);
            SetGraph(Find(graph, "If"), "then_branch", Body([], ["a"], TestModel.Node("Relu", "h", "a")));
            SetGraph(Find(graph, "If"), "else_branch", Body([], ["a2"], TestModel.Node("Neg", "h", "a2")));
            var loop = Body([NodeBuilder.Value("i", ElementType.Int64, []), NodeBuilder.Value("go", ElementType.Bool, []), TestModel.Float("state", 1, 4)], ["go2", "next", "item"],
                TestModel.Node("Identity", "go", "go2"), TestModel.Node("MatMul", "state inner", "next"), TestModel.Node("Relu", "next", "item"));
            loop.Initializer.Add(TestModel.Weight("inner", 4, 4));
            SetGraph(Find(graph, "Loop"), "body", loop);
            SetGraph(Find(graph, "Scan"), "body", Body([TestModel.Float("sum", 2, 4), TestModel.Float("item0", 2, 4)], ["sum2", "item2"],
                TestModel.Node("Add", "sum item0", "sum2"), TestModel.Node("Identity", "sum2", "item2")));
            graph.SparseInitializer.Add(new SparseTensorProto { Values = TestModel.Weight("sparse", 2), Indices = TestModel.Integers("", 1, 5), Dims = { 9 } });
            graph.ValueInfo.Add(TestModel.Float("c", 1, 4, 8, 8));
            var function = new FunctionProto { Name = "Twice", Domain = "example.org", Input = { "v" }, Output = { "o" } };
            function.Node.Add(TestModel.Node("Add", "v v", "o"));
            model.Proto.Functions.Add(function);
            return model.Proto;
        }

        static NodeProto Find(GraphProto graph, string operation) => graph.Node.First(node => node.OpType == operation);

        static void SetGraph(NodeProto node, string name, GraphProto graph) =>
            node.Attribute.Add(new AttributeProto { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = graph });

        static GraphProto Body(ValueInfoProto[] inputs, string[] outputs, params NodeProto[] nodes)
        {
            var graph = new GraphProto { Name = "body" };
            graph.Input.AddRange(inputs);
            graph.Output.AddRange(outputs.Select(name => new ValueInfoProto { Name = name }));
            graph.Node.AddRange(nodes);
            return graph;
        }

        static TensorProto Scalar(string name, long value) => new() { Name = name, DataType = 7, Int64Data = { value } };

        static TensorProto Typed() => new() { Name = "typed", DataType = 1, Dims = { 2 }, FloatData = { 1, 2 } };

        static TensorProto Half() => new() { Name = "half", DataType = 10, Dims = { 6, 2 }, Int32Data = { Enumerable.Repeat(0x3C00, 12) } };

        static TensorProto Bytes() => new() { Name = "codes", DataType = 3, Dims = { 2, 2 }, Int32Data = { 1, -2, 3, -4 } };
    }
}
