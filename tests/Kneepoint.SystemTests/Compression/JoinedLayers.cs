using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Onnx.Shapes;
using Kneepoint.SystemTests.Runtime;
using Kneepoint.Tensors;
using static Kneepoint.SystemTests.Runtime.Graphs;

namespace Kneepoint.SystemTests.Compression;

/// <summary>One small network for each way in which layers can be joined.</summary>
static class JoinedLayers
{
    /// <summary>The network of a name, and what to feed it.</summary>
    public static (OnnxModel Model, Dictionary<string, Tensor> Inputs) Network(string motif)
    {
        var builder = new Builder();
        switch (motif)
        {
            case "chain":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Conv("b", "ar", 8, 6).Relu("b").Conv("y", "br", 6, 4, kernel: 1);
                break;
            case "residual":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Conv("b", "ar", 8, 6).Relu("b").Conv("c", "br", 6, 8).Then("Add", "s", "ar", "c").Relu("s").Conv("y", "sr", 8, 4);
                break;
            case "concat":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Conv("b", "x", 3, 5).Relu("b").With("Concat", "k", ["ar", "x", "br"], Int("axis", 1))
                    .Conv("c", "k", 16, 6).Relu("c").Conv("y", "cr", 6, 4);
                break;
            case "split":
                builder.Image().Conv("a", "x", 3, 9).Relu("a").Integers("sizes", 4, 5).Node(Node("Split", ["ar", "sizes"], ["l", "r"], Int("axis", 1)))
                    .Conv("b", "l", 4, 6).Conv("c", "r", 5, 6).Relu("b").Relu("c").With("Concat", "k", ["br", "cr"], Int("axis", 1)).Conv("y", "k", 12, 4);
                break;
            case "split in two equal parts, old form":
                builder.Image(opset: 11).Conv("a", "x", 3, 8).Relu("a").Node(Node("Split", ["ar"], ["l", "r"], Int("axis", 1)))
                    .Conv("b", "l", 4, 6).Conv("c", "r", 4, 6).Relu("b").Relu("c").With("Concat", "k", ["br", "cr"], Int("axis", 1)).Conv("y", "k", 12, 4);
                break;
            case "slice":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Integers("from", 2).Integers("to", 7).Integers("one", 1).With("Slice", "sl", ["ar", "from", "to", "one"])
                    .Conv("b", "sl", 5, 6).Relu("b").Conv("y", "br", 6, 4);
                break;
            case "grouped":
                builder.Image().Conv("a", "x", 3, 12).Relu("a").Conv("b", "ar", 4, 9, group: 3).Relu("b").Conv("y", "br", 9, 4);
                break;
            case "depthwise":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Conv("b", "ar", 1, 8, group: 8).Relu("b").Conv("c", "br", 8, 6, kernel: 1).Relu("c").Conv("y", "cr", 6, 4);
                break;
            case "depthwise with two outputs for each input":
                builder.Image().Conv("a", "x", 3, 6).Relu("a").Conv("b", "ar", 1, 12, group: 6).Relu("b").Conv("c", "br", 12, 6, kernel: 1).Relu("c").Conv("y", "cr", 6, 4);
                break;
            case "transposed":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Transposed("b", "ar", 8, 6).Relu("b").Transposed("c", "br", 6, 6).Relu("c").Conv("y", "cr", 6, 4);
                break;
            case "flatten":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").With("MaxPool", "p", ["ar"], Ints("kernel_shape", 2, 2), Ints("strides", 2, 2)).With("Flatten", "f", ["p"])
                    .Gemm("g", "f", 8 * 16, 10).Relu("g").Gemm("y", "gr", 10, 4);
                break;
            case "reshape with sizes":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Integers("shape", 2, 8, 64).With("Reshape", "m", ["ar", "shape"]).With("Transpose", "t", ["m"], Ints("perm", 0, 2, 1))
                    .Integers("flat", 0, 512).With("Reshape", "f", ["t", "flat"]).Gemm("g", "f", 512, 10).Relu("g").Gemm("y", "gr", 10, 4);
                break;
            case "reshape by sizes put together":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").With("Shape", "sh", ["ar"]).Integers("zero", 0).With("Gather", "n", ["sh", "zero"]).Integers("rest", 8, 64)
                    .With("Concat", "to", ["n", "rest"], Int("axis", 0)).With("Reshape", "m", ["ar", "to"]).With("Flatten", "f", ["m"]).Gemm("g", "f", 512, 10).Relu("g").Gemm("y", "gr", 10, 4);
                break;
            case "shuffle":
                builder.Image().Conv("a", "x", 3, 6).Relu("a").Conv("b", "x", 3, 6).Relu("b").With("Concat", "k", ["ar", "br"], Int("axis", 1))
                    .Integers("apart", 2, 2, 6, 8, 8).With("Reshape", "r1", ["k", "apart"]).With("Transpose", "t", ["r1"], Ints("perm", 0, 2, 1, 3, 4))
                    .Integers("back", 2, 12, 8, 8).With("Reshape", "r2", ["t", "back"]).Conv("c", "r2", 12, 6).Relu("c").Conv("y", "cr", 6, 4);
                break;
            case "attention":
                Attention(builder);
                break;
            case "attention of one product":
                AttentionOfOneProduct(builder);
                break;
            case "shared weights":
                builder.Image(channels: 6).Conv("a", "x", 6, 6).Relu("a").Node(Node("Conv", ["x", "w_a", "b_a"], ["b"], Ints("pads", 1, 1, 1, 1))).Relu("b")
                    .With("Concat", "k", ["ar", "br"], Int("axis", 1)).Conv("c", "k", 12, 6).Relu("c").Conv("y", "cr", 6, 4);
                break;
            case "branches that rejoin":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Conv("b", "ar", 8, 6).Relu("b").Conv("c", "ar", 8, 6, kernel: 1).Relu("c").Then("Mul", "m", "br", "cr")
                    .Conv("d", "m", 6, 6).Relu("d").Conv("y", "dr", 6, 4);
                break;
            case "squeeze and excitation":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").With("GlobalAveragePool", "p", ["ar"]).Conv("d", "p", 8, 4, kernel: 1).Relu("d").Conv("e", "dr", 4, 8, kernel: 1)
                    .With("Sigmoid", "sg", ["e"]).Then("Mul", "m", "ar", "sg").Conv("c", "m", 8, 6).Relu("c").Conv("y", "cr", 6, 4);
                break;
            case "padded shortcut":
                builder.Image().Conv("a", "x", 3, 6).Relu("a").Integers("pads", 0, 1, 0, 0, 0, 1, 0, 0).With("Pad", "pd", ["ar", "pads"]).Conv("b", "ar", 6, 6).Relu("b").Conv("c", "br", 6, 8)
                    .Then("Add", "s", "pd", "c").Relu("s").Conv("y", "sr", 8, 4);
                break;
            case "normalization of channels":
                builder.Image().Conv("a", "x", 3, 8).Weight("scale", 8).Weight("shift", 8).Weight("mean", 8).Node(Node("BatchNormalization", ["a", "scale", "zeros", "zeros", "ones"], ["n"]))
                    .Constant("zeros", 8, 0).Constant("ones", 8, 1).Relu("n").Conv("b", "nr", 8, 6).Weight("slope", 6, 1, 1).Then("PRelu", "pr", "b", "slope").Conv("y", "pr", 6, 4);
                break;
            case "norm of all":
                builder.Image().Conv("a", "x", 3, 8).With("LRN", "n", ["a"], Int("size", 3)).Conv("b", "n", 8, 6).Relu("b").Conv("y", "br", 6, 4);
                break;
            case "transposed matrices":
                builder.Matrix(8).Node(Node("Gemm", ["x", "w_a", "b_a"], ["a"], Int("transB", 1))).Weight("w_a", 12, 8).Weight("b_a", 12).Relu("a")
                    .With("Transpose", "t", ["ar"], Ints("perm", 1, 0)).Node(Node("Gemm", ["t", "w_b"], ["b"], Int("transA", 1))).Weight("w_b", 12, 10).Relu("b").Gemm("y", "br", 10, 4);
                break;
            case "resize":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Integers("size", 2, 8, 16, 16).With("Resize", "z", ["ar", "", "", "size"]).Conv("b", "z", 8, 6).Relu("b").Conv("y", "br", 6, 4);
                break;
            case "output of the network":
                builder.Image().Conv("a", "x", 3, 8).Relu("a").Conv("b", "ar", 8, 6).Relu("b").Conv("y", "br", 6, 4).Output("a");
                break;
            case "normalized product":
                builder.Sequence(16).Weight("w_a", 16, 24).Then("MatMul", "a", "x", "w_a").Weight("gain", 24).Weight("shift", 24)
                    .Node(Node("LayerNormalization", ["a", "gain", "shift"], ["n"], Int("axis", -1))).Weight("w_b", 24, 20).Then("MatMul", "b", "n", "w_b").Relu("b").Weight("w_y", 20, 8).Then("MatMul", "y", "br", "w_y");
                break;
            case "scale and shift":
                builder.Sequence(16).Weight("w_a", 16, 24).Then("MatMul", "a", "x", "w_a").Weight("gain", 24).Then("Mul", "g", "a", "gain").Weight("shift", 24).Then("Add", "s", "g", "shift")
                    .Weight("w_b", 24, 20).Then("MatMul", "b", "s", "w_b").Relu("b").Weight("w_y", 20, 8).Then("MatMul", "y", "br", "w_y");
                break;
            case "clip at 6":
                builder.Image().Conv("a", "x", 3, 8).Constant("low", 1, 0).Constant("high", 1, 0.5f).Scalars().With("Clip", "ar", ["a", "low", "high"]).Conv("b", "ar", 8, 6).Relu("b").Conv("y", "br", 6, 4);
                break;
            case "clip at 0":
                builder.Image().Conv("a", "x", 3, 8).Constant("low", 1, 0).Scalars().With("Clip", "ar", ["a", "low"]).Conv("b", "ar", 8, 6).Relu("b").Conv("y", "br", 6, 4);
                break;
            case "number added":
                builder.Image().Conv("a", "x", 3, 8).Constant("one", 1, 1).Then("Add", "s", "a", "one").Relu("s").Conv("b", "sr", 8, 6).Relu("b").Conv("y", "br", 6, 4);
                break;
            default:
                throw new ArgumentException(motif);
        }

        return builder.Build();
    }

