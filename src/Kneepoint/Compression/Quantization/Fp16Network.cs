using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Compression.Quantization;

/// <summary>The whole network in binary16; its inputs and outputs stay binary32.</summary>
/// <remarks>
/// Every 32-bit value, weight and constant becomes 16 bits wide around the operators of <see cref="Fp16Operators"/>; others, and whatever holds subgraphs, stay
/// in 32 bits between casts and are named. Where the runtime lacks a 16-bit kernel, it widens by itself. Constants beyond the range (masks of −10^9) are set to its end, and scalars that
/// would become 0 (guards against division by 0) to its smallest number; both are reported. A layer's weight beyond the range refuses the network.
/// Known weakness: processors without 16-bit arithmetic gain no speed, and activations beyond 65,504 overflow.
/// </remarks>
public sealed record Fp16Network : CompressionMethod
{
    internal const string MethodName = "fp16-network";
    const float Largest = 65504;
    const float Smallest = 5.9604645E-08f;

    // Below, the Cast node takes more bytes than it saves.
    const int LeastStoredNarrow = 256;

    /// <inheritdoc/>
    public override string Name => MethodName;

    /// <inheritdoc/>
    public override string Summary => "16-bit floating-point weights and arithmetic";

    /// <inheritdoc/>
    public override bool TreatsWholeNetwork => true;

    /// <inheritdoc/>
    public override ImmutableSortedDictionary<string, string> Options => ImmutableSortedDictionary<string, string>.Empty;

    /// <inheritdoc/>
    public override string? WhyNot(WeightedLayer layer, GraphIndex index) => null;

    /// <inheritdoc/>
    public override long EstimateBytes(WeightedLayer layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        return layer.WeightCount * 2;
    }

    internal override void Apply(NetworkRewrite rewrite, IReadOnlyList<WeightedLayer> layers)
    {
        foreach (var layer in rewrite.Layers)
        {
            if (!Float16Weights.Overflows(rewrite.WeightOf(layer))) continue;
            throw new RecipeNotApplicableException($"Layer '{layer.Id}' has weights beyond the range of 16-bit floating-point numbers.");
        }

        CompactGraph.ConstantsToInitializers(rewrite.Graph);
        rewrite.Changed();
        new Pass(rewrite).Run();
        foreach (var layer in rewrite.Layers) rewrite.Treated(layer, this, 16, 16);
    }

    /// <summary>The inputs of an operator that must stay 32 bits wide; null if all must, and the outputs too.</summary>
    static int[]? WideInputs(NodeProto node, int opset) => !node.IsStandard() || !Fp16Operators.Contains(node.OpType, opset) ? null : node.OpType switch
    {
        "Resize" => [1, 2],
        "Upsample" => [1],
        _ => [],
    };

    sealed class Pass(NetworkRewrite rewrite)
    {
        readonly Dictionary<string, ElementType> _types = ValueTypes.Of(rewrite.Graph, MethodName);
        readonly Dictionary<string, TensorProto> _initializers = rewrite.Graph.Initializer.ToDictionary(tensor => tensor.Name, StringComparer.Ordinal);
        readonly Dictionary<string, string> _narrow = new(StringComparer.Ordinal);
        readonly Dictionary<string, string> _wide = new(StringComparer.Ordinal);
        readonly HashSet<string> _wideNames = [.. rewrite.Graph.Output.Select(output => output.Name),
            .. rewrite.Graph.Node.Where(node => node.Subgraphs().Any()).SelectMany(GraphOrder.InputsOf)];
        int _saturated;
        int _raised;

        public void Run()
        {
            int opset = Opsets.Version(rewrite.Model.Proto);
            int narrowed = 0;
            // Before any edge changes.
            var unsafeNodes = rewrite.Graph.Node.Where(IsUnsafe).ToHashSet(ReferenceEqualityComparer.Instance);
            foreach (var node in rewrite.Graph.Node.ToArray())
            {
                var wide = unsafeNodes.Contains(node) ? null : WideInputs(node, opset);
                for (int i = 0; i < node.Input.Count; i++)
                {
                    if (!IsFloat(node.Input[i])) continue;
                    bool isRecurrent = wide is null && IsRecurrent(node);
                    node.Input[i] = wide is null || wide.Contains(i) ? Wide(node.Input[i], isStoredNarrow: isRecurrent) : Narrow(node.Input[i]);
                }

                if (wide is not null) NarrowAttributes(node);
                else if (node.OpType is not ("Constant" or "Transpose") && node.Output.Any(IsFloat)) Keep(node);
                for (int i = 0; i < node.Output.Count; i++)
                {
                    // Made in 32 bits: whoever wants 16 casts it.
                    if (wide is null || !IsFloat(node.Output[i])) continue;
                    node.Output[i] = NarrowOutput(node.Output[i]);
                    narrowed++;
                }
            }

            if (narrowed == 0) throw new RecipeNotApplicableException("The network has no operator in its main graph that computes with 32-bit floating-point numbers and could with 16-bit ones.");
            rewrite.Changed();
            Report();
        }

        bool IsFloat(string value) => value.Length > 0 && _types.GetValueOrDefault(value) == ElementType.Float32;

