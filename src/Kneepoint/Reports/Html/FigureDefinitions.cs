using System.Collections.Immutable;
using System.Globalization;

namespace Kneepoint.Reports.Html;

/// <summary>What each figure of a report means, in a sentence or two.</summary>
static class FigureDefinitions
{
    public static ImmutableArray<(string Term, string Meaning)> Of(FrontierDocument document)
    {
        var metric = MetricFormat.Of(document.Data.Metric.Name);
        string batch = document.Machine.Batch.ToString(CultureInfo.InvariantCulture);
        return
        [
            (metric.Name, "Taken on the evaluation samples; calibration has samples of its own (a finding says where they overlap); with a 95 % interval for what more samples of the same kind would give."),
            ("Change [95 %]", "Variant less baseline, sample by sample on the same samples. Its interval is far narrower than that of the two values apart; "
                + "where it holds zero, the data cannot tell the variant from the baseline."),
            ("Tied", "Two variants whose accuracies the data cannot tell apart."),
            ("Model file", "Bytes of the ONNX file with its external data."),
            ("Packed file", "Bytes of the entropy-coded .knp file, which unpacks to the model bit by bit."),
            ("Weights", "Bytes of the initializers as stored in the model."),
            ("Activations, peak", $"The largest sum of live activations over the execution order, in bytes, at batch {batch}."),
            ("Resident memory, peak", "Peak resident memory of a fresh process that loads and runs the variant, less that of one with a trivial network."),
            ("Latency", "Median time of a run. Baseline and variant run in turn in one process; the interval is a bootstrap of the sessions, in each of which both are opened anew. "
                + "The ratio to the baseline is taken in pairs, and below 1 is faster."),
            ("MACs", "Multiply–accumulates of one sample, by a documented rule for each operator."),
            ("Bit operations", "Sum over operators of MACs × bits of a weight × bits of an activation."),
            ("Frontier", $"The variants that no other measured variant beats or equals in every objective ({string.Join(", ", document.Objectives.Select(o => o.Name))}) and beats in one."),
            ("Knee", "The variant of the frontier where giving up a little more of one objective starts to buy less of the others."),
            ("Hypervolume", "The volume of objective space that the frontier dominates, up to the stated reference: more is better, comparable between studies with the same reference."),
        ];
    }
}
