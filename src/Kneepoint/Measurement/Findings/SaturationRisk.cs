using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Findings;

/// <summary>An integer network may compute something else on x86 processors without VNNI.</summary>
/// <remarks>
/// There the runtime multiplies unsigned 8-bit activations with signed 8-bit weights by vpmaddubsw, which adds two neighboring products in 16 bits and
/// saturates. A pair of weights (v, w) can saturate for some activations if 255·(max(v, 0) + max(w, 0)) &gt; 32767 or
/// 255·(min(v, 0) + min(w, 0)) &lt; −32768. Neighbors are successive indices of the summation: input channels of a Conv at one place
/// of its kernel, rows of a matrix. Depthwise layers have a kernel of their own that does not saturate. The test is on weights alone: whether
/// activations get so large depends on the data. Weights of 7 bits (−64 to 63) never saturate.
/// </remarks>
public static class SaturationRisk
{
    /// <summary>The finding's code.</summary>
    public const string Code = "saturation-risk";

    const int LargestActivation = 255;

    /// <summary>Looks at the weights of layers that compute with integers: QDQ, QLinear and Integer operators.</summary>
    /// <param name="variant">The variant.</param>
    /// <param name="instructionSets">Of the machine, as <see cref="MachineDescription.InstructionSets"/> has them.</param>
    /// <returns>Null if no pair can saturate anywhere. A warning where this machine saturates, else a note on other machines.</returns>
    /// <exception cref="OnnxModelException">A weight cannot be read.</exception>
    public static Finding? Of(OnnxModel variant, IReadOnlyCollection<string> instructionSets)
    {
        ArgumentNullException.ThrowIfNull(variant);
        ArgumentNullException.ThrowIfNull(instructionSets);
        var index = new GraphIndex(variant);
        int layers = 0, riskyLayers = 0;
        long pairs = 0, riskyPairs = 0;
        foreach (var node in variant.Graph.Node)
        {
            if (Weight(node, index) is not { } weight || weight.Dims.Count < 2) continue;
            var tensor = TensorData.Read(weight, variant);
            var (found, risky) = Count(node, tensor);
            layers++;
            pairs += found;
            riskyPairs += risky;
            if (risky > 0) riskyLayers++;
        }

        if (riskyPairs == 0) return null;
        bool hasVnni = HasVnni(instructionSets), saturates = Saturates(instructionSets);
        string where = saturates
            ? "This processor has no VNNI: outputs may be wrong here. Use weights of 7 bits (weights=7), or keep these layers in float."
            : $"This processor {(hasVnni ? "has VNNI and" : "adds in 32 bits and")} is safe; x86 processors without VNNI may give other outputs, so measure there before deploying.";
        return new Finding(Code, saturates ? FindingSeverity.Warning : FindingSeverity.Note, string.Create(CultureInfo.InvariantCulture,
            $"{riskyLayers} of {layers} integer layers ({100.0 * riskyPairs / pairs:F1} % of the weight pairs) can overflow sums of 16 bits. {where}"));
    }

    /// <summary>Whether sums of two products saturate on a machine.</summary>
    /// <param name="instructionSets">Of the machine, as <see cref="MachineDescription.InstructionSets"/> has them.</param>
    public static bool Saturates(IReadOnlyCollection<string> instructionSets)
    {
        ArgumentNullException.ThrowIfNull(instructionSets);
        return instructionSets.Contains("avx2") && !HasVnni(instructionSets);
    }

    static bool HasVnni(IReadOnlyCollection<string> instructionSets) => instructionSets.Contains("avx512-vnni") || instructionSets.Contains("avx-vnni");

    static TensorProto? Weight(NodeProto node, GraphIndex index)
    {
        var fixedWeight = node.OpType switch
        {
            "QLinearConv" or "QLinearMatMul" => Constant(node.InputOrEmpty(3), index),
            "ConvInteger" or "MatMulInteger" or "DynamicQuantizeMatMul" or "MatMulIntegerToFloat" => Constant(node.InputOrEmpty(1), index),
            "Conv" or "Gemm" or "MatMul" when Dequantized(node.InputOrEmpty(0), index) is not null =>
                Dequantized(node.InputOrEmpty(1), index) is { } codes ? Constant(codes, index) : null,
            _ => null,
        };
        return fixedWeight is not null && TensorData.TypeOf(fixedWeight) == ElementType.Int8 ? fixedWeight : null;
    }

    static TensorProto? Constant(string value, GraphIndex index) => index.TryConstant(value, out var tensor) ? tensor : null;

    static string? Dequantized(string value, GraphIndex index) =>
        index.Producer(value) is { } producer && producer.IsStandard("DequantizeLinear") ? producer.InputOrEmpty(0) : null;

    static (long Pairs, long Risky) Count(NodeProto node, Tensor weight)
    {
        var codes = weight.Values<sbyte>();
        int[] dimensions = [.. weight.Dimensions.Select(d => (int)d)];
        bool isConvolution = node.OpType is "Conv" or "QLinearConv" or "ConvInteger";
        if (isConvolution) return CountPairs(codes, dimensions[0], dimensions[1], dimensions[2..].Aggregate(1, (a, b) => a * b));
        if (node.OpType == "Gemm" && node.GetInt("transB", 0) != 0) return CountPairs(codes, dimensions[0], dimensions[1], 1);
        int columns = dimensions[^1], rows = dimensions[^2];
        return CountPairs(codes, codes.Length == 0 ? 0 : codes.Length / (rows * columns), rows, columns);
    }

    // [outer, k, inner]: neighbors are two indices 2j and 2j + 1 of the middle dimension.
    static (long Pairs, long Risky) CountPairs(ReadOnlySpan<sbyte> codes, int outer, int k, int inner)
    {
        long pairs = 0, risky = 0;
        for (int o = 0; o < outer; o++)
        {
            for (int j = 0; j + 1 < k; j += 2)
            {
                int first = (o * k + j) * inner;
                for (int i = first; i < first + inner; i++)
                {
                    int v = codes[i], w = codes[i + inner];
                    pairs++;
                    bool overflows = LargestActivation * (Math.Max(v, 0) + Math.Max(w, 0)) > short.MaxValue
                        || LargestActivation * (Math.Min(v, 0) + Math.Min(w, 0)) < short.MinValue;
                    if (overflows) risky++;
                }
            }
        }

        return (pairs, risky);
    }
}
