using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.OnnxRuntime;

/// <summary>Compares what is fed with what a network wants, before the runtime sees it.</summary>
static class InputCheck
{
    /// <summary>Passes if there is one tensor for each input and no other, each of the right type and shape.</summary>
    /// <remarks>An input without dimensions is a scalar or of unknown rank (the runtime does not tell them apart), and takes any shape.</remarks>
    /// <exception cref="OnnxModelException">Something does not fit; the message has what is expected and what was found.</exception>
    public static void Check(IReadOnlyList<ValueSignature> signatures, IReadOnlyDictionary<string, Tensor> inputs)
    {
        foreach (var signature in signatures)
        {
            if (!inputs.TryGetValue(signature.Name, out var tensor))
            {
                throw new OnnxModelException($"Input '{signature.Name}' is not fed: expected {Text(signature)}, found {Fed(inputs)}.");
            }

            bool fits = tensor.ElementType == signature.ElementType
                && (signature.Dimensions.Count == 0 || Matches(signature.Dimensions, tensor.Dimensions));
            if (!fits)
            {
                throw new OnnxModelException(
                    $"Input '{signature.Name}': expected {Text(signature)}, found {tensor.ElementType} {Shape(tensor.Dimensions)}.");
            }
        }

        if (inputs.Count == signatures.Count) return;
        string unknown = inputs.Keys.First(name => signatures.All(signature => signature.Name != name));
        throw new OnnxModelException(
            $"The network has no input '{unknown}': expected {string.Join(", ", signatures.Select(signature => $"'{signature.Name}'"))}.");
    }

    static bool Matches(IReadOnlyList<long> expected, IReadOnlyList<long> found) =>
        expected.Count == found.Count && expected.Zip(found).All(pair => pair.First < 0 || pair.First == pair.Second);

    static string Text(ValueSignature signature) => $"{signature.ElementType} {Shape(signature.Dimensions)}";

    static string Fed(IReadOnlyDictionary<string, Tensor> inputs) =>
        inputs.Count == 0 ? "no inputs at all" : string.Join(", ", inputs.Keys.Select(name => $"'{name}'"));

    static string Shape(IReadOnlyList<long> dimensions) => FormattableString.Invariant(
        $"[{string.Join(", ", dimensions.Select(dimension => dimension < 0 ? "any" : dimension.ToString(System.Globalization.CultureInfo.InvariantCulture)))}]");
}