    static void Attention(Builder builder)
    {
        builder.Sequence(16).Integers("heads", 0, 0, 4, 8).Integers("joined", 0, 0, 32);
        foreach (string name in new[] { "q", "k", "v" })
        {
            builder.Weight($"w_{name}", 16, 32).Weight($"b_{name}", 32).Then("MatMul", name, "x", $"w_{name}").Then("Add", name + "b", name, $"b_{name}")
                .With("Reshape", name + "r", [name + "b", "heads"]).With("Transpose", name + "t", [name + "r"], name == "k" ? Ints("perm", 0, 2, 3, 1) : Ints("perm", 0, 2, 1, 3));
        }

        builder.Then("MatMul", "s", "qt", "kt").With("Softmax", "p", ["s"], Int("axis", -1)).Then("MatMul", "c", "p", "vt").With("Transpose", "ct", ["c"], Ints("perm", 0, 2, 1, 3))
            .With("Reshape", "j", ["ct", "joined"]).Weight("w_o", 32, 16).Then("MatMul", "o", "j", "w_o").Then("Add", "h", "x", "o")
            .Weight("w_u", 16, 24).Then("MatMul", "u", "h", "w_u").Relu("u").Weight("w_y", 24, 16).Then("MatMul", "y", "ur", "w_y");
    }

