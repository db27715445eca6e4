using Google.Protobuf;
using Kneepoint.Gradients;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Gradients;

/// <summary>How gradient graphs are built and when they are refused; the runtime tests their numbers elsewhere.</summary>
public sealed class GradientGraphTests
{
    static readonly GradientRequest Request = new() { Outputs = ["y"], Weights = ["w"], Values = ["x"] };

    [Fact]
    public void The_network_is_not_changed_and_the_graph_is_the_same_each_time()
    {
        var model = Network(Node("Mul", ["x", "w"], "m"), Node("Relu", ["m"], "y"));
        byte[] before = model.Proto.ToByteArray();

        byte[] first = GradientGraph.Of(model, Request).Model.Proto.ToByteArray(), second = GradientGraph.Of(model, Request).Model.Proto.ToByteArray();

        Assert.Equal(before, model.Proto.ToByteArray());
        Assert.Equal(first, second);
    }

    [Fact]
    public void Inputs_and_outputs_bear_the_names_that_are_told()
    {
        var graph = GradientGraph.Of(Network(Node("Mul", ["x", "w"], "y")), Request);

        Assert.Equal(["x", graph.Cotangents["y"]], graph.Model.Graph.Input.Select(input => input.Name));
        Assert.Equal(["y", graph.Gradients["w"], graph.Gradients["x"]], graph.Model.Graph.Output.Select(output => output.Name));
        Assert.Equal(GradientGraph.OperatorSet, Opsets.Version(graph.Model.Proto));
    }

    [Fact]
    public void Names_that_are_taken_are_left_alone()
    {
        var graph = GradientGraph.Of(Network(Node("Mul", ["x", "w"], "w_gradient"), Node("Relu", ["w_gradient"], "y")), Request);

        Assert.NotEqual("w_gradient", graph.Gradients["w"]);
    }

    [Fact]
    public void An_operator_without_a_rule_is_named_with_its_node()
    {
        var model = Network(Node("Mul", ["x", "w"], "m"), Node("Det", ["m"], "y"));

        var exception = Assert.Throws<GradientNotAvailableException>(() => GradientGraph.Of(model, Request));

        Assert.Equal("Node 'y' (Det): no rule for operator Det; its gradient is not available.", exception.Message);
        Assert.Equal([new MissingGradient("y", "Det", exception.Message)], GradientGraph.Missing(model, Request));
    }

