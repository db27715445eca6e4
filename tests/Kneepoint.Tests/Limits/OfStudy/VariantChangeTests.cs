using Kneepoint.Calibration;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Tensors;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class VariantChangeTests
{
    static readonly Kneepoint.Onnx.OnnxModel Model = TestModel.Of(17, [TestModel.Float("x", 1, 2)], [TestModel.Float("y", 1, 2)], [], TestModel.Node("Relu", "x", "y"));

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(9)]
    public void Weights_count_by_the_product_of_gradient_and_change(int count)
    {
        float[] change = [.. Enumerable.Range(0, count).Select(i => i - 1.5f)], gradient = [.. Enumerable.Range(0, count).Select(i => 2f * i + 1)];

        double along = Of(new() { ["w"] = change }, []).Along(Named("w", gradient), Named());

        Assert.Equal(Enumerable.Range(0, count).Sum(i => (i - 1.5) * (2 * i + 1)), along, 1e-12);
    }

    [Fact]
    public void Tensors_add_up_and_what_has_no_gradient_counts_nothing()
    {
        var variant = Of(new() { ["w"] = [1, 2], ["b"] = [10], ["lost"] = [1000] }, []);

        Assert.Equal(3 * 1 + 4 * 2 + 5 * 10, variant.Along(new Dictionary<string, Tensor> { ["w"] = Tensor.Of([2], [3f, 4f]), ["b"] = Tensor.Of([1], [5f]) }, Named()));
        Assert.Equal(5 * sizeof(float) - sizeof(float), variant.Bytes);
    }

    [Fact]
    public void A_fixed_grid_rounds_to_its_codes_and_clips()
    {
        // Codes 0 to 255 mean −2 to 125.5.
        var grid = new QuantizationParameters(0.5f, 4);
        float[] values = [0.2f, 0.3f, -5, 200, 1];

        double along = Of([], new() { ["a"] = grid }).Along(Named("a", [1, 10, 100, 1000, 7]), Named("a", values));

        Assert.Equal((0 - 0.2f) * 1 + (0.5 - 0.3f) * 10 + (-2 + 5) * 100 + (125.5 - 200) * 1000.0, along, 1e-9);
    }

    [Fact]
    public void Without_a_grid_each_sample_has_its_own_that_holds_zero()
    {
        // 0 to 255 in steps of 1; and −1 to 254 where the least is below zero.
        var variant = Of([], new() { ["a"] = null });

        Assert.Equal(-0.25 + 0.25, variant.Along(Named("a", [1, 1, 1]), Named("a", [255, 10.25f, 7.75f])), 1e-5);
        Assert.Equal(-0.25, variant.Along(Named("a", [1, 1, 1]), Named("a", [254, -1, 10.25f])), 1e-4);
        Assert.Equal(0, variant.Along(Named("a", [1, 1]), Named("a", [0, 0])));
        Assert.Equal(0, variant.Along(Named("a", []), Named("a", [])));
    }

    [Fact]
    public void An_activation_that_is_not_known_counts_nothing()
    {
        var variant = Of([], new() { ["a"] = new QuantizationParameters(1, 0) });

        Assert.Equal(0, variant.Along(Named("a", [1]), Named()));
        Assert.Equal(0, variant.Along(Named(), Named("a", [0.4f])));
    }

    static VariantChange Of(Dictionary<string, float[]> tensors, Dictionary<string, QuantizationParameters?> activations) => new("id", tensors, activations, Model);

    static Dictionary<string, Tensor> Named() => [];

    static Dictionary<string, Tensor> Named(string name, float[] values) => new() { [name] = Tensor.Of([values.Length], values) };
}
