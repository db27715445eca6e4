using System.Numerics.Tensors;
using Kneepoint.Onnx;
using Kneepoint.Onnx.Protocol;
using Kneepoint.Tests.Onnx;
using ElementType = Kneepoint.Tensors.ElementType;
using Tensor = Kneepoint.Tensors.Tensor;

namespace Kneepoint.Tests.Limits.Noise;

/// <summary>A 64-64-32-10 network with ReLU, trained here on pictures of 8×8 that are made here: ten classes of four blobs, shifted and blurred by noise.</summary>
/// <remarks>Plain stochastic gradient descent, one sample at a time, from a fixed seed, the same on every machine. Training and gradients are written out by hand, apart from the code under test.</remarks>
sealed class BlobNetwork
{
    public const int Classes = 10;
    public static readonly int[] Widths = [64, 64, 32, Classes];
    const int Side = 8;
    const int TrainCount = 3000;
    const int TestCount = 1000;
    const int Epochs = 14;

    /// <summary>The network, made once for all tests.</summary>
    public static BlobNetwork Shared => Lazy.Value;

    static readonly Lazy<BlobNetwork> Lazy = new(() => new BlobNetwork());

    BlobNetwork()
    {
        var random = new Random(12);
        double[][] blobs = [.. Enumerable.Range(0, Classes).Select(_ => Enumerable.Range(0, 8).Select(_ => 1 + random.NextDouble() * 5).ToArray())];
        var train = Samples(blobs, TrainCount, random);
        Test = Samples(blobs, TestCount, random);
        Weights = [.. Enumerable.Range(0, 3).Select(l => Draw(Widths[l + 1] * Widths[l], Math.Sqrt(2.0 / Widths[l]), random))];
        Biases = [.. Enumerable.Range(0, 3).Select(l => new float[Widths[l + 1]])];
        for (int epoch = 0; epoch < Epochs; epoch++)
        {
            float rate = 0.03f * (1 - (float)epoch / Epochs);
            foreach (var (x, label) in train) Descend(x, label, rate);
        }

        Tops = [.. Test.Select(sample => Winner(Scores(sample.X, Weights)))];
    }

    /// <summary>[out, in] of each layer.</summary>
    public float[][] Weights { get; }

    public float[][] Biases { get; }

    public (float[] X, int Label)[] Test { get; }

    /// <summary>The class that the network gives for each test sample.</summary>
    public int[] Tops { get; }

    public double Accuracy => Share(Weights, (sample, top) => top == Test[sample].Label);

    /// <summary>Step of symmetric rounding by layer.</summary>
    public double[] Steps(int bits) => [.. Weights.Select(layer => layer.Max(Math.Abs) / (double)((1 << (bits - 1)) - 1))];

    /// <summary>Every weight at the nearest code.</summary>
    public float[][] Rounded(int bits) => Moved((w, step) => Math.Round(w / step) * step, Steps(bits));

    /// <summary>Every weight moved by an error of its own, uniform within half a step: the noise model.</summary>
    public float[][] Dithered(int bits, Random random) => Moved((w, step) => w + (random.NextDouble() - 0.5) * step, Steps(bits));

    /// <summary>The share of test samples where a statement about the given class holds.</summary>
    public double Share(float[][] weights, Func<int, int, bool> holds) => Test.Select((sample, i) => holds(i, Winner(Scores(sample.X, weights))) ? 1.0 : 0).Average();

    public float[] Scores(float[] x, float[][] weights) => Activations(x, weights)[^1];

    /// <summary>Margins Z_y − Z_i of the class that is given, and ∂(Z_i − Z_y)/∂W of each layer, for each other class.</summary>
    public IEnumerable<(double Margin, float[][] Gradients)> Margins(float[] x)
    {
        float[][] a = Activations(x, Weights);
        int y = Winner(a[^1]);
        for (int i = 0; i < Classes; i++)
        {
            if (i == y) continue;
            float[] delta = new float[Classes];
            (delta[i], delta[y]) = (1, -1);
            yield return ((double)a[^1][y] - a[^1][i], Gradients(x, a, delta));
        }
    }