    static void AttentionOfOneProduct(Builder builder)
    {
        builder.Sequence(16).Integers("apart", 0, 0, 3, 4, 8).Integers("joined", 0, 0, 32).Weight("w_q", 16, 96).Weight("b_q", 96).Then("MatMul", "q", "x", "w_q").Then("Add", "qb", "q", "b_q")
            .With("Reshape", "r", ["qb", "apart"]).With("Transpose", "t", ["r"], Ints("perm", 2, 0, 3, 1, 4));
        for (int i = 0; i < 3; i++) builder.Scalar($"i{i}", i).With("Gather", $"g{i}", ["t", $"i{i}"], Int("axis", 0));
        builder.With("Transpose", "kt", ["g1"], Ints("perm", 0, 1, 3, 2)).Then("MatMul", "s", "g0", "kt").With("Softmax", "p", ["s"], Int("axis", -1)).Then("MatMul", "c", "p", "g2")
            .With("Transpose", "ct", ["c"], Ints("perm", 0, 2, 1, 3)).With("Reshape", "j", ["ct", "joined"]).Weight("w_o", 32, 16).Then("MatMul", "o", "j", "w_o").Then("Add", "h", "x", "o")
            .Weight("w_u", 16, 24).Then("MatMul", "u", "h", "w_u").Relu("u").Weight("w_y", 24, 16).Then("MatMul", "y", "ur", "w_y");
    }