        string Narrow(string value)
        {
            if (_narrow.TryGetValue(value, out string? name)) return name;
            name = _initializers.TryGetValue(value, out var initializer) ? NarrowInitializer(initializer) : AddCast(value, rewrite.Fresh(value + "_h"), ElementType.Float16);
            _narrow.Add(value, name);
            return name;
        }

        /// <param name="value">A 32-bit value of the baseline.</param>
        /// <param name="isStoredNarrow">Whether a weight is stored in 16 bits and widened when the network is loaded.</param>
        string Wide(string value, bool isStoredNarrow)
        {
            bool isWeight = _initializers.TryGetValue(value, out var initializer);
            if (isWeight && isStoredNarrow && TensorData.Count(initializer!) >= LeastStoredNarrow && !Float16Weights.Overflows(TensorData.ReadFloat32(initializer!, rewrite.Model)))
            {
                Narrow(value);
            }
            else if (isWeight)
            {
                return value;
            }

            if (!_narrow.TryGetValue(value, out string? narrow)) return value;
            if (!_wide.TryGetValue(value, out string? name)) _wide.Add(value, name = AddCast(narrow, rewrite.Fresh(value + "_w"), ElementType.Float32));
            return name;
        }

        // ONNX Runtime 1.31.1 ends the whole process while it optimizes a 16-bit Transpose before a MatMul that it widens.
        bool IsUnsafe(NodeProto node) => node.IsStandard("Transpose") && FeedsProduct(node);

        bool FeedsProduct(NodeProto node) => rewrite.Index.Consumers(node.FirstOutput()).Any(use =>
            use.Node.IsStandard("MatMul") || ((use.Node.IsStandard("Identity") || use.Node.IsStandard("Dropout")) && FeedsProduct(use.Node)));

        static bool IsRecurrent(NodeProto node) => node.IsStandard() && node.OpType is "LSTM" or "GRU" or "RNN";

        void Keep(NodeProto node) => rewrite.KeptInFloat(node.FirstOutput(), node.OpType, MethodName,
            node.Subgraphs().Any() ? "holds subgraphs"
            : !node.IsStandard() ? $"belongs to the domain {node.Domain}"
            : IsRecurrent(node) ? "is a recurrent operator, which the runtime computes in 32 bits only; its weights are stored in 16"
            : "has no 16-bit kernel that is known to be safe");

        string NarrowOutput(string value)
        {
            string name = rewrite.Fresh(value + "_h");
            _narrow.Add(value, name);
            if (_wideNames.Contains(value)) _wide.Add(value, AddCast(name, value, ElementType.Float32));
            return name;
        }

        string AddCast(string from, string to, ElementType type) => rewrite.Add(NodeBuilder.Node("Cast", [from], [to]).With("to", (long)type));

        string NarrowInitializer(TensorProto initializer)
        {
            float[] values = TensorData.ReadFloat32(initializer, rewrite.Model);
            for (int i = 0; i < values.Length; i++) values[i] = InRange(values[i], values.Length == 1);
            var halves = new Half[values.Length];
            Float16Weights.Convert(values, halves);
            return rewrite.AddInitializer(initializer.Name + "_h", Tensor.Of<Half>(ElementType.Float16, [.. initializer.Dims], halves));
        }

        float InRange(float value, bool isScalar)
        {
            if (float.IsFinite(value) && Math.Abs(value) > Largest)
            {
                _saturated++;
                return MathF.CopySign(Largest, value);
            }

            if (!isScalar || value == 0 || Math.Abs(value) > Smallest / 2) return value;
            _raised++;
            return MathF.CopySign(Smallest, value);
        }

        static void NarrowAttributes(NodeProto node)
        {
            if (node.OpType is "Cast" && node.GetInt("to", 0) == (long)ElementType.Float32) node.With("to", (long)ElementType.Float16);
            if (node.Attribute("dtype") is not null && node.GetInt("dtype", 0) == (long)ElementType.Float32) node.With("dtype", (long)ElementType.Float16);
            if (node.OpType is "RandomNormal" or "RandomUniform" && node.Attribute("dtype") is null) node.With("dtype", (long)ElementType.Float16);
            if (node.OpType != "ConstantOfShape") return;
            float fill = 0;
            if (node.TryGetTensor("value", out var tensor))
            {
                if (TensorData.TypeOf(tensor) != ElementType.Float32) return;
                fill = TensorData.ReadFloat32(tensor, new OnnxModel(new ModelProto()))[0];
            }

            node.With("value", TensorData.Write("", Tensor.Of<Half>(ElementType.Float16, [1], [(Half)fill])));
        }

        void Report()
        {
            if (_saturated > 0)
            {
                rewrite.Note("fp16-saturated", string.Create(CultureInfo.InvariantCulture,
                    $"{_saturated} constants lie beyond the range of 16-bit floating-point numbers and were set to its end, 65504."));
            }

            if (_raised > 0)
            {
                rewrite.Note("fp16-raised", string.Create(CultureInfo.InvariantCulture,
                    $"{_raised} constants would have become 0 in 16 bits and were set to the smallest number, 6e-8."));
            }
        }
    }
}
