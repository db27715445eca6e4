using Kneepoint.Limits.OfStudy;
using Kneepoint.Tensors;
using Kneepoint.Tensors.Probability;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class CotangentsTests
{
    static readonly float[] Logits = [1.2f, -0.7f, 0.1f];

    [Fact]
    public void From_logits_it_is_the_probabilities_less_one_at_the_label()
    {
        double[] p = Softmax(Logits);

        float[] cotangent = [.. Cotangents.OfLabels(Tensor.Of([1, 3], Logits), [2], isProbability: false).Values<float>()];

        Assert.Equal([(float)p[0], (float)p[1], (float)(p[2] - 1)], cotangent, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void From_probabilities_it_is_one_over_that_of_the_label()
    {
        float[] cotangent = [.. Cotangents.OfLabels(Tensor.Of([1, 3], [0.5f, 0.25f, 0.25f]), [1], isProbability: true).Values<float>()];

        Assert.Equal([0, -4, 0], cotangent);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, false)]
    [InlineData(0, true)]
    [InlineData(1, true)]
    public void Of_a_single_output_it_is_the_derivative_of_the_loss(int label, bool isProbability)
    {
        const double Z = 0.3, Step = 1e-4;
        double Loss(double z) => isProbability ? -Math.Log(label == 1 ? z : 1 - z) : Math.Log(1 + Math.Exp(label == 1 ? -z : z));

        float cotangent = Cotangents.OfLabels(Tensor.Of([1, 1], [(float)Z]), [label], isProbability).Values<float>()[0];

        Assert.Equal((Loss(Z + Step) - Loss(Z - Step)) / (2 * Step), cotangent, 1e-4);
    }

    [Fact]
    public void Each_token_is_a_row_and_rows_without_a_label_are_left_out()
    {
        var output = Tensor.Of([1, 3, 3], [.. Logits, .. Logits, .. Logits]);

        float[] cotangent = [.. Cotangents.OfLabels(output, [0, -1, 99], isProbability: false).Values<float>()];

        Assert.Equal(3, Cotangents.RowsOf(output));
        Assert.Equal(new float[6], cotangent[3..]);
        Assert.Equal(0, cotangent[..3].Sum(), 1e-6);
        Assert.True(cotangent[0] < 0);
    }

    [Fact]
    public void Large_logits_do_not_overflow()
    {
        float[] cotangent = [.. Cotangents.OfLabels(Tensor.Of([1, 2], [3e38f, -3e38f]), [1], isProbability: false).Values<float>()];

        Assert.Equal([1, -1], cotangent);
    }

    [Fact]
    public void A_class_of_no_probability_has_a_finite_cotangent() =>
        Assert.All(Cotangents.OfLabels(Tensor.Of([1, 2], [1f, 0f]), [1], isProbability: true).Values<float>().ToArray(), value => Assert.True(float.IsFinite(value)));

    // z = W·x with a softmax: the Fisher form of a change D is Var_p((D·x)_y), in closed form.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_mean_square_along_drawn_classes_is_the_quadratic_form_of_the_Fisher_information(bool isProbability)
    {
        const int Draws = 100_000;
        double[] change = [0.3, -0.2, 0.05], p = Softmax(Logits);
        double mean = p.Zip(change).Sum(pair => pair.First * pair.Second);
        double fisher = p.Zip(change).Sum(pair => pair.First * Math.Pow(pair.Second - mean, 2));
        double fourth = p.Zip(change).Sum(pair => pair.First * Math.Pow(pair.Second - mean, 4));

        // From probabilities the change of the outputs is that of p: p·(d − mean).
        double[] moved = isProbability ? [.. p.Zip(change).Select(pair => pair.First * (pair.Second - mean))] : change;
        var output = Tensor.Of([1, 3], isProbability ? [.. p.Select(share => (float)share)] : Logits);
        var random = new Xoshiro256(4);
        double squares = 0, sum = 0;
        for (int i = 0; i < Draws; i++)
        {
            var cotangent = Cotangents.OfDrawnClass(output, isProbability, random).Values<float>();
            double along = 0;
            for (int c = 0; c < 3; c++) along += cotangent[c] * moved[c];
            squares += along * along / Draws;
            sum += along / Draws;
        }

        Assert.Equal(fisher, squares, 5 * Math.Sqrt((fourth - fisher * fisher) / Draws));
        Assert.Equal(0, sum, 5 * Math.Sqrt(fisher / Draws));
    }

    [Fact]
    public void Of_a_single_output_classes_are_drawn_as_its_sigmoid_says()
    {
        const int Draws = 100_000;
        double p = 1 / (1 + Math.Exp(-0.8));
        var random = new Xoshiro256(6);

        double squares = Enumerable.Range(0, Draws).Average(_ => Math.Pow(Cotangents.OfDrawnClass(Tensor.Of([1, 1], [0.8f]), false, random).Values<float>()[0], 2));

        Assert.Equal(p * (1 - p), squares, 5 * 0.25 / Math.Sqrt(Draws));
    }

    [Fact]
    public void Rows_draw_for_themselves()
    {
        var random = new Xoshiro256(1);
        float[] cotangent = [.. Cotangents.OfDrawnClass(Tensor.Of([1, 64, 2], new float[128]), false, random).Values<float>()];

        Assert.Equal([-0.5f, 0.5f], cotangent.Distinct().Order());
        Assert.InRange(Enumerable.Range(0, 64).Count(row => cotangent[2 * row] < 0), 16, 48);
    }

    [Fact]
    public void Signs_are_ones_of_either_sign_and_their_squares_sum_all_outputs()
    {
        var random = new Xoshiro256(2);
        double[] moved = [1, -2, 0.5, 3];
        double squares = 0;
        const int Draws = 20_000;
        for (int i = 0; i < Draws; i++)
        {
            float[] signs = [.. Cotangents.OfSigns(Tensor.Of([1, 4], new float[4]), random).Values<float>()];
            Assert.All(signs, sign => Assert.Equal(1, Math.Abs(sign)));
            squares += Math.Pow(signs.Zip(moved).Sum(pair => pair.First * pair.Second), 2) / Draws;
        }

        // The variance of the square is 2·((Σd²)² − Σd⁴).
        double power = moved.Sum(d => d * d), fourth = moved.Sum(d => d * d * d * d);
        Assert.Equal(power, squares, 5 * Math.Sqrt(2 * (power * power - fourth) / Draws));
    }

    static double[] Softmax(float[] logits)
    {
        double sum = logits.Sum(z => Math.Exp(z));
        return [.. logits.Select(z => Math.Exp(z) / sum)];
    }
}