    public OnnxModel ToOnnx()
    {
        TensorProto[] initializers =
        [
            .. Weights.Select((w, l) => TensorData.Write($"w{l}", Tensor.Of([Widths[l + 1], Widths[l]], w))),
            .. Biases.Select((b, l) => TensorData.Write($"b{l}", Tensor.Of([b.Length], b))),
        ];
        return TestModel.Of(17, [NodeBuilder.Value("x", ElementType.Float32, [-1, 64])], [NodeBuilder.Value("z2", ElementType.Float32, [-1, Classes])], initializers,
            TestModel.Node("Gemm", "x w0 b0", "z0").With("transB", 1L), TestModel.Node("Relu", "z0", "a0"),
            TestModel.Node("Gemm", "a0 w1 b1", "z1").With("transB", 1L), TestModel.Node("Relu", "z1", "a1"),
            TestModel.Node("Gemm", "a1 w2 b2", "z2").With("transB", 1L));
    }

    public static int Winner(ReadOnlySpan<float> scores) => TensorPrimitives.IndexOfMax(scores);

    public float[][] Moved(Func<double, double, double> move, double[] steps) => [.. Weights.Select((layer, l) => layer.Select(w => (float)move(w, steps[l])).ToArray())];

    // Of each layer, after its ReLU where it has one.
    float[][] Activations(float[] x, float[][] weights)
    {
        float[][] result = new float[3][];
        for (int l = 0; l < 3; l++)
        {
            float[] from = l == 0 ? x : result[l - 1], to = result[l] = [.. Biases[l]];
            for (int n = 0; n < to.Length; n++) to[n] += Dot(weights[l].AsSpan(n * from.Length, from.Length), from);
            if (l < 2) TensorPrimitives.Max(to, 0, to);
        }

        return result;
    }

    float[][] Gradients(float[] x, float[][] a, float[] delta)
    {
        float[][] result = new float[3][];
        for (int l = 2; l >= 0; l--)
        {
            float[] from = l == 0 ? x : a[l - 1], back = new float[from.Length];
            result[l] = new float[delta.Length * from.Length];
            for (int n = 0; n < delta.Length; n++)
            {
                TensorPrimitives.Multiply(from, delta[n], result[l].AsSpan(n * from.Length, from.Length));
                TensorPrimitives.MultiplyAdd(Weights[l].AsSpan(n * from.Length, from.Length), delta[n], back, back);
            }

            if (l > 0) delta = [.. back.Select((value, k) => from[k] > 0 ? value : 0)];
        }

        return result;
    }

    void Descend(float[] x, int label, float rate)
    {
        float[][] a = Activations(x, Weights);
        double peak = a[^1].Max(), sum = a[^1].Sum(z => Math.Exp(z - peak));
        float[] delta = [.. a[^1].Select((z, i) => (float)(Math.Exp(z - peak) / sum - (i == label ? 1 : 0)))];
        for (int l = 2; l >= 0; l--)
        {
            float[] from = l == 0 ? x : a[l - 1], back = new float[from.Length];
            for (int n = 0; n < delta.Length; n++)
            {
                var row = Weights[l].AsSpan(n * from.Length, from.Length);
                TensorPrimitives.MultiplyAdd(row, delta[n], back, back);
                TensorPrimitives.MultiplyAdd(from, -rate * delta[n], row, row);
                Biases[l][n] -= rate * delta[n];
            }

            if (l > 0) delta = [.. back.Select((value, k) => from[k] > 0 ? value : 0)];
        }
    }

    // In one order on every machine, so that the same network comes out.
    static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        double sum = 0;
        for (int i = 0; i < a.Length; i++) sum += a[i] * b[i];
        return (float)sum;
    }

    static (float[] X, int Label)[] Samples(double[][] blobs, int count, Random random) => [.. Enumerable.Range(0, count).Select(i =>
    {
        int label = i % Classes;
        double[] at = [.. blobs[label].Select(place => place + Normal(random) * 0.42)];
        float[] x = new float[Side * Side];
        for (int k = 0; k < x.Length; k++)
        {
            for (int blob = 0; blob < 8; blob += 2)
            {
                double dy = k / Side - at[blob], dx = k % Side - at[blob + 1];
                x[k] += (float)Math.Exp(-(dy * dy + dx * dx) / 1.5);
            }

            x[k] += (float)(Normal(random) * 0.1);
        }

        return (x, label);
    })];

    static float[] Draw(int count, double deviation, Random random) => [.. Enumerable.Range(0, count).Select(_ => (float)(Normal(random) * deviation))];

    static double Normal(Random random) => Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}
