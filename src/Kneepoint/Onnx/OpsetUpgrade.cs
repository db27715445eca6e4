using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>Raises a network to a later standard operator set, so that it can hold operators of that set.</summary>
/// <remarks>
/// From set 7 up to 21. Most operators only gained types and optional parts; those whose meaning or form changed are rewritten, and an operator that is not
/// known here, or that cannot be rewritten, is refused by its name. A network that is new enough stays as it is. Functions of the model have their own operator sets and are not touched.
/// Source: the operators' changelog of ONNX.
/// </remarks>
static class OpsetUpgrade
{
    /// <summary>Operators that broadcast without being told.</summary>
    public const int Oldest = 7;

    // Same meaning and form in sets 7 to 21, but for types and parts that are optional.
    static readonly HashSet<string> Unchanged = new(StringComparer.Ordinal)
    {
        "Abs", "Acos", "Acosh", "Add", "And", "ArgMax", "ArgMin", "Asin", "Asinh", "Atan", "Atanh", "AveragePool", "Bernoulli", "BitShift",
        "BitwiseAnd", "BitwiseNot", "BitwiseOr", "BitwiseXor", "BlackmanWindow", "Cast", "CastLike", "Ceil", "Celu", "CenterCropPad", "Col2Im",
        "Compress", "Concat", "ConcatFromSequence", "Constant", "ConstantOfShape", "Conv", "ConvInteger", "ConvTranspose", "Cos", "Cosh",
        "CumSum", "DepthToSpace", "DequantizeLinear", "Det", "Div", "DynamicQuantizeLinear", "Einsum", "Elu", "Equal", "Erf", "Exp", "Expand",
        "EyeLike", "Flatten", "Floor", "GRU", "Gather", "GatherElements", "GatherND", "Gelu", "Gemm", "GlobalAveragePool", "GlobalLpPool",
        "GlobalMaxPool", "Greater", "GreaterOrEqual", "HammingWindow", "HannWindow", "HardSigmoid", "HardSwish", "Identity", "If",
        "ImageDecoder", "InstanceNormalization", "IsInf", "IsNaN", "LRN", "LSTM", "LayerNormalization", "LeakyRelu", "Less", "LessOrEqual",
        "Log", "Loop", "LpNormalization", "LpPool", "MatMul", "MatMulInteger", "Max", "MaxPool", "MaxRoiPool", "MaxUnpool", "Mean",
        "MeanVarianceNormalization", "MelWeightMatrix", "Min", "Mish", "Mod", "Mul", "Multinomial", "Neg", "NegativeLogLikelihoodLoss",
        "NonMaxSuppression", "NonZero", "Not", "OneHot", "Optional", "OptionalGetElement", "OptionalHasElement", "Or", "PRelu", "Pow",
        "QLinearConv", "QLinearMatMul", "QuantizeLinear", "RNN", "RandomNormal", "RandomNormalLike", "RandomUniform", "RandomUniformLike",
        "Range", "Reciprocal", "RegexFullMatch", "Relu", "Reshape", "ReverseSequence", "Round", "STFT", "ScatterElements", "ScatterND", "Selu",
        "SequenceAt", "SequenceConstruct", "SequenceEmpty", "SequenceErase", "SequenceInsert", "SequenceLength", "SequenceMap", "Shape",
        "Shrink", "Sigmoid", "Sign", "Sin", "Sinh", "Size", "Softplus", "Softsign", "SoftmaxCrossEntropyLoss", "SpaceToDepth",
        "SplitToSequence", "Sqrt", "StringConcat", "StringNormalizer", "StringSplit", "Sub", "Sum", "Tan", "Tanh", "TfIdfVectorizer",
        "ThresholdedRelu", "Tile", "Transpose", "Trilu", "Unique", "Where", "Xor",
    };

    static readonly HashSet<string> Reductions = new(StringComparer.Ordinal)
    {
        "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare",
    };

