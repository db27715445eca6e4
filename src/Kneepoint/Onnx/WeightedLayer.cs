using System.Collections.Immutable;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Onnx;

/// <summary>A node with a fixed floating-point weight that compression methods treat.</summary>
/// <remarks>
/// | operator | weight | output axis | reduction length |
/// | Conv | [M, C/group, k…] | 0 | C/group · Πk |
/// | ConvTranspose | [C, M/group, k…] | 1, counted within a group | C/group · Πk |
/// | Gemm | [K, N], or [N, K] with transB | 1, or 0 | K |
/// | MatMul | […, K, N] as the second input | last | K |
/// | MatMul | […, M, K] as the first input | last but one | K |
/// | LSTM, GRU, RNN | [directions, gates · hidden, input], or […, hidden] of the recurrence | 1 | input, or hidden |
/// | Gather | [rows, …], axis 0: an embedding table | 0 | 0: rows are picked, nothing is summed |
/// </remarks>
/// <param name="Id">The layer's name in recipes: the first output of the node; of the weight that a recurrent operator applies to its own state, with "/recurrence" behind.</param>
/// <param name="Node">The node; belongs to the model.</param>
/// <param name="WeightInput">Which of the node's inputs is the weight.</param>
/// <param name="WeightName">The initializer, or the output of the Constant node, that holds the weight; Identity nodes between are passed through.</param>
/// <param name="Weight">The stored tensor; belongs to the model.</param>
/// <param name="OutputAxis">The weight's axis along which each index makes another output channel.</param>
/// <param name="ReductionLength">Products that are summed into one output element; padding is not deducted.</param>
/// <param name="Group">Groups of a convolution; 1 elsewhere.</param>
/// <param name="ActivationInput">The value that the weight is applied to; the indices of an embedding.</param>
/// <param name="BiasName">The bias input of Conv, ConvTranspose or Gemm, fixed or not; null where there is none.</param>
/// <param name="SharedWith">First outputs of the other nodes that take the same weight.</param>
public sealed record WeightedLayer(
    string Id,
    NodeProto Node,
    int WeightInput,
    string WeightName,
    TensorProto Weight,
    int OutputAxis,
    long ReductionLength,
    long Group,
    string ActivationInput,
    string? BiasName,
    ImmutableArray<string> SharedWith)
{
    /// <summary>What stands behind the name of the layer that is a recurrent operator's second weight.</summary>
    internal const string RecurrenceSuffix = "/recurrence";

    /// <summary>The operator: "Conv", "ConvTranspose", "Gemm", "MatMul", "Gather", "LSTM", "GRU" or "RNN".</summary>
    public string OpType => Node.OpType;

    /// <summary>The weight's dimensions, outermost first.</summary>
    public IReadOnlyList<long> WeightDimensions => Weight.Dims;

    /// <summary>The type that the layer computes in.</summary>
    public ElementType ElementType => TensorData.TypeOf(Weight);

    /// <summary>Why kernels on codes cannot take the layer's place, as a clause that goes on from "it"; null if it computes in 32 bits, as they do.</summary>
    internal string? OtherArithmetic => ElementType == ElementType.Float32 ? null : $"computes in {ElementType}";

    /// <summary>Whether this is a weight of an operator that runs through time.</summary>
    public bool IsRecurrent => OpType is "LSTM" or "GRU" or "RNN";

    /// <summary>Whether the layer's weight is applied to the state that its operator keeps.</summary>
    public bool IsRecurrence => IsRecurrent && WeightInput == 2;

    /// <summary>The first value that the node gives.</summary>
    public string Value => Node.Output.FirstOrDefault(output => output.Length > 0) ?? "";

    /// <summary>Why methods that look at what a layer is fed cannot take it, as a clause that goes on from "it"; null where they can.</summary>
    internal string? Recurrent => IsRecurrent ? "is a recurrent operator, whose weights alone can be made smaller" : null;

    /// <summary>The number of elements of the weight.</summary>
    public long WeightCount { get; } = TensorData.Count(Weight);

    /// <summary>The output channels: of the whole layer, all groups together.</summary>
    public long OutputChannels => OpType == "ConvTranspose" ? WeightDimensions[OutputAxis] * Group : WeightDimensions[OutputAxis];

    /// <summary>Whether this is a convolution that treats each input channel alone.</summary>
    public bool IsDepthwise => OpType == "Conv" && Group > 1 && WeightDimensions[1] == 1;
}

/// <summary>A part of the network with weights that compression methods leave as they are.</summary>
/// <param name="Id">The first output of the node.</param>
/// <param name="OpType">The operator, with its domain where it is not a standard one.</param>
/// <param name="WeightCount">Elements of its fixed tensors, those of its subgraphs included.</param>
/// <param name="Reason">Why, as a clause: "is a recurrent operator".</param>
public sealed record UntreatedPart(string Id, string OpType, long WeightCount, string Reason);
