using Kneepoint.Onnx.Protocol;

namespace Kneepoint.Gradients.Rules;

/// <summary>How an operator passes gradients back.</summary>
/// <param name="Apply">From the gradients of the outputs to those of the inputs.</param>
/// <param name="Takes">Whether the operator depends on an input smoothly; integer inputs take no gradient.</param>
/// <param name="HasManyOutputs">Whether the rule knows of outputs after the first.</param>
sealed record GradientRule(Action<NodeGradient> Apply, Func<NodeProto, int, bool> Takes, bool HasManyOutputs = false);