    /// <summary>Raises the operator set to at least the target, or changes nothing.</summary>
    /// <param name="model">Changed in place; its nodes are sorted again.</param>
    /// <param name="target">At most 21.</param>
    /// <param name="fresh">Gives a free name for a stem.</param>
    /// <param name="rankOf">The rank of a value of the main graph; null where it is not known.</param>
    /// <returns>Null, or the sentence that says which operator cannot be raised.</returns>
    public static string? Raise(OnnxModel model, int target, Func<string, string> fresh, Func<string, int?> rankOf)
    {
        int from = Opsets.Version(model.Proto);
        if (from >= target) return null;
        if (from < Oldest) return $"The network uses operator set {from}; sets from {Oldest} on can be raised to {target}.";
        try
        {
            // On a copy first: an operator that is refused must not leave the others changed.
            var copy = model.Graph.Clone();
            new Pass(fresh, rankOf, copy, from, target).Run(copy);
        }
        catch (RefusedException refused)
        {
            return refused.Message;
        }

        new Pass(fresh, rankOf, model.Graph, from, target).Run(model.Graph);
        Opsets.StampVersion(model.Proto, "", target);
        Opsets.RaiseIr(model.Proto, Opsets.IrOf(target));
        GraphOrder.Sort(model.Graph);
        return null;
    }

    sealed class RefusedException(string message) : Exception(message);

    sealed class Pass(Func<string, string> fresh, Func<string, int?> rankOf, GraphProto main, int from, int target)
    {
        readonly GraphProto _main = main;
        GraphProto _graph = new();

        public void Run(GraphProto graph)
        {
            foreach (var node in graph.Node.ToArray())
            {
                foreach (var subgraph in node.Subgraphs()) Run(subgraph);
                _graph = graph;
                if (node.IsStandard()) Convert(node);
            }

            if (!ReferenceEquals(graph, _main)) GraphOrder.Sort(graph);
        }

        void Convert(NodeProto node)
        {
            if (Unchanged.Contains(node.OpType)) return;
            if (Reductions.Contains(node.OpType))
            {
                if (Crosses(18)) AxesToInput(node);
                return;
            }

            switch (node.OpType)
            {
                case "BatchNormalization":
                    ConvertBatchNormalization(node);
                    break;
                case "Clip":
                    if (Crosses(11)) ConvertClip(node);
                    break;
                case "Dropout":
                    if (Crosses(12)) ConvertDropout(node);
                    break;
                case "GridSample":
                    if (Crosses(20)) ConvertGridSample(node);
                    break;
                case "Pad":
                    if (Crosses(11)) ConvertPad(node);
                    break;
                case "ReduceSum":
                    if (Crosses(13)) AxesToInput(node);
                    break;
                case "Resize":
                    if (Crosses(11)) ConvertResize(node, node.InputOrEmpty(1));
                    break;
                case "RoiAlign":
                    if (Crosses(16) && node.Attribute("coordinate_transformation_mode") is null) node.With("coordinate_transformation_mode", "output_half_pixel");
                    break;
                case "Scatter":
                    if (Crosses(11)) node.OpType = "ScatterElements";
                    break;
                case "Slice":
                    if (Crosses(10)) ConvertSlice(node);
                    break;
                case "Softmax" or "LogSoftmax" or "Hardmax":
                    if (Crosses(13)) ConvertSoftmax(node);
                    break;
                case "Split":
                    ConvertSplit(node);
                    break;
                case "Squeeze" or "Unsqueeze":
                    if (Crosses(13)) AxesToInput(node);
                    break;
                case "TopK":
                    if (Crosses(10)) ConvertTopK(node);
                    break;
                case "Upsample":
                    if (Crosses(10)) ConvertUpsample(node);
                    break;
                default:
                    throw Refuse(node, "is not known to keep its meaning");
            }
        }

        bool Crosses(int version) => from < version && target >= version;

        RefusedException Refuse(NodeProto node, string why) =>
            new($"{node.Place()} {why} between operator sets {from} and {target}; the method needs set {target}.");

        // The runtime takes constants of subgraphs from nodes as well as from initializers; nodes keep both kinds of graph alike.
        string Fixed(string stem, Tensor tensor)
        {
            string name = fresh(stem);
            if (ReferenceEquals(_graph, _main))
            {
                _graph.Initializer.Add(TensorData.Write(name, tensor));
                return name;
            }

            var constant = NodeBuilder.Node("Constant", [], [name]).With("value", TensorData.Write("", tensor));
            _graph.Node.Insert(0, constant);
            return name;
        }

        string Integers(string stem, long[] values) => Fixed(stem, Tensor.Of([values.Length], values));

        string Scalar(string stem, float value) => Fixed(stem, Tensor.Of([], [value]));

        static void SetInput(NodeProto node, int index, string value)
        {
            while (node.Input.Count <= index) node.Input.Add("");
            node.Input[index] = value;
        }

