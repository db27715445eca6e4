using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.Measurement.Findings;

/// <summary>Weights that do not fit into 16-bit floating point became infinite.</summary>
public static class Float16Overflow
{
    /// <summary>The finding's code.</summary>
    public const string Code = "fp16-overflow";

    /// <summary>Looks through the binary16 initializers of a variant.</summary>
    /// <returns>Null if every one is finite.</returns>
    /// <exception cref="OnnxModelException">An initializer cannot be read.</exception>
    public static Finding? Of(OnnxModel variant)
    {
        ArgumentNullException.ThrowIfNull(variant);
        long infinite = 0;
        string? first = null;
        foreach (var initializer in variant.Graph.Initializer)
        {
            if (TensorData.TypeOf(initializer) != ElementType.Float16) continue;
            foreach (var value in TensorData.Read(initializer, variant).Values<Half>())
            {
                if (Half.IsFinite(value)) continue;
                infinite++;
                first ??= initializer.Name;
            }
        }

        return infinite == 0 ? null : new Finding(Code, FindingSeverity.Error, string.Create(CultureInfo.InvariantCulture,
            $"{infinite} weights are beyond ±65504, the range of 16-bit floating point, and became infinite, first in '{first}'. Keep that layer in 32 bits."));
    }
}
