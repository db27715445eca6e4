using Kneepoint.Onnx;

namespace Kneepoint.Compression.Quantization;

/// <summary>Options that several methods on weights have in common.</summary>
static class WeightOptions
{
    /// <summary>Texts of <see cref="WeightRange"/>; the first is the usual one.</summary>
    public static readonly (string Text, WeightRange Value)[] Ranges = [("maxabs", WeightRange.MaxAbs), ("mse", WeightRange.Mse)];

    /// <summary>Texts of <see cref="WeightRange"/> for few bits, where clipping is usual.</summary>
    public static readonly (string Text, WeightRange Value)[] ClippedRanges = [("mse", WeightRange.Mse), ("maxabs", WeightRange.MaxAbs)];

    /// <summary>Texts of <see cref="WeightKernel"/>.</summary>
    public static readonly (string Text, WeightKernel Value)[] Kernels =
        [("auto", WeightKernel.Auto), ("load", WeightKernel.Load), ("codes", WeightKernel.Codes)];

    /// <summary>Texts of <see cref="WeightRounding"/>.</summary>
    public static readonly (string Text, WeightRounding Value)[] Roundings = [("balanced", WeightRounding.Balanced), ("nearest", WeightRounding.Nearest), ("data", WeightRounding.Data), ("successive", WeightRounding.Successive)];

    /// <summary>The text of a rounding.</summary>
    public static string Text(WeightRounding rounding) => Array.Find(Roundings, name => name.Value == rounding).Text;

    /// <summary>The text of a range.</summary>
    public static string Text(WeightRange range) => Array.Find(Ranges, name => name.Value == range).Text;

    /// <summary>The text of a kernel.</summary>
    public static string Text(WeightKernel kernel) => Array.Find(Kernels, name => name.Value == kernel).Text;

    /// <summary>Whether a layer becomes MatMulNBits.</summary>
    public static bool UsesProductKernel(WeightKernel kernel, WeightedLayer layer, GraphIndex index) =>
        kernel != WeightKernel.Load && ProductKernel.WhyNot(layer, index) is null && (kernel == WeightKernel.Codes || ProductKernel.Pays(layer));
}