    sealed class Builder
    {
        readonly List<NodeProto> _nodes = [];
        readonly List<TensorProto> _weights = [];
        readonly List<string> _outputs = ["y"];
        ValueInfoProto? _input;
        Tensor? _values;
        int _opset = 17;
        int _seed = 1;

        public Builder Image(int channels = 3, int opset = 17)
        {
            _opset = opset;
            return Input(2, channels, 8, 8);
        }

        public Builder Matrix(int columns) => Input(3, columns);

        public Builder Sequence(int width) => Input(2, 5, width);

        public Builder Conv(string name, string input, int columns, int channels, int kernel = 3, int group = 1)
        {
            int pad = kernel / 2;
            return Node(Graphs.Node("Conv", [input, $"w_{name}", $"b_{name}"], [name], Ints("pads", pad, pad, pad, pad), Int("group", group)))
                .Weight($"w_{name}", channels, columns, kernel, kernel).Weight($"b_{name}", channels);
        }

        public Builder Transposed(string name, string input, int inputs, int channels) =>
            Node(Graphs.Node("ConvTranspose", [input, $"w_{name}", $"b_{name}"], [name], Ints("strides", 2, 2))).Weight($"w_{name}", inputs, channels, 2, 2).Weight($"b_{name}", channels);

        public Builder Gemm(string name, string input, int inputs, int outputs) =>
            Node(Graphs.Node("Gemm", [input, $"w_{name}", $"b_{name}"], [name])).Weight($"w_{name}", inputs, outputs).Weight($"b_{name}", outputs);

        public Builder Relu(string name) => Node(Graphs.Node("Relu", [name], [name + "r"]));

        public Builder Then(string operation, string output, string first, string second) => Node(Graphs.Node(operation, [first, second], [output]));

        public Builder With(string operation, string output, string[] inputs, params AttributeProto[] attributes) => Node(Graphs.Node(operation, inputs, [output], attributes));

        public Builder Node(NodeProto node)
        {
            _nodes.Add(node);
            return this;
        }

        public Builder Weight(string name, params long[] dimensions)
        {
            _weights.Add(Graphs.Weight(name, ElementType.Float32, dimensions, Numbers((int)dimensions.Aggregate(1L, (a, b) => a * b), _seed++)));
            return this;
        }

        public Builder Constant(string name, int count, float value)
        {
            _weights.Add(Graphs.Weight(name, ElementType.Float32, [count], [.. Enumerable.Repeat(value, count)]));
            return this;
        }

        /// <summary>Makes scalars of the constants of one element.</summary>
        public Builder Scalars()
        {
            foreach (var weight in _weights.Where(weight => weight.Dims is [1])) weight.Dims.Clear();
            return this;
        }

        public Builder Integers(string name, params long[] values)
        {
            _weights.Add(TensorData.Write(name, Tensor.Of([values.Length], values)));
            return this;
        }

        public Builder Scalar(string name, long value)
        {
            _weights.Add(TensorData.Write(name, Tensor.Of([], [value])));
            return this;
        }

        public Builder Output(string name)
        {
            _outputs.Add(name);
            return this;
        }

        public (OnnxModel Model, Dictionary<string, Tensor> Inputs) Build()
        {
            var model = Model([_input!], _outputs, [.. _nodes]);
            model.Proto.OpsetImport[0].Version = _opset;
            model.Graph.Initializer.AddRange(_weights);
            GraphOrder.Sort(model.Graph);
            var shapes = ShapeInference.Infer(model, new InputShapes());
            for (int i = 0; i < _outputs.Count; i++) model.Graph.Output[i] = Value(_outputs[i], ElementType.Float32, [.. shapes[_outputs[i]]!.Dimensions]);
            return (model, new Dictionary<string, Tensor> { ["x"] = _values! });
        }

        Builder Input(params long[] dimensions)
        {
            _input = Value("x", ElementType.Float32, dimensions);
            _values = Tensor.Of(dimensions, Numbers((int)dimensions.Aggregate(1L, (a, b) => a * b), 99));
            return this;
        }
    }
}
