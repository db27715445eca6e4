using System.Globalization;
using Kneepoint.Onnx;

namespace Kneepoint.Compression;

/// <summary>Takes initializers off the list of graph inputs.</summary>
/// <remarks>
/// Old exporters list every weight as an input that a caller may override. Nobody does, but the runtime must then take weights as variable: it neither
/// folds nor packs them, and a compressed weight cannot be overridden with float values at all. The inputs that must be fed stay as they are.
/// </remarks>
static class FixedInitializers
{
    /// <summary>Rewrites the graph; a finding counts the inputs of a file of IR version 4 or later, where they had a meaning.</summary>
    public static void Apply(NetworkRewrite rewrite)
    {
        var initializers = rewrite.Graph.Initializer.Select(initializer => initializer.Name).ToHashSet(StringComparer.Ordinal);
        var fed = rewrite.Graph.Input.Where(input => !initializers.Contains(input.Name)).ToArray();
        int removed = rewrite.Graph.Input.Count - fed.Length;
        if (removed == 0) return;
        rewrite.Graph.Input.Clear();
        rewrite.Graph.Input.AddRange(fed);
        Opsets.RaiseIr(rewrite.Model.Proto, 4);
        rewrite.Changed();
        rewrite.Note("weights-fixed", string.Create(CultureInfo.InvariantCulture,
            $"{removed} weights were listed as graph inputs that a caller may override; in the variant they are fixed."));
    }
}
