using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;
using Kneepoint.Tensors.LinearAlgebra;

namespace Kneepoint.Tests.Compression.Quantization.Rounding;

public sealed class SuccessiveRoundingTests
{
    const int Rows = 12, Columns = 24, Samples = 4000;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_error_is_that_of_the_outputs_summed_over_all_samples(bool isBiasFree)
    {
        var (weights, now, difference) = Draw(1, noise: 0.3f);

        var rounded = Round(weights, now, difference, bits: 3, isBiasFree);

        float[] changed = Changed(weights, rounded);
        Assert.Equal(ErrorOf(weights, changed, now, difference, isBiasFree ? rounded.MeanError : new double[Rows]), rounded.Error, 1e-4 * rounded.Error);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void What_the_layers_before_have_done_wrong_is_made_up_for(int bits)
    {
        for (int seed = 0; seed < 4; seed++)
        {
            var (weights, now, difference) = Draw(seed, noise: 0.5f);

            var rounded = Round(weights, now, difference, bits, isBiasFree: false);
            var alone = Round(weights, now, new float[difference.Length], bits, isBiasFree: false);

            double without = ErrorOf(weights, Changed(weights, alone), now, difference, new double[Rows]);
            Assert.True(rounded.Error < 0.9 * without, $"{rounded.Error} against {without}");
            Assert.True(rounded.Error <= rounded.NearestError);
        }
    }

    [Fact]
    public void With_many_bits_what_is_left_is_the_least_that_any_weight_leaves()
    {
        var (weights, now, difference) = Draw(3, noise: 0.5f);

        var rounded = Round(weights, now, difference, bits: 8, isBiasFree: false);

        // Normal equations of w·x ≈ ŵ·x̂, solved by themselves.
        double[] factors = new double[Columns * Columns], best = new double[Rows * Columns];
        for (int s = 0; s < Samples; s++)
        {
            for (int i = 0; i < Columns; i++)
            {
                for (int j = i; j < Columns; j++) factors[i * Columns + j] += (double)now[s * Columns + i] * now[s * Columns + j];
            }

            for (int row = 0; row < Rows; row++)
            {
                double wanted = 0;
                for (int k = 0; k < Columns; k++) wanted += (double)weights[row * Columns + k] * (now[s * Columns + k] + difference[s * Columns + k]);
                for (int k = 0; k < Columns; k++) best[row * Columns + k] += wanted * now[s * Columns + k];
            }
        }

        Assert.True(FeedbackFactor.TryFactor(factors, Columns));
        SymmetricSolve.Solve(factors, Columns, best);
        double least = ErrorOf(weights, Array.ConvertAll(best, value => (float)value), now, difference, new double[Rows]);
        Assert.InRange(rounded.Error, least, 1.02 * least);
    }

    [Fact]
    public void Where_nothing_has_changed_before_the_layer_it_is_rounded_as_by_its_inputs_alone()
    {
        var (weights, now, difference) = Draw(5, noise: 0);
        var halves = Moments(now, difference, Columns);

        var rounded = Round(weights, now, difference, bits: 3, isBiasFree: true);
        var alone = DataRounding.Round(weights, SecondMoment.Of(halves.First, 0, true), SecondMoment.Of(halves.Second, 0, true), SecondMoment.Of(halves.All(), 0, true),
            new WeightGrid(Rows, Columns, Columns, -4, 3), isSymmetric: true, scale => scale);

        Assert.Equal(alone.Codes, rounded.Codes);
        Assert.Equal(alone.Grid.Scales, rounded.Grid.Scales);
    }

    [Fact]
    public void Weights_that_were_pruned_stay_pruned()
    {
        var (weights, now, difference) = Draw(6, noise: 0.5f);
        for (int i = 0; i < weights.Length; i += 2) weights[i] = 0;

        var rounded = Round(weights, now, difference, bits: 4, isBiasFree: false);

        float[] changed = Changed(weights, rounded);
        Assert.All(Enumerable.Range(0, weights.Length / 2), i => Assert.Equal(0, changed[2 * i]));
    }

    static RoundedWeight Round(float[] weights, float[] now, float[] difference, int bits, bool isBiasFree)
    {
        var shape = new WeightGrid(Rows, Columns, Columns, -(1 << (bits - 1)), (1 << (bits - 1)) - 1);
        return SuccessiveRounding.Round(RowsOf(weights), Moments(now, difference, 2 * Columns), shape, new RoundingWishes(true, isBiasFree, StoredScale.Single), threads: 1);
    }

    static WeightRows RowsOf(float[] weights)
    {
        var proto = new ModelProto { IrVersion = 9, Graph = new GraphProto { Name = "graph" } };
        proto.OpsetImport.Add(new OperatorSetIdProto { Domain = "", Version = 17 });
        proto.Graph.Input.Add(NodeBuilder.Value("x", ElementType.Float32, [1, Columns, 1, 1]));
        proto.Graph.Output.Add(NodeBuilder.Value("y", ElementType.Float32, [1, Rows, 1, 1]));
        proto.Graph.Node.Add(NodeBuilder.Node("Conv", ["x", "w"], ["y"]));
        proto.Graph.Initializer.Add(TensorData.Write("w", Tensor.Of([Rows, Columns, 1, 1], weights)));
        var rewrite = new NetworkRewrite(new OnnxModel(proto));
        return WeightRows.Of(rewrite, rewrite.Layers[0]);
    }

    // Rows (x̂, d) or x̂ alone, every other one for each half.
    static SplitMoments Moments(float[] now, float[] difference, int columns)
    {
        var halves = new SplitMoments(new InputMoments(1, columns), new InputMoments(1, columns));
        float[] panel = new float[GramProduct.MostRows * GramProduct.StrideOf(columns)];
        for (int s = 0; s < Samples; s++)
        {
            now.AsSpan(s * Columns, Columns).CopyTo(panel);
            if (columns > Columns) difference.AsSpan(s * Columns, Columns).CopyTo(panel.AsSpan(Columns));
            var half = s % 2 == 0 ? halves.First : halves.Second;
            half.Add(0, panel, 1);
            half.CountRows(1);
        }

        return halves;
    }

    static float[] Changed(float[] weights, RoundedWeight rounded) => [.. weights.Zip(rounded.ErrorsOf(weights), (weight, error) => weight + error)];

    static double ErrorOf(float[] weights, float[] changed, float[] now, float[] difference, double[] meanError)
    {
        double sum = 0;
        for (int s = 0; s < Samples; s++)
        {
            for (int row = 0; row < Rows; row++)
            {
                double error = -meanError[row];
                for (int k = 0; k < Columns; k++)
                {
                    double x = now[s * Columns + k];
                    error += changed[row * Columns + k] * x - weights[row * Columns + k] * (x + difference[s * Columns + k]);
                }

                sum += error * error;
            }
        }

        return sum / Samples;
    }

    // Inputs that are alike and not of mean zero; differences that depend on them, as errors of rounded layers do.
    static (float[] Weights, float[] Now, float[] Difference) Draw(int seed, float noise)
    {
        var random = new Random(seed);
        float[] weights = new float[Rows * Columns], mixing = new float[Columns * Columns], drift = new float[Columns * Columns];
        foreach (float[] numbers in new[] { weights, mixing, drift })
        {
            for (int i = 0; i < numbers.Length; i++) numbers[i] = (float)(random.NextDouble() * 2 - 1);
        }

        float[] now = new float[Samples * Columns], difference = new float[Samples * Columns];
        for (int s = 0; s < Samples; s++)
        {
            float[] few = [.. Enumerable.Range(0, Columns).Select(k => (float)random.NextDouble() / (1 + k))];
            for (int k = 0; k < Columns; k++)
            {
                for (int j = 0; j < Columns; j++)
                {
                    now[s * Columns + k] += mixing[k * Columns + j] * few[j];
                    difference[s * Columns + k] += noise * drift[k * Columns + j] * few[j];
                }

                now[s * Columns + k] += 0.02f * (float)random.NextDouble();
            }
        }

        return (weights, now, difference);
    }
}
