using System.Globalization;
using Kneepoint.Onnx;

namespace Kneepoint.App;

/// <summary>Tells in one sentence why two networks cannot be fed the same samples, or their outputs not be compared.</summary>
static class SameSignature
{
    /// <summary>Passes if the network takes what the baseline takes and gives what it gives; sizes that are free in one of them fit any size.</summary>
    /// <exception cref="OnnxModelException">They differ.</exception>
    public static void Check(string file, INetworkSession network, string baselineFile, INetworkSession baseline)
    {
        Check("takes", "input", file, network.Inputs, baselineFile, baseline.Inputs);
        if (network.Inputs.FirstOrDefault(input => baseline.Inputs.All(other => other.Name != input.Name)) is { } more)
        {
            throw new OnnxModelException($"'{file}' takes an input '{more.Name}' ({Text(more)}) that the baseline '{baselineFile}' does not take: both must take the same samples.");
        }

        Check("gives", "output", file, network.Outputs, baselineFile, baseline.Outputs);
    }

    static void Check(string verb, string role, string file, IReadOnlyList<ValueSignature> found, string baselineFile, IReadOnlyList<ValueSignature> wanted)
    {
        foreach (var value in wanted)
        {
            var own = found.FirstOrDefault(other => other.Name == value.Name);
            if (own is null)
            {
                throw new OnnxModelException($"'{file}' has no {role} '{value.Name}' ({Text(value)}) as the baseline '{baselineFile}' has; it has "
                    + $"{string.Join(", ", found.Select(other => $"'{other.Name}' ({Text(other)})"))}.");
            }

            if (own.ElementType == value.ElementType && Fits(own.Dimensions, value.Dimensions)) continue;
            throw new OnnxModelException($"'{file}' {verb} the {role} '{value.Name}' as {Text(own)}, the baseline '{baselineFile}' as {Text(value)}: "
                + $"expected the same {role}s.");
        }
    }

    // Without dimensions a value is a scalar or of unknown rank.
    static bool Fits(IReadOnlyList<long> a, IReadOnlyList<long> b) => a.Count == 0 || b.Count == 0
        || (a.Count == b.Count && a.Zip(b).All(pair => pair.First < 0 || pair.Second < 0 || pair.First == pair.Second));

    static string Text(ValueSignature value) =>
        $"{value.ElementType} [{string.Join(", ", value.Dimensions.Select(size => size < 0 ? "any" : size.ToString(CultureInfo.InvariantCulture)))}]";
}
