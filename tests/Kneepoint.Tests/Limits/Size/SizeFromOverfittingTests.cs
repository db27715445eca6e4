using CsCheck;
using Kneepoint.Limits;
using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class SizeFromOverfittingTests
{
    // Training and test errors of well-known networks, with 2.5 % for either failure.
    [Theory]
    [InlineData(100, 50_000, 825, 10_000, 638, 0.5)] // CIFAR-10, ResNet-20
    [InlineData(274_170, 1_281_167, 15_100, 50_000, 4_200, 50)] // ImageNet, ResNet-18
    [InlineData(0, 50_000, 9_000, 10_000, 20_200, 50)] // CIFAR-10 with random labels, learned by heart
    public void Known_networks_have_the_stated_least_bytes(long trainErrors, long n, long testErrors, long m, double bytes, double tolerance) =>
        Assert.Equal(bytes, SizeFromOverfitting.Of(new ErrorCount(trainErrors, n), new ErrorCount(testErrors, m)).LeastBits / 8, tolerance);

    [Fact]
    public void It_is_its_formula()
    {
        var size = SizeFromOverfitting.Of(new ErrorCount(20, 1000), new ErrorCount(150, 500), 0.01, 0.04, choiceBits: 3);

        double e = ClopperPearson.Lower(new ErrorCount(150, 500), 0.04);
        Assert.Equal(e, size.TestErrorAtLeast);
        Assert.Equal((1000 * BinaryDivergence.Nats(0.02, e) - Math.Log(1 / 0.01)) / Math.Log(2) - 3, size.LeastBits, 1e-9);
    }

    [Fact]
    public void It_grows_with_test_errors_and_falls_with_training_errors() =>
        Gen.Select(Gen.Int[0, 999], Gen.Int[0, 499]).Sample((training, test) =>
        {
            double Bits(int a, int b) => SizeFromOverfitting.Of(new ErrorCount(a, 1000), new ErrorCount(b, 500)).LeastBits;

            Assert.True(Bits(training, test + 1) >= Bits(training, test));
            Assert.True(Bits(training + 1, test) <= Bits(training, test));
            Assert.True(Bits(training, test) >= 0);
        });

    [Fact]
    public void A_network_that_does_not_overfit_needs_no_bits()
    {
        Assert.Equal(0, SizeFromOverfitting.Of(new ErrorCount(100, 1000), new ErrorCount(50, 500)).LeastBits);
        Assert.Equal(0, SizeFromOverfitting.Of(new ErrorCount(0, 1000), new ErrorCount(1, 500)).LeastBits);
    }

    [Fact]
    public void A_choice_among_codes_is_part_of_the_network()
    {
        var (training, test) = (new ErrorCount(0, 1000), new ErrorCount(250, 500));

        Assert.Equal(SizeFromOverfitting.Of(training, test).LeastBits - 4, SizeFromOverfitting.Of(training, test, choiceBits: 4).LeastBits, 1e-9);
        Assert.Equal(0, SizeFromOverfitting.Of(training, test, choiceBits: 1e9).LeastBits);
    }

    // All 2^b functions of a code with b bits for each, at a true error of one half: the one with the least training errors hardly ever breaks the statement.
    [Fact]
    public void The_best_of_all_networks_of_b_bits_breaks_it_no_more_often_than_stated()
    {
        const int bits = 8, n = 60, draws = 2000;
        const double failure = 0.1;
        var random = new Random(5);
        int broken = 0;
        for (int draw = 0; draw < draws; draw++)
        {
            int best = Enumerable.Range(0, 1 << bits).Min(_ => System.Numerics.BitOperations.PopCount((ulong)random.NextInt64() & ((1UL << n) - 1)));
            double least = (n * BinaryDivergence.Nats((double)best / n, 0.5) - Math.Log(1 / failure)) / Math.Log(2);
            if (best < n / 2 && least > bits) broken++;
        }

        Assert.InRange(broken, 0, failure * draws);
    }

    [Fact]
    public void It_is_named_with_its_status()
    {
        Assert.Equal('A', SizeFromOverfitting.Statement.Letter);
        Assert.Equal("TRUE", SizeFromOverfitting.Statement.StatusWord);
        Assert.DoesNotContain('\n', SizeFromOverfitting.Statement.Assumptions);
        Assert.Equal(LimitStatus.True, SizeFromOverfitting.Statement.Status);
    }

    [Fact]
    public void What_was_not_counted_is_refused()
    {
        var some = new ErrorCount(1, 10);
        Assert.Throws<ArgumentOutOfRangeException>(() => SizeFromOverfitting.Of(default, some));
        Assert.Throws<ArgumentOutOfRangeException>(() => SizeFromOverfitting.Of(some, default));
        Assert.Throws<ArgumentOutOfRangeException>(() => SizeFromOverfitting.Of(some, some, codeFailure: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => SizeFromOverfitting.Of(some, some, testFailure: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SizeFromOverfitting.Of(some, some, choiceBits: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => SizeFromOverfitting.Of(some, some, choiceBits: double.PositiveInfinity));
    }
}
