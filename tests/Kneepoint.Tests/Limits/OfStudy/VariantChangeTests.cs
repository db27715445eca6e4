using Kneepoint.Calibration;
using Kneepoint.Compression;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class VariantChangeTests
{
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

        double along = Of([], new() { ["a"] = new ActivationGrid(grid) }).Along(Named("a", [1, 10, 100, 1000, 7]), Named("a", values));

        Assert.Equal((0 - 0.2f) * 1 + (0.5 - 0.3f) * 10 + (-2 + 5) * 100 + (125.5 - 200) * 1000.0, along, 1e-9);
    }

    [Fact]
    public void Without_a_grid_each_sample_has_its_own_that_holds_zero()
    {
        // 0 to 255 in steps of 1; and −1 to 254 where the least is below zero.
        var variant = Of([], new() { ["a"] = new ActivationGrid(null) });

        Assert.Equal(-0.25 + 0.25, variant.Along(Named("a", [1, 1, 1]), Named("a", [255, 10.25f, 7.75f])), 1e-5);
        Assert.Equal(-0.25, variant.Along(Named("a", [1, 1, 1]), Named("a", [254, -1, 10.25f])), 1e-4);
        Assert.Equal(0, variant.Along(Named("a", [1, 1]), Named("a", [0, 0])));
        Assert.Equal(0, variant.Along(Named("a", []), Named("a", [])));
    }

    [Fact]
    public void Blocks_of_a_row_have_symmetric_grids_of_their_own()
    {
        // Steps 1 and 2; the second row's last block is short.
        float[] values = [127, 0.25f, 254, 1, -127, 0.75f, 3.5f, 0];
        var variant = Of([], new() { ["a"] = new ActivationGrid(null, 2) });

        double along = variant.Along(new Dictionary<string, Tensor> { ["a"] = Tensor.Of([2, 4], [1f, 10, 1, 100, 1, 1000, 1, 1]) }, new Dictionary<string, Tensor> { ["a"] = Tensor.Of([2, 4], values) });

        Assert.Equal(10 * -0.25 + 100 * -1 + 1000 * 0.25, along, 1e-3);
    }

    [Fact]
    public void An_activation_that_is_not_known_counts_nothing()
    {
        var variant = Of([], new() { ["a"] = new ActivationGrid(new QuantizationParameters(1, 0)) });

        Assert.Equal(0, variant.Along(Named("a", [1]), Named()));
        Assert.Equal(0, variant.Along(Named(), Named("a", [0.4f])));
    }

    static VariantChange Of(Dictionary<string, float[]> tensors, Dictionary<string, ActivationGrid> activations) => new("id", tensors, activations);

    static Dictionary<string, Tensor> Named() => [];

    static Dictionary<string, Tensor> Named(string name, float[] values) => new() { [name] = Tensor.Of([values.Length], values) };
}
