using Kneepoint.Data;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Reports;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Measurement.Metrics;

public sealed class MetricChoiceTests
{
    static ValueSignature Output(string name, params long[] dimensions) => new(name, ElementType.Float32, dimensions);

    [Fact]
    public void A_ratio_in_decibels_is_not_shown_in_percent()
    {
        Assert.True(MetricFormat.Of(MetricChoice.Of("fidelity", [Output("y", -1, 10)]).Name).IsPercent);
        Assert.Equal("31.50 dB", MetricFormat.Of(MetricChoice.Of("fidelity", [Output("y", -1, 3, 224, 224)]).Name).Value(31.5));
    }

    [Fact]
    public void Fidelity_is_agreement_only_where_one_output_decides()
    {
        Assert.True(Assert.IsType<Agreement>(MetricChoice.Of("fidelity", [Output("y", -1, 10)])).IsProportion);
        Assert.False(Assert.IsType<Agreement>(MetricChoice.Of("fidelity", [Output("y", -1, -1, 65)])).IsProportion);
        Assert.IsType<OutputSqnr>(MetricChoice.Of("fidelity", [Output("y", -1, 3, 224, 224)]));
        Assert.IsType<OutputSqnr>(MetricChoice.Of("fidelity", [Output("scores", 1, 4420, 2), Output("boxes", 1, 4420, 4)]));
        Assert.IsType<Agreement>(MetricChoice.Of("fidelity", [Output("scores", 1, 4420, 2), Output("boxes", 1, 4420, 4)], output: "scores"));
        Assert.IsType<OutputSqnr>(MetricChoice.Of("fidelity", [Output("y", -1, 1)]));
        Assert.IsType<OutputSqnr>(MetricChoice.Of("fidelity", [Output("y", -1, -1)]));
    }

    [Fact]
    public void The_first_floating_point_output_is_scored_unless_one_is_named()
    {
        ValueSignature[] outputs = [new("label", ElementType.Int64, [-1]), Output("a", -1, 2), Output("b", -1, 2)];

        Assert.Equal("a", MetricChoice.Scored(outputs).Name);
        Assert.Equal("b", MetricChoice.Scored(outputs, "b").Name);
        Assert.Equal("The network has no output 'c'; it has label, a, b.",
            Assert.Throws<DataException>(() => MetricChoice.Scored(outputs, "c")).Message);
        Assert.Equal("Expected a metric of top1, top5, auc, f1, nll, mse, psnr, fidelity; found 'bleu'.",
            Assert.Throws<DataException>(() => MetricChoice.Of("bleu", outputs)).Message);
        Assert.All(MetricChoice.Names, name => Assert.Equal(name == "fidelity" ? "fidelity-sqnr" : name, MetricChoice.Of(name, outputs).Name));
    }

    [Fact]
    public void Top1_of_a_sequence_is_the_share_of_tokens() =>
        Assert.IsType<TokenAccuracy>(MetricChoice.Of("top1", [Output("y", -1, 100, 65)]));

    [Theory]
    [InlineData("Softmax", true)]
    [InlineData("Sigmoid", true)]
    [InlineData("LogSoftmax", false)]
    [InlineData("Relu", false)]
    public void Probabilities_are_seen_through_moves(string opType, bool expected)
    {
        var graph = new GraphProto();
        graph.Node.Add(new NodeProto { OpType = opType, Input = { "x" }, Output = { "p" } });
        graph.Node.Add(new NodeProto { OpType = "Reshape", Input = { "p", "shape" }, Output = { "r" } });
        graph.Node.Add(new NodeProto { OpType = "Cast", Input = { "r" }, Output = { "y" } });
        graph.Output.Add(new ValueInfoProto { Name = "y" });

        Assert.Equal(expected, OutputKind.IsProbability(new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph }), "y"));
        Assert.False(OutputKind.IsProbability(new OnnxModel(new ModelProto { IrVersion = 8, Graph = graph }), "x"));
    }
}
