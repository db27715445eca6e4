using System.Collections.Immutable;
using System.Globalization;
using Kneepoint.Onnx;
using Kneepoint.Tensors;

namespace Kneepoint.OnnxRuntime;

/// <summary>Measures the memory that the values of a network take while it runs.</summary>
public static class ActivationPeak
{
    const int MostNamesInFinding = 5;

    /// <summary>Plans the graph as the runtime rewrites it for this machine, and measures the runtime's arena beside it.</summary>
    /// <remarks>Sizes come from a run, not from inference, so they are those of the inputs that are fed: the batch counts.
    /// Cost: two to four sessions and as many runs; memory for about 256 MiB of exposed values at a time.
    /// Findings: "activation-peak-incomplete" where values could not be sized (those inside subgraphs among them), "arena-not-measured".</remarks>
    /// <param name="runtime">The runtime.</param>
    /// <param name="modelFile">The model's path.</param>
    /// <param name="inputs">What to feed.</param>
    /// <param name="threads">Threads within one operator, at least 1; workspaces may grow with them.</param>
    /// <exception cref="OnnxModelException">The runtime refuses the model or fails on the inputs.</exception>
    public static ActivationPeakResult Measure(
        OrtRuntime runtime, string modelFile, IReadOnlyDictionary<string, Tensor> inputs, int threads = 1)
    {
        ArgumentNullException.ThrowIfNull(runtime);
        ArgumentNullException.ThrowIfNull(inputs);
        var settings = new SessionSettings { Threads = threads };
        using var inFolder = runtime.OptimizeInFolder(modelFile, settings);
        var optimized = inFolder.Model;
        long? arenaBytes = ArenaPeak.Measure(runtime, modelFile, inputs, settings);

        var index = new GraphIndex(optimized);
        var sizes = IntermediateSizes.Read(runtime, optimized, inputs);
        string[] unknown = [.. optimized.Graph.Node.SelectMany(node => node.Output).Where(name => name.Length > 0 && !sizes.ContainsKey(name))];
        foreach (var input in index.FedInputs)
        {
            if (inputs.TryGetValue(input.Name, out var tensor)) sizes[input.Name] = new ValueSize(tensor.ElementType, tensor.Bytes.Length);
        }

        var (bytes, node) = MemoryPlan.PeakOf(index, sizes);
        var findings = Findings(optimized, unknown, arenaBytes);
        bool isComplete = findings.All(finding => finding.Code != "activation-peak-incomplete");
        return new ActivationPeakResult(bytes, arenaBytes, node < 0 ? null : optimized.Graph.Node[node].FirstOutput(), isComplete, findings);
    }

    static ImmutableArray<Finding> Findings(OnnxModel optimized, string[] unknown, long? arenaBytes)
    {
        var findings = ImmutableArray.CreateBuilder<Finding>();
        string[] reasons =
        [
            .. optimized.Graph.Node.Where(node => node.Subgraphs().Any())
                .Select(node => $"the values inside the subgraphs of {node.Place()}").Take(MostNamesInFinding),
            .. unknown.Select(name => $"'{name}'").Take(MostNamesInFinding),
        ];
        if (reasons.Length > 0)
        {
            string rest = unknown.Length > MostNamesInFinding
                ? string.Create(CultureInfo.InvariantCulture, $" and {unknown.Length - MostNamesInFinding} more")
                : "";
            findings.Add(new Finding("activation-peak-incomplete", FindingSeverity.Warning,
                $"The planned activation peak leaves out {string.Join(", ", reasons)}{rest}; the measured arena counts them."));
        }

        if (arenaBytes is null)
        {
            findings.Add(new Finding("arena-not-measured", FindingSeverity.Note, "The runtime keeps no statistics of its arena; only the planned peak is known."));
        }

        return findings.ToImmutable();
    }
}