    [Fact]
    public void All_operators_without_a_rule_are_listed_in_their_order()
    {
        var custom = Node("Mix", ["x", "w"], "m");
        custom.Domain = "example";
        var model = Network(custom, Node("Sqrt", ["m"], "s"), Node("Det", ["s"], "y"));

        var missing = GradientGraph.Missing(model, Request);

        Assert.Equal(["example.Mix", "Det"], missing.Select(node => node.Operator));
        Assert.EndsWith("1 more node stands in the way.", Assert.Throws<GradientNotAvailableException>(() => GradientGraph.Of(model, Request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Operators_beside_the_way_need_no_rule()
    {
        var model = Network(Node("Det", ["x"], "d"), Node("Mul", ["d", "w"], "y"));

        Assert.Empty(GradientGraph.Missing(model, Request with { Values = [] }));
        Assert.NotEmpty(GradientGraph.Missing(model, Request));
    }

    [Fact]
    public void Steps_and_integers_end_the_way()
    {
        var model = Network(Node("Round", ["x"], "r"), Node("Shape", ["x"], "s"), Node("Mul", ["r", "w"], "m"), Node("Reshape", ["m", "s"], "y"));

        Assert.Empty(GradientGraph.Missing(model, Request));
    }

    [Fact]
    public void What_only_some_forms_of_an_operator_have_is_refused_in_words()
    {
        var model = Network(Node("Mul", ["x", "w"], "m"), Node("Pad", ["m", "p"], "y").With("mode", "reflect"));
        model.Graph.Initializer.Add(TensorData.Write("p", Tensor.Of([2], [1L, 1L])));

        Assert.Equal("Node 'y' (Pad): pads by reflect, which has no rule; its gradient is not available.", Assert.Single(GradientGraph.Missing(model, Request)).Reason);
    }

    [Theory]
    [InlineData("nothing", "w", "x", "The network computes no value 'nothing' whose cotangent could be fed.")]
    [InlineData("y", "nothing", "x", "The network has no initializer 'nothing' whose gradient could be taken.")]
    [InlineData("y", "w", "nothing", "The network has no value 'nothing' whose gradient could be taken.")]
    public void Names_that_the_network_lacks_are_told(string output, string weight, string value, string message)
    {
        var model = Network(Node("Mul", ["x", "w"], "y"));

        var exception = Assert.Throws<OnnxModelException>(() => GradientGraph.Of(model, new GradientRequest { Outputs = [output], Weights = [weight], Values = [value] }));

        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void A_request_without_an_output_is_refused() => Assert.Throws<ArgumentException>(() => new GradientRequest { Outputs = [] });

    [Fact]
    public void Only_binary32_has_gradients()
    {
        var model = Network(Node("Cast", ["x"], "h").With("to", (long)ElementType.Float16), Node("Exp", ["h"], "e"), Node("Cast", ["e"], "f").With("to", (long)ElementType.Float32), Node("Mul", ["f", "w"], "y"));

        Assert.Contains("Float16", Assert.Throws<GradientNotAvailableException>(() => GradientGraph.Of(model, Request)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_of_an_operator_set_that_cannot_be_raised_is_refused()
    {
        var model = Network(Node("Mul", ["x", "w"], "y"));
        model.Proto.OpsetImport[0].Version = 6;

        Assert.Contains("operator set 6", Assert.Throws<GradientNotAvailableException>(() => GradientGraph.Of(model, Request)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Conv")]
    [InlineData("Gemm")]
    [InlineData("AveragePool")]
    [InlineData("Transpose")]
    [InlineData("Gather")]
    [InlineData("LayerNormalization")]
    public void Malformed_nodes_are_refused_or_passed_on_and_never_crash(string operation)
    {
        var model = Network(NodeBuilder.Node(operation, ["w"], ["m"]).With("kernel_shape", [long.MaxValue]).With("perm", [7, 9]).With("axis", -99L).With("group", 0L),
            Node("Mul", ["x", "m"], "y"));

        var thrown = Record.Exception(() => GradientGraph.Of(model, Request));

        Assert.True(thrown is null or GradientNotAvailableException, thrown?.ToString());
    }

    [Fact]
    public void Depth_takes_no_stack_and_linear_time()
    {
        const int Depth = 20_000;
        var nodes = Enumerable.Range(0, Depth).Select(i => Node("Relu", [i == 0 ? "x" : $"v{i}"], $"v{i + 1}")).Append(Node("Mul", [$"v{Depth}", "w"], "y"));

        var graph = GradientGraph.Of(Network([.. nodes]), Request);

        Assert.True(graph.Model.Graph.Node.Count > 3 * Depth);
    }

    static NodeProto Node(string operation, string[] inputs, string output) => NodeBuilder.Node(operation, inputs, [output]);

    static OnnxModel Network(params NodeProto[] nodes)
    {
        var proto = new ModelProto { IrVersion = 8, Graph = new GraphProto { Name = "graph" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 13 });
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "example", Version = 1 });
        proto.Graph.Input.Add(NodeBuilder.Value("x", ElementType.Float32, [4]));
        proto.Graph.Output.Add(NodeBuilder.Value("y", ElementType.Float32, [4]));
        proto.Graph.Initializer.Add(TensorData.Write("w", Tensor.Of([4], [1f, 2f, 3f, 4f])));
        proto.Graph.Node.AddRange(nodes);
        return new OnnxModel(proto);
    }
}
