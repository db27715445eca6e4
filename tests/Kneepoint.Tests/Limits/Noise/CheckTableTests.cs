using Kneepoint.Limits;
using Kneepoint.Limits.Noise;
using Kneepoint.Onnx.Shapes;
using Kneepoint.Tensors;

namespace Kneepoint.Tests.Limits.Noise;

/// <summary>Both statements about noise on one small trained network: the shape of the published table.</summary>
public sealed class CheckTableTests(ITestOutputHelper output)
{
    const int GradientSamples = 150;

    // Of sums of a few hundred numbers in another order.
    const double Rounding = 1e-12;

    static readonly int[] Bits = [4, 5, 6, 8, 10];
    static readonly BlobNetwork Network = BlobNetwork.Shared;
    static readonly Lazy<(MismatchProbability Theorem, ChernoffMismatch[] Chernoff)> Bounds = new(Accumulate);
    static readonly IntervalNetwork Intervals = Compile();

    [Fact]
    public void Network_is_as_good_as_that_of_the_table() => Assert.InRange(Network.Accuracy, 0.94, 0.995);

    [Fact]
    public void The_table_has_its_shape()
    {
        output.WriteLine($"accuracy {Network.Accuracy:F3}; bits: theorem, capped, Chernoff; mismatch dithered, rounded; certified, accuracy rounded");
        var (theorem, chernoff) = Bounds.Value;
        for (int k = 0; k < Bits.Length; k++)
        {
            int bits = Bits[k];
            double[] steps = Network.Steps(bits);
            double capped = theorem.Capped(steps), sharp = chernoff[k].Bound, dithered = Dithered(bits), rounded = Mismatch(Network.Rounded(bits)), certified = Certified(bits);
            output.WriteLine($"{bits,2}: {theorem.Theorem(steps):G3}, {capped:G3}, {sharp:G3}; {dithered:G3}, {rounded:G3}; {certified:F3}, {Accuracy(Network.Rounded(bits)):F3}");
            Assert.InRange(dithered, 0, capped);
            Assert.InRange(dithered, 0, sharp);
            Assert.InRange(capped, 0, theorem.Theorem(steps) * (1 + Rounding));
            Assert.InRange(rounded, 0, capped);
            Assert.InRange(sharp, 0, bits < 6 ? capped * (1 + Rounding) : capped / 2);
        }

        Assert.Equal(0, Certified(4));
        Assert.InRange(Certified(10), 0.3, 1);
    }

    [Fact]
    public void The_theorem_falls_by_exactly_four_where_steps_are_halved()
    {
        var theorem = Bounds.Value.Theorem;
        double[] steps = Network.Steps(4);
        for (int bit = 0; bit < 12; bit++)
        {
            double[] halves = [.. steps.Select(step => step / 2)];
            Assert.Equal(theorem.Theorem(steps), 4 * theorem.Theorem(halves));
            Assert.InRange(theorem.Capped(halves), theorem.Capped(steps) / 4, theorem.Capped(steps));
            steps = halves;
        }
    }

    [Fact]
    public void No_network_of_the_box_is_less_accurate_than_certified()
    {
        var random = new Random(4);
        for (int bits = 2; bits <= 10; bits++)
        {
            double floor = Certified(bits), half = 0.5;
            Assert.InRange(floor, 0, Accuracy(Network.Rounded(bits)));
            for (int draw = 0; draw < 12; draw++)
            {
                // Uniform errors, and corners of the box.
                double scale = draw % 2 == 0 ? 1 : 0;
                var moved = Network.Moved((w, step) => w + step * (scale * (random.NextDouble() - half) + (1 - scale) * (random.Next(2) - half)), Network.Steps(bits));
                Assert.InRange(floor, 0, Accuracy(moved));
            }
        }
    }

    [Fact]
    public void Certified_samples_keep_their_class_one_by_one()
    {
        var samples = Judge(10);
        var random = new Random(9);
        for (int draw = 0; draw < 20; draw++)
        {
            var moved = Network.Moved((w, step) => w + step * (random.Next(2) - 0.5), Network.Steps(10));
            for (int i = 0; i < samples.Length; i++)
            {
                float[] scores = Network.Scores(Network.Test[i].X, moved);
                int top = BlobNetwork.Winner(scores);
                if (!samples[i].IsCertified) continue;
                Assert.Equal(top, samples[i].Class);
                Assert.True(scores[top] - scores.Where((_, k) => k != top).Max() >= samples[i].LeastLead - 1e-4);
            }
        }
    }

    [Fact]
    public void More_bits_certify_no_sample_less()
    {
        var last = Judge(6);
        for (int bits = 7; bits <= 12; bits++)
        {
            var next = Judge(bits);
            for (int i = 0; i < next.Length; i++) Assert.True(next[i].LeastLead >= last[i].LeastLead);
            last = next;
        }
    }

    [Fact]
    public void Statements_name_their_right()
    {
        Assert.Equal(('N', LimitStatus.True), (CertifiedMargin.Statement.Letter, CertifiedMargin.Statement.Status));
        Assert.Equal(('M', LimitStatus.Conditional), (MismatchProbability.Statement.Letter, MismatchProbability.Statement.Status));
        Assert.Equal(MismatchProbability.Statement, ChernoffMismatch.Statement);
    }

    static (MismatchProbability, ChernoffMismatch[]) Accumulate()
    {
        var theorem = new MismatchProbability(3);
        ChernoffMismatch[] chernoff = [.. Bits.Select(bits => new ChernoffMismatch(Network.Steps(bits)))];
        foreach (var (x, _) in Network.Test.Take(GradientSamples))
        {
            var margins = Network.Margins(x).ToList();
            theorem.AddSample([.. margins.Select(entry => entry.Margin)], [.. margins.SelectMany(entry => entry.Gradients.Select(layer => MismatchProbability.SquaredNorm(layer)))]);
            foreach (var bound in chernoff)
            {
                foreach (var (margin, gradients) in margins) bound.AddClass(margin, [.. gradients.Select(layer => (ReadOnlyMemory<float>)layer)]);
                bound.EndSample();
            }
        }

        return (theorem, chernoff);
    }

    // On the samples that the bounds were taken on.
    static double Mismatch(float[][] weights) =>
        Network.Test.Take(GradientSamples).Select((sample, i) => BlobNetwork.Winner(Network.Scores(sample.X, weights)) != Network.Tops[i] ? 1.0 : 0).Average();

    static double Dithered(int bits)
    {
        var random = new Random(bits);
        return Enumerable.Range(0, 20).Average(_ => Mismatch(Network.Dithered(bits, random)));
    }

    static double Accuracy(float[][] weights) => Network.Share(weights, (sample, top) => top == Network.Test[sample].Label);

    static double Certified(int bits) => CertifiedMargin.AccuracyFloor(Judge(bits), [.. Network.Test.Select(sample => (long)sample.Label)]);

    static CertifiedSample[] Judge(int bits)
    {
        var inputs = new Dictionary<string, Tensor> { ["x"] = Tensor.Of([Network.Test.Length, 64], [.. Network.Test.SelectMany(sample => sample.X)]) };
        return CertifiedMargin.Of(Intervals, WeightBox.SymmetricAbsMax(Network.ToOnnx(), bits), inputs, Network.Test.Length, cancellation: TestContext.Current.CancellationToken);
    }

    static IntervalNetwork Compile() => IntervalNetwork.TryCompile(Network.ToOnnx(), new InputShapes(), out var network, out var reason)
        ? network
        : throw new InvalidOperationException(reason.ToString());
}
