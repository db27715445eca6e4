using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Gradients;

/// <summary>Checks that a network has what a request names.</summary>
static class RequestCheck
{
    /// <summary>Checks each name.</summary>
    /// <exception cref="OnnxModelException">The network has no such tensor, or not of numbers that can be differentiated.</exception>
    public static void Check(OnnxModel model, GradientRequest request)
    {
        var index = new GraphIndex(model);
        foreach (string name in request.Outputs)
        {
            if (index.Producer(name) is null) throw new OnnxModelException($"The network computes no value '{name}' whose cotangent could be fed.");
        }

        foreach (string name in request.Weights)
        {
            var tensor = index.Initializer(name) ?? (index.TryConstant(name, out var constant) ? constant : null)
                ?? throw new OnnxModelException($"The network has no initializer '{name}' whose gradient could be taken.");
            Check("Initializer", name, TensorData.TypeOf(tensor));
        }

        foreach (string name in request.Values)
        {
            var input = index.FedInputs.FirstOrDefault(input => input.Name == name);
            if (input is null && index.Producer(name) is null) throw new OnnxModelException($"The network has no value '{name}' whose gradient could be taken.");
            if (input is not null) Check("Input", name, TypeOf(input));
        }
    }

    static ElementType TypeOf(ValueInfoProto input) => (ElementType)(input.Type?.TensorType?.ElemType ?? 0);

    static void Check(string role, string name, ElementType type)
    {
        if (type != ElementType.Float32) throw new OnnxModelException($"{role} '{name}': gradients are taken of {ElementType.Float32}, found {type}.");
    }
}
