using System.Diagnostics;
using Kneepoint.Calibration;
using Kneepoint.Calibration.Moments;
using Kneepoint.Compression;
using Kneepoint.Compression.Quantization.Rounding;
using Kneepoint.Limits.Distortion;
using Kneepoint.Limits.OfStudy;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tensors;
using Kneepoint.Tensors.Probability;
using Kneepoint.Tests.Limits.Distortion;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class LayerSourceTests
{
    const double Curvature = 0.7;

    // What LayerSource adds to the diagonal, as a share of its mean.
    const double Damping = 0.01;

    public static TheoryData<string> Layers => ["MatMul", "MatMul of the first input", "Gemm", "Conv", "grouped Conv", "nothing known"];

    [Theory]
    [MemberData(nameof(Layers))]
    public void Without_water_the_weights_come_back(string kind)
    {
        var (source, weights, _) = Of(kind);

        float[] noisy = source.Noisy(1e-14, new Xoshiro256(1));

        double power = weights.Average(weight => (double)weight * weight);
        Assert.True(weights.Zip(noisy).Average(pair => Math.Pow(pair.First - pair.Second, 2)) < 1e-6 * power);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void Under_deep_water_nothing_is_left(string kind) => Assert.All(Of(kind).Source.Noisy(1e12, new Xoshiro256(1)), weight => Assert.Equal(0, weight));

    [Theory]
    [MemberData(nameof(Layers))]
    public void There_are_as_many_components_as_weights_and_their_sum_is_the_loss_of_all_of_them(string kind)
    {
        var (source, weights, moment) = Of(kind);

        var components = Components(source);

        Assert.Equal(weights.Length, components.Sum(component => component.Count));
        Assert.Equal(weights.Length, source.Count);

        // Σ v = c·Σ a_k·t_k·R with the very powers of the directions, so Σ v = c·Σ w·H'·wᵀ, H' damped.
        double all = Divergence(kind, weights, Damped(moment));
        Assert.Equal(1, components.Sum(component => component.WeightedVariance) / all, 1e-5);
    }

    [Theory]
    [MemberData(nameof(Layers))]
    public void The_divergence_of_a_change_is_the_curvature_times_its_squared_output_error(string kind)
    {
        var (source, weights, moment) = Of(kind);
        var random = new Random(3);
        float[] changed = [.. weights.Select(weight => weight + (float)Draws.Normal(random))];

        Assert.Equal(1, source.DivergenceOf(changed) / Divergence(kind, [.. changed.Zip(weights, (a, b) => a - b)], moment), 1e-5);
        Assert.Equal(0, source.DivergenceOf(weights));
    }

    // Weights whose squares are just the variances, so that there is nothing but the noise to chance: ± row · column.
    [Theory]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(3)]
    public void The_weighted_error_of_many_draws_is_what_water_filling_says(double level)
    {
        const int Rows = 8, Columns = 12, Count = 600;
        var random = new Random(8);
        float[] weights = new float[Columns * Rows];
        for (int k = 0; k < Columns; k++)
        {
            for (int r = 0; r < Rows; r++) weights[k * Rows + r] = (float)((random.Next(2) * 2 - 1) * (0.3 + 0.1 * r) * (1.5 - 0.1 * k));
        }

        double[,] moment = new double[Columns, Columns];
        for (int k = 0; k < Columns; k++) moment[k, k] = 0.2 + 0.3 * k;
        var source = LayerSource.Of(Reference(MatMul(weights, Columns, Rows), form => moment), Reference(MatMul(weights, Columns, Rows), form => moment).Layers[0]);
        var generator = new Xoshiro256(5);
        double[,] damped = Damped(moment);
        double expected = Components(source).Sum(component => Math.Min(level, component.WeightedVariance));

        double[] errors = [.. Enumerable.Range(0, Count).Select(_ => Divergence("MatMul", [.. source.Noisy(level, generator).Zip(weights, (a, b) => a - b)], damped, Rows, Columns))];

        double mean = errors.Average(), deviation = Math.Sqrt(errors.Average(error => Math.Pow(error - mean, 2)) / Count);
        Assert.Equal(expected, mean, 5 * deviation + 1e-6 * expected);
    }

    [Fact]
    public void Draws_of_one_seed_are_the_same()
    {
        var (source, _, _) = Of("Conv");

        Assert.Equal(source.Noisy(0.1, new Xoshiro256(4)), source.Noisy(0.1, new Xoshiro256(4)));
        Assert.NotEqual(source.Noisy(0.1, new Xoshiro256(4)), source.Noisy(0.1, new Xoshiro256(5)));
    }

    [Fact]
    public void Weights_of_zero_are_a_source_of_nothing()
    {
        var (source, weights, _) = Of("MatMul", zero: true);

        Assert.All(Components(source), component => Assert.Equal(0, component.WeightedVariance));
        Assert.Equal(weights, source.Noisy(1, new Xoshiro256(1)));
    }

    // The mean power was summed anew for each weight: the cube of the columns, hours for a layer of 4096 × 4096.
    [Fact]
    public void Bug_the_time_of_a_wide_layer_grew_with_its_columns_for_each_weight()
    {
        const int Rows = 128, Columns = 4096;
        var random = new Random(1);
        float[] weights = [.. Enumerable.Range(0, Rows * Columns).Select(_ => (float)Draws.Normal(random))];
        var reference = Reference(MatMul(weights, Columns, Rows), _ => null);
        var clock = Stopwatch.StartNew();

        var source = LayerSource.Of(reference, reference.Layers[0]);
        Assert.Equal(Rows * Columns, Components(source).Count);
        source.Noisy(0.1, new Xoshiro256(1));

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"It took {clock.Elapsed.TotalSeconds} s.");
    }

    static List<ComponentGroup> Components(LayerSource source)
    {
        var components = new List<ComponentGroup>();
        source.AddComponents(components);
        return components;
    }

    static (LayerSource Source, float[] Weights, double[,] Moment) Of(string kind, bool zero = false)
    {
        var random = new Random(7);
        int count = kind switch { "Conv" => 5 * 2 * 9, "grouped Conv" => 6 * 2 * 4, _ => 6 * 10 };
        float[] weights = [.. Enumerable.Range(0, count).Select(_ => zero ? 0 : (float)Draws.Normal(random))];
        var (rows, columns) = Form(kind);
        double[,] moment = new double[columns, columns];
        float[][] inputs = [.. Enumerable.Range(0, 40).Select(_ => Enumerable.Range(0, columns).Select(k => (float)(Draws.Normal(random) * (1 + 0.3 * k) + 0.5)).ToArray())];
        foreach (float[] x in inputs)
        {
            for (int i = 0; i < columns; i++)
            {
                for (int j = 0; j < columns; j++) moment[i, j] += (double)x[i] * x[j] / inputs.Length;
            }
        }

        bool isKnown = kind != "nothing known";
        if (!isKnown)
        {
            for (int i = 0; i < columns; i++)
            {
                for (int j = 0; j < columns; j++) moment[i, j] = i == j ? 1 : 0;
            }
        }

        var model = kind switch
        {
            "MatMul of the first input" => TestModel.Of(17, [TestModel.Float("x", 10, 3)], [TestModel.Float("y", 6, 3)], [TensorData.Write("w", Tensor.Of([6, 10], weights))], TestModel.Node("MatMul", "w x", "y")),
            "Gemm" => GemmOf(weights),
            "Conv" => TestModel.Of(17, [TestModel.Float("x", 1, 2, 8, 8)], [TestModel.Float("y", 1, 5, 6, 6)], [TensorData.Write("w", Tensor.Of([5, 2, 3, 3], weights))], TestModel.Node("Conv", "x w", "y")),
            "grouped Conv" => GroupedOf(weights),
            _ => MatMul(weights, 10, 6),
        };
        var reference = Reference(model, _ => isKnown ? moment : null);
        Assert.Equal(rows * columns, weights.Length);
        return (LayerSource.Of(reference, reference.Layers[0]), weights, moment);
    }

    static (int Rows, int Columns) Form(string kind) => kind switch { "Conv" => (5, 18), "grouped Conv" => (6, 8), _ => (6, 10) };

    static OnnxModel MatMul(float[] weights, int columns, int rows) =>
        TestModel.Of(17, [TestModel.Float("x", 1, columns)], [TestModel.Float("y", 1, rows)], [TensorData.Write("w", Tensor.Of([columns, rows], weights))], TestModel.Node("MatMul", "x w", "y"));

    static OnnxModel GemmOf(float[] weights)
    {
        var node = TestModel.Node("Gemm", "x w", "y");
        node.Attribute.Add(new AttributeProto { Name = "transB", Type = AttributeProto.Types.AttributeType.Int, I = 1 });
        return TestModel.Of(17, [TestModel.Float("x", 1, 10)], [TestModel.Float("y", 1, 6)], [TensorData.Write("w", Tensor.Of([6, 10], weights))], node);
    }

    static OnnxModel GroupedOf(float[] weights)
    {
        var node = TestModel.Node("Conv", "x w", "y");
        node.Attribute.Add(new AttributeProto { Name = "group", Type = AttributeProto.Types.AttributeType.Int, I = 3 });
        return TestModel.Of(17, [TestModel.Float("x", 1, 6, 8, 8)], [TestModel.Float("y", 1, 6, 7, 7)], [TensorData.Write("w", Tensor.Of([6, 2, 2, 2], weights))], node);
    }

    static NetworkRewrite Reference(OnnxModel model, Func<InputForm, double[,]?> momentOf) =>
        new(model) { Roundings = new DataRoundings(form => momentOf(form) is { } moment ? Moments(form, moment) : null), Facts = new Facts() };

    // The same for each group; both halves hold ten rows.
    static SplitMoments Moments(InputForm form, double[,] moment)
    {
        int columns = moment.GetLength(0), groups = form.Groups;
        double[] products = new double[columns * columns];
        for (int i = 0; i < columns; i++)
        {
            for (int j = i; j < columns; j++) products[i * columns + j] = 10 * moment[i, j];
        }

        InputMoments Half() => InputMoments.Restore(columns, 10, [.. Enumerable.Range(0, groups).Select(_ => products.ToArray())], [.. Enumerable.Range(0, groups).Select(_ => new double[columns])]);
        return new SplitMoments(Half(), Half());
    }

    static double[,] Damped(double[,] moment)
    {
        int n = moment.GetLength(0);
        double[,] damped = (double[,])moment.Clone();
        bool isIdentity = Enumerable.Range(0, n).All(i => moment[i, i] == 1);
        double mean = Enumerable.Range(0, n).Average(i => moment[i, i]);
        for (int i = 0; i < n && !isIdentity; i++) damped[i, i] += Damping * mean;
        return damped;
    }

    static double Divergence(string kind, float[] errors, double[,] moment) => Divergence(kind, errors, moment, Form(kind).Rows, Form(kind).Columns);

    static double Divergence(string kind, float[] errors, double[,] moment, int rows, int columns)
    {
        bool isTransposed = kind is "MatMul" or "nothing known";
        double sum = 0;
        for (int r = 0; r < rows; r++)
        {
            double At(int k) => errors[isTransposed ? k * rows + r : r * columns + k];
            for (int i = 0; i < columns; i++)
            {
                for (int j = 0; j < columns; j++) sum += At(i) * moment[i, j] * At(j);
            }
        }

        return Curvature * sum;
    }

    sealed class Facts : ICalibrationFacts
    {
        public DataRoundings? Roundings => null;

        public ActivationStatistics? Activations(IReadOnlyCollection<string> values) => null;

        public SplitMoments? Moments(InputForm form) => null;

        public double? Curvature(string what, Func<(OnnxModel Network, double Error)> change) => LayerSourceTests.Curvature;
    }
}
