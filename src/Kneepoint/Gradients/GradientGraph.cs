using System.Collections.Immutable;
using Kneepoint.Onnx;

namespace Kneepoint.Gradients;

/// <summary>A network together with its gradient, as one graph that the same runtime executes.</summary>
/// <remarks>
/// Reverse mode: for a network y = f(x, w) and a cotangent v of y's shape the graph gives vᵀ ∂y/∂x and vᵀ ∂y/∂w, each of the shape of x or w. Where
/// several outputs are named their products add up. With a batch of N samples the gradient of a weight is the sum over the samples: feed v = (p − e_y)/N
/// for the gradient of a mean cross-entropy, and one sample at a time for gradients of single samples. The graph is computed in binary32, as the network is.
/// Where a function has a kink the gradient is one of the one-sided ones: 0 for Relu at 0, that of the first of equal elements for a maximum.
/// The new graph uses standard operator set <see cref="OperatorSet"/> or the network's own if that is later. The same network and request give the same graph, byte for byte.
/// Cost of building: linear in the graph; weights are not read.
/// </remarks>
public sealed class GradientGraph
{
    /// <summary>The least operator set of the new graph: the first in which the operators of the rules have one form each.</summary>
    public const int OperatorSet = 18;

    internal GradientGraph(OnnxModel model, ImmutableDictionary<string, string> cotangents, ImmutableDictionary<string, string> gradients)
    {
        Model = model;
        Cotangents = cotangents;
        Gradients = gradients;
    }

    /// <summary>
    /// The graph. Inputs: those of the network, then the cotangents, then wanted weights if they were asked to be inputs. Outputs: those of the network if
    /// kept, then the gradients in the order of the request, weights first.
    /// </summary>
    public OnnxModel Model { get; }

    /// <summary>From each value named as an output to the graph input that takes its cotangent.</summary>
    public ImmutableDictionary<string, string> Cotangents { get; }

    /// <summary>From each wanted weight or value to the graph output that holds its gradient.</summary>
    public ImmutableDictionary<string, string> Gradients { get; }

    /// <summary>Differentiates a network.</summary>
    /// <param name="model">Not changed.</param>
    /// <param name="request">What to differentiate.</param>
    /// <exception cref="GradientNotAvailableException">An operator between a wanted tensor and an output has no rule.</exception>
    /// <exception cref="OnnxModelException">The network is malformed, or has no value of a requested name.</exception>
    public static GradientGraph Of(OnnxModel model, GradientRequest request)
    {
        var pass = BackwardPass.Over(model, request);
        return pass.Missing.IsEmpty ? pass.ToGraph() : throw new GradientNotAvailableException(pass.Missing);
    }

    /// <summary>The nodes that would make <see cref="Of"/> throw, in the order of the graph; empty where the gradient is available.</summary>
    /// <exception cref="OnnxModelException">The network is malformed, or has no value of a requested name.</exception>
    public static ImmutableArray<MissingGradient> Missing(OnnxModel model, GradientRequest request) => BackwardPass.Over(model, request).Missing;
}
