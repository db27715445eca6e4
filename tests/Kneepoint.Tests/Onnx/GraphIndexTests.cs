using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using static Kneepoint.Tests.Onnx.TestModel;

namespace Kneepoint.Tests.Onnx;

public sealed class GraphIndexTests
{
    [Fact]
    public void Producers_and_consumers_are_found_with_their_places()
    {
        var relu = Node("Relu", "x", "a");
        var add = Node("Add", "a a", "y");
        var index = new GraphIndex(Of(13, [Float("x", 1)], [Float("y", 1)], [], relu, add));

        Assert.Same(relu, index.Producer("a"));
        Assert.Null(index.Producer("x"));
        Assert.Equal([new ValueUse(add, 0, add), new ValueUse(add, 1, add)], index.Consumers("a"));
        Assert.Empty(index.Consumers("y"));
        Assert.True(index.IsGraphOutput("y"));
        Assert.True(index.IsGraphInput("x"));
    }

    [Fact]
    public void Uses_inside_subgraphs_count_unless_the_name_is_hidden()
    {
        var inner = Node("Relu", "a", "b");
        var then = new GraphProto { Node = { inner }, Output = { Float("b", 1) } };
        var hiding = new GraphProto { Node = { Node("Relu", "x", "a"), Node("Neg", "a", "c") }, Output = { Float("c", 1) } };
        var branch = Node("If", "p", "y").With("then_branch", then).With("else_branch", hiding);
        var index = new GraphIndex(Of(13, [Float("x", 1)], [Float("y", 1)], [], Node("Neg", "x", "a"), branch));

        Assert.Equal([new ValueUse(inner, 0, branch)], index.Consumers("a"));
        Assert.Equal(2, index.Consumers("x").Count);
    }

    [Fact]
    public void Constants_are_initializers_and_constant_nodes_but_not_what_a_caller_may_override()
    {
        var model = Of(13, [Float("x", 1), Float("v", 2)], [Float("y", 1)], [Weight("w", 2), Weight("v", 2)],
            Node("Constant", "", "c").With("value_floats", [1f, 2f]), Node("Add", "x c", "y"));
        var index = new GraphIndex(model);

        Assert.True(index.TryConstant("w", out _));
        Assert.True(index.TryConstant("c", out var constant));
        Assert.Equal([1f, 2f], TensorData.ReadFloat32(constant, model));
        Assert.False(index.TryConstant("v", out _));
        Assert.True(index.IsOverridable("v"));
        Assert.Equal(["x"], index.FedInputs.Select(input => input.Name));

        model.Proto.IrVersion = 3;
        Assert.True(new GraphIndex(model).TryConstant("v", out _));
    }

    [Fact]
    public void Fresh_names_collide_with_nothing()
    {
        var index = new GraphIndex(Of(13, [Float("x", 1)], [Float("y", 1)], [], Node("Relu", "x", "y")));

        Assert.Equal(["x_1", "x_2", "z", "z_1"], [index.FreshName("x"), index.FreshName("x"), index.FreshName("z"), index.FreshName("z")]);
    }

    [Fact]
    public void Two_sources_of_one_value_are_refused() =>
        Assert.Contains("'y' has another source", Assert.Throws<OnnxModelException>(() =>
            new GraphIndex(Of(13, [Float("x", 1)], [Float("y", 1)], [], Node("Relu", "x", "y"), Node("Neg", "x", "y")))).Message, StringComparison.Ordinal);

    [Fact]
    public void Sorting_puts_sources_first_and_leaves_a_sorted_graph_alone()
    {
        var model = Of(13, [Float("x", 1)], [Float("y", 1)], [], Node("Neg", "b", "y"), Node("Relu", "x", "a"), Node("Abs", "a", "b"));

        Assert.False(GraphOrder.IsSorted(model.Graph));
        GraphOrder.Sort(model.Graph);

        Assert.Equal(["Relu", "Abs", "Neg"], model.Graph.Node.Select(node => node.OpType));
        Assert.True(GraphOrder.IsSorted(model.Graph));
    }

    [Fact]
    public void A_circle_is_refused() =>
        Assert.Contains("circles", Assert.Throws<OnnxModelException>(() =>
            GraphOrder.Sort(Of(13, [], [], [], Node("Neg", "b", "a"), Node("Relu", "a", "b")).Graph)).Message, StringComparison.Ordinal);

    [Fact]
    public void An_attribute_of_another_type_is_refused() =>
        Assert.Equal("Node 'y' (Relu), attribute 'axis': expected INT, found STRING.",
            Assert.Throws<OnnxModelException>(() => Node("Relu", "x", "y").With("axis", "one").GetInt("axis", 0)).Message);
}
