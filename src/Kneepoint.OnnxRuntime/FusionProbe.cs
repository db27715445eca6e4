using Kneepoint.Measurement;
using Kneepoint.Onnx;

namespace Kneepoint.OnnxRuntime;

/// <summary>Finds out how the runtime executes a variant on this processor.</summary>
public static class FusionProbe
{
    /// <summary>Lets the runtime rewrite a marked copy of the variant and reports what became of its layers.</summary>
    /// <param name="runtime">The runtime.</param>
    /// <param name="variant">The variant as it would be deployed.</param>
    /// <param name="layers">Names of layers: the first output of the layer's node in the baseline.</param>
    /// <param name="quantizedLayers">Those of them that are to compute with integers.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the variant.</exception>
    public static FusionReport Inspect(
        OrtRuntime runtime, OnnxModel variant, IReadOnlyCollection<string> layers, IReadOnlyCollection<string> quantizedLayers)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        var marked = FusionReport.Mark(variant);
        using var optimized = runtime.OptimizeInFolder(marked, new SessionSettings());
        return FusionReport.Of(marked, optimized.Model, layers, quantizedLayers);
    }
}
