using Kneepoint.Data;
using Kneepoint.Onnx;

namespace Kneepoint.Measurement.Metrics;

/// <summary>Finds the metric that a name means for a network.</summary>
public static class MetricChoice
{
    /// <summary>Every name that <see cref="Of"/> knows.</summary>
    public static readonly IReadOnlyList<string> Names = ["top1", "top5", "auc", "f1", "nll", "mse", "psnr", "fidelity"];

    /// <summary>The metric of a name.</summary>
    /// <remarks>
    /// Scored is the output that is named, else the first of floating-point numbers, else the first. "top1" of an output [n, t, classes] is the
    /// share of tokens. "fidelity" is the agreement of decisions where the scored output is the only one (or is named) and has the form [n, classes] or
    /// [n, t, classes] with at least 2 classes; else it is the signal-to-noise ratio over all outputs,
    /// whose own name is "fidelity-sqnr": its unit is another.
    /// </remarks>
    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="outputs">The network's, in its order.</param>
    /// <param name="output">The output to score; null for the rule above.</param>
    /// <param name="isProbability">The scored output holds probabilities; see <see cref="OutputKind"/>.</param>
    /// <param name="peak">The largest value that a target can have, for "psnr".</param>
    /// <exception cref="DataException">No such metric or output.</exception>
    public static IMetric Of(string name, IReadOnlyList<ValueSignature> outputs, string? output = null, bool isProbability = false, double peak = 1)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        var scored = Scored(outputs, output);
        double threshold = isProbability ? 0.5 : 0;
        return name switch
        {
            "top1" when scored.Dimensions.Count == 3 => new TokenAccuracy(scored.Name),
            "top1" => new TopK(1, scored.Name, threshold),
            "top5" => new TopK(5, scored.Name, threshold),
            "auc" => new AreaUnderCurve(scored.Name),
            "f1" => new F1(scored.Name, threshold),
            "nll" => new NegativeLogLikelihood(scored.Name, isProbability),
            "mse" => new SquaredError(scored.Name),
            "psnr" => new SquaredError(scored.Name, peak),
            "fidelity" => Fidelity(outputs, scored, isNamed: output is not null),
            _ => throw new DataException($"Expected a metric of {string.Join(", ", Names)}; found '{name}'."),
        };
    }

    /// <summary>Tells what the labels cost that a metric is about.</summary>
    /// <returns>Null where the metric is about no labels of classes, or the scored output holds no scores of classes.</returns>
    /// <inheritdoc cref="Of"/>
    public static NegativeLogLikelihood? LikelihoodOf(string name, IReadOnlyList<ValueSignature> outputs, string? output = null, bool isProbability = false)
    {
        var scored = Scored(outputs, output);
        return name is "top1" or "top5" or "auc" or "f1" or "nll" && Rows.IsFloat(scored.ElementType) ? new NegativeLogLikelihood(scored.Name, isProbability) : null;
    }

    /// <summary>The output that is scored: the one that is named, else the first of floating-point numbers, else the first.</summary>
    /// <exception cref="DataException">No such output.</exception>
    public static ValueSignature Scored(IReadOnlyList<ValueSignature> outputs, string? output = null)
    {
        ArgumentNullException.ThrowIfNull(outputs);
        if (outputs.Count == 0) throw new DataException("The network has no output to score.");
        if (output is null) return outputs.FirstOrDefault(o => Rows.IsFloat(o.ElementType)) ?? outputs[0];
        return outputs.FirstOrDefault(o => o.Name == output)
            ?? throw new DataException($"The network has no output '{output}'; it has {string.Join(", ", outputs.Select(o => o.Name))}.");
    }

    static IMetric Fidelity(IReadOnlyList<ValueSignature> outputs, ValueSignature scored, bool isNamed)
    {
        int rank = scored.Dimensions.Count;
        bool decides = Rows.IsFloat(scored.ElementType) && rank is (2 or 3) && scored.Dimensions[^1] is >= 2 and <= int.MaxValue;
        return decides && (isNamed || outputs.Count == 1)
            ? new Agreement(scored.Name, (int)scored.Dimensions[^1], isSequence: rank == 3)
            : new OutputSqnr();
    }
}