        void AxesToInput(NodeProto node)
        {
            if (node.GetInts("axes") is { } axes) SetInput(node, 1, Integers("axes", axes));
            node.Without("axes");
        }

        void ConvertBatchNormalization(NodeProto node)
        {
            if (Crosses(9))
            {
                if (node.GetInt("spatial", 1) != 1) throw Refuse(node, "normalizes each element by itself, which no later set does,");
                node.Without("spatial");
            }

            if (Crosses(14) && node.Output.Count(output => output.Length > 0) > 1) throw Refuse(node, "is in training mode, whose outputs changed");
        }

        void ConvertClip(NodeProto node)
        {
            if (node.Attribute("min") is not null) SetInput(node, 1, Scalar("min", node.GetFloat("min", 0)));
            if (node.Attribute("max") is not null) SetInput(node, 2, Scalar("max", node.GetFloat("max", 0)));
            node.Without("min").Without("max");
        }

        void ConvertDropout(NodeProto node)
        {
            if (node.Attribute("ratio") is not null) SetInput(node, 1, Scalar("ratio", node.GetFloat("ratio", 0.5f)));
            node.Without("ratio");
        }

        static void ConvertGridSample(NodeProto node)
        {
            string mode = node.GetString("mode", "bilinear");
            node.With("mode", mode switch { "bilinear" => "linear", "bicubic" => "cubic", _ => mode });
        }

        void ConvertPad(NodeProto node)
        {
            SetInput(node, 1, Integers("pads", node.GetInts("pads") ?? []));
            if (node.Attribute("value") is not null) SetInput(node, 2, Scalar("value", node.GetFloat("value", 0)));
            node.Without("pads").Without("value");
        }

        void ConvertSlice(NodeProto node)
        {
            SetInput(node, 1, Integers("starts", node.GetInts("starts") ?? []));
            SetInput(node, 2, Integers("ends", node.GetInts("ends") ?? []));
            if (node.GetInts("axes") is { } axes) SetInput(node, 3, Integers("axes", axes));
            node.Without("starts").Without("ends").Without("axes");
        }

        // Before set 13 the axes from the given one on were taken together.
        void ConvertSoftmax(NodeProto node)
        {
            long axis = node.GetInt("axis", 1);
            node.Without("axis");
            int? rank = ReferenceEquals(_graph, _main) ? rankOf(node.Input[0]) : null;
            if (axis == -1 || (rank is { } r && axis == r - 1))
            {
                node.With("axis", -1L);
                return;
            }

            string input = node.Input[0];
            string output = node.Output[0];
            string shape = fresh(output + "_shape");
            string flat = fresh(output + "_flat");
            node.Input[0] = flat;
            node.Output[0] = fresh(output + "_rows");
            node.With("axis", -1L);
            _graph.Node.Add(NodeBuilder.Node("Shape", [input], [shape]));
            _graph.Node.Add(NodeBuilder.Node("Flatten", [input], [flat]).With("axis", axis));
            // Many writers call a node like its output, and two nodes must not have one name.
            var rows = NodeBuilder.Node("Reshape", [node.Output[0], shape], [output]);
            rows.Name = fresh(output + "_shaped");
            _graph.Node.Add(rows);
        }

        void ConvertSplit(NodeProto node)
        {
            if (Crosses(13) && node.GetInts("split") is { } sizes) SetInput(node, 1, Integers("split", sizes));
            if (Crosses(13)) node.Without("split");
            if (Crosses(18) && node.InputOrEmpty(1).Length == 0) node.With("num_outputs", (long)node.Output.Count);
        }

        void ConvertTopK(NodeProto node)
        {
            SetInput(node, 1, Integers("k", [node.GetInt("k", 1)]));
            node.Without("k");
        }

        void ConvertUpsample(NodeProto node)
        {
            string scales = node.InputOrEmpty(1);
            if (scales.Length == 0)
            {
                float[] values = node.GetFloats("scales") ?? throw Refuse(node, "has no scales");
                scales = Fixed("scales", Tensor.Of([values.Length], values));
                node.Without("scales");
            }

            node.OpType = "Resize";
            ConvertResize(node, scales);
        }

        static void ConvertResize(NodeProto node, string scales)
        {
            SetInput(node, 1, "");
            SetInput(node, 2, scales);
            node.With("coordinate_transformation_mode", "asymmetric");
            if (node.GetString("mode", "nearest") == "nearest") node.With("nearest_mode", "floor");
        }
    }
}
