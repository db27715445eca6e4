using Kneepoint.Gradients;
using Kneepoint.Gradients.Rules;
using Kneepoint.Onnx;
using Kneepoint.OnnxRuntime;
using Kneepoint.SystemTests.Gradients.Oracle;
using Kneepoint.Tensors;

namespace Kneepoint.SystemTests.Gradients;

/// <summary>What a gradient graph promises as a whole, on small networks that the runtime executes.</summary>
public sealed class GradientGraphTests
{
    static readonly OrtRuntime Runtime = new(sharedThreads: 2);

    [Fact]
    public void A_batch_gives_the_sum_over_its_samples()
    {
        var (model, fed, _) = OperatorCheck.Network("Conv", [Arg.Of(3, 2, 5, 5), Arg.Of(4, 2, 3, 3), Arg.Of(4)], free: FreeSizes.Batch);
        var graph = GradientGraph.Of(model, new GradientRequest { Outputs = ["out0"], Weights = ["in1", "in2"] });
        var cotangents = GradientCheck.Cotangents(model, fed, ["out0"]);

        var whole = GradientCheck.Run(graph, fed, cotangents);

        double[] sum = new double[72];
        for (int n = 0; n < 3; n++)
        {
            var one = GradientCheck.Run(graph, new Dictionary<string, Tensor> { ["in0"] = Row(fed["in0"], n) }, new Dictionary<string, Tensor> { ["out0"] = Row(cotangents["out0"], n) });
            for (int i = 0; i < sum.Length; i++) sum[i] += one["in1"].Values<float>()[i];
        }

        for (int i = 0; i < sum.Length; i++) Assert.Equal(sum[i], whole["in1"].Values<float>()[i], 1e-4);
    }

    [Fact]
    public void Weights_may_be_inputs()
    {
        var (model, fed, weights) = OperatorCheck.Network("Conv", [Arg.Of(3, 2, 5, 5), Arg.Of(4, 2, 3, 3), Arg.Of(4)]);
        var cotangents = GradientCheck.Cotangents(model, fed, ["out0"]);
        var request = new GradientRequest { Outputs = ["out0"], Weights = weights, Values = ["in0"] };
        var fixedWeights = GradientCheck.Run(GradientGraph.Of(model, request), fed, cotangents);

        var graph = GradientGraph.Of(model, request with { WeightsAsInputs = true });

        var given = weights.ToDictionary(name => name, name => TensorData.Read(model.Graph.Initializer.Single(tensor => tensor.Name == name), model));
        var results = GradientCheck.Run(graph, fed, cotangents, given);
        foreach (string name in fixedWeights.Keys)
        {
            for (int i = 0; i < results[name].ElementCount; i++) Assert.Equal(fixedWeights[name].Values<float>()[i], results[name].Values<float>()[i], 1e-4);
        }
    }

    [Fact]
    public void Outputs_of_the_network_come_along_unless_they_are_not_wanted()
    {
        var (model, _, weights) = OperatorCheck.Network("Gemm", [Arg.Of(3, 4), Arg.Of(4, 5)]);
        var request = new GradientRequest { Outputs = ["out0"], Weights = weights };

        using var kept = Runtime.Open(GradientGraph.Of(model, request).Model, new SessionSettings());
        using var bare = Runtime.Open(GradientGraph.Of(model, request with { KeepOutputs = false }).Model, new SessionSettings());

        Assert.Equal(["out0", "in1_gradient"], kept.Outputs.Select(output => output.Name));
        Assert.Equal(["in1_gradient"], bare.Outputs.Select(output => output.Name));
        Assert.Equal(["in0", "out0_cotangent"], bare.Inputs.Select(input => input.Name));
    }

    [Fact]
    public void What_the_output_does_not_depend_on_has_gradient_zero()
    {
        var (model, fed, _) = OperatorCheck.Network("Relu", [Arg.Of(2, 3)]);
        model.Graph.Initializer.Add(TensorData.Write("alone", Tensor.Of([4], new float[4])));

        var gradients = GradientCheck.Run(GradientGraph.Of(model, new GradientRequest { Outputs = ["out0"], Weights = ["alone"] }), fed, GradientCheck.Cotangents(model, fed, ["out0"]));

        Assert.Equal(new float[4], gradients["alone"].Values<float>());
    }

    [Fact]
    public void The_first_of_equal_elements_takes_the_gradient_of_a_maximum()
    {
        var (model, _, _) = OperatorCheck.Network("MaxPool", [Arg.Of(1, 1, 4)], node => node.With("kernel_shape", [2]).With("strides", [2]));
        var graph = GradientGraph.Of(model, new GradientRequest { Outputs = ["out0"], Values = ["in0"] });

        var gradients = GradientCheck.Run(graph, new Dictionary<string, Tensor> { ["in0"] = Tensor.Of([1, 1, 4], [1f, 1f, 2f, 2f]) },
            new Dictionary<string, Tensor> { ["out0"] = Tensor.Of([1, 1, 2], [5f, 7f]) });

        Assert.Equal([5f, 0f, 7f, 0f], gradients["in0"].Values<float>().ToArray());
    }

    [Fact]
    public void Several_threads_add_rows_that_are_picked_often_without_loss()
    {
        const int Picks = 20_000;
        long[] indices = [.. Enumerable.Range(0, Picks).Select(i => (long)(i % 3))];
        var (model, fed, _) = OperatorCheck.Network("Gather", [Arg.Of(3, 8), Arg.Indices([Picks], indices)]);
        var graph = GradientGraph.Of(model, new GradientRequest { Outputs = ["out0"], Values = ["in0"] });
        float[] ones = new float[Picks * 8];
        ones.AsSpan().Fill(1);
        using var session = Runtime.Open(graph.Model, new SessionSettings { Threads = 2 });

        var results = session.Run(new Dictionary<string, Tensor>(fed) { ["out0_cotangent"] = Tensor.Of([Picks, 8], ones) });

        for (int i = 0; i < 24; i++) Assert.Equal(indices.Count(index => index == i / 8), results["in0_gradient"].Values<float>()[i]);
    }

    [Fact]
    public void Every_rule_is_checked_against_the_oracle() =>
        Assert.Empty(GradientRules.Operators.Except(DoubleOperators.Names).Except(["CastLike", "TopK"]));

    static Tensor Row(Tensor tensor, int n)
    {
        int length = (int)(tensor.ElementCount / tensor.Dimensions[0]);
        return Tensor.Of([1, .. tensor.Dimensions.Skip(1)], tensor.Values<float>().Slice(n * length, length));
    }
}
