using CsCheck;
using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class MemorizationCountTests
{
    [Fact]
    public void Random_labels_of_CIFAR_take_as_much_as_they_hold() =>
        Assert.Equal(50_000 * Math.Log2(10), MemorizationCount.LeastBits(50_000, 10, 0), 1e-6);

    [Fact]
    public void It_is_its_formula() =>
        Gen.Select(Gen.Int[2, 1000], Gen.Double[0, 1], Gen.Int[1, 100_000]).Sample((classes, share, labels) =>
        {
            double error = share * (1 - 1.0 / classes);
            double expected = labels * (Math.Log2(classes) - BinaryEntropy.Bits(error) - error * Math.Log2(classes - 1));

            Assert.Equal(Math.Max(0, expected), MemorizationCount.LeastBits(labels, classes, error), 1e-9 * labels);
        });

    [Fact]
    public void It_falls_with_the_error_to_0_at_chance_and_stays_there()
    {
        double[] bits = [.. Enumerable.Range(0, 101).Select(i => MemorizationCount.LeastBits(1000, 16, i / 100.0))];

        for (int i = 1; i < bits.Length; i++) Assert.True(bits[i] <= bits[i - 1]);
        Assert.Equal(0, MemorizationCount.LeastBits(1000, 16, 15 / 16.0));
        Assert.Equal(0, bits[^1]);
    }

    // Labelings of 5 examples and 3 classes, and the largest number of them within one error of a center: 1 + 5·2.
    [Fact]
    public void A_count_of_all_labelings_needs_no_less()
    {
        const int n = 5, classes = 3;
        double labelings = Math.Pow(classes, n), covered = 1 + n * (classes - 1);

        Assert.True(Math.Log2(labelings / covered) >= MemorizationCount.LeastBits(n, classes, 1.0 / n));
    }

    [Fact]
    public void It_grows_with_the_noise_of_labels()
    {
        double[] bits = [.. Enumerable.Range(0, 101).Select(i => MemorizationCount.LeastBits(1000, 16, 0.01, MemorizationCount.NoisyLabelBits(16, i / 100.0)))];

        for (int i = 1; i < bits.Length; i++) Assert.True(bits[i] >= bits[i - 1]);
        Assert.Equal(0, bits[0]);
        Assert.Equal(MemorizationCount.LeastBits(1000, 16, 0.01), bits[^1]);
    }

    [Fact]
    public void The_entropy_of_a_noisy_label_is_that_of_its_probabilities()
    {
        double right = 0.5 + 0.5 / 16, wrong = 0.5 / 16;

        Assert.Equal(-right * Math.Log2(right) - 15 * wrong * Math.Log2(wrong), MemorizationCount.NoisyLabelBits(16, 0.5), 1e-14);
        Assert.Equal(0, MemorizationCount.NoisyLabelBits(16, 0));
        Assert.Equal(4, MemorizationCount.NoisyLabelBits(16, 1));
    }

    [Fact]
    public void One_draw_costs_the_logarithm_of_its_failure() =>
        Assert.Equal(MemorizationCount.LeastBits(1000, 10, 0.1) - Math.Log2(100), MemorizationCount.LeastBitsOfOneDraw(1000, 10, 0.1, 0.01), 1e-9);

    [Fact]
    public void What_is_no_count_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MemorizationCount.LeastBits(0, 10, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemorizationCount.LeastBits(10, 1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemorizationCount.LeastBits(10, 10, -0.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemorizationCount.LeastBits(10, 2, 0, 1.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemorizationCount.LeastBitsOfOneDraw(10, 2, 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MemorizationCount.NoisyLabelBits(16, 1.5));
    }
}
