using CsCheck;
using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class OccamBoundTests
{
    static readonly ErrorCount NoErrors = new(0, 50_000);

    [Theory]
    [InlineData(1_000, 0.105, false)]
    [InlineData(20_000, 0.89, false)]
    [InlineData(30_000, 0.96, true)]
    [InlineData(100_000, 1.0, true)]
    public void Networks_without_training_errors_have_the_stated_guarantees(long bytes, double error, bool isVacuous)
    {
        var bound = OccamBound.Of(NoErrors, 8 * bytes, classes: 10);

        Assert.Equal(error, bound.GuaranteedError, bytes < 10_000 ? 5e-4 : 5e-3);
        Assert.Equal(isVacuous, bound.IsVacuous);
    }

    [Fact]
    public void It_grows_with_the_size_and_is_at_least_the_training_error() =>
        Gen.Select(Gen.Int[0, 500], Gen.Double[0, 1e5], Gen.Double[0, 1e5]).Sample((errors, a, b) =>
        {
            double Error(double bits) => OccamBound.Of(new ErrorCount(errors, 500), bits).GuaranteedError;

            Assert.True(Error(Math.Min(a, b)) <= Error(Math.Max(a, b)));
            Assert.True(Error(Math.Min(a, b)) > errors / 500.0 || errors == 500 || Error(Math.Min(a, b)) == 1);
        });

    // The two statements are one inequality, solved for the size and for the error.
    [Fact]
    public void A_network_of_the_size_that_its_overfitting_needs_is_guaranteed_its_test_error() =>
        Gen.Select(Gen.Int[0, 100], Gen.Int[300, 900]).Sample((trainErrors, testErrors) =>
        {
            var training = new ErrorCount(trainErrors, 1000);
            var size = SizeFromOverfitting.Of(training, new ErrorCount(testErrors, 1000), codeFailure: 0.05);

            Assert.Equal(size.TestErrorAtLeast, OccamBound.Of(training, size.LeastBits, failure: 0.05).GuaranteedError, 1e-9);
        });

    [Fact]
    public void Without_classes_only_certain_error_is_vacuous()
    {
        Assert.False(OccamBound.Of(NoErrors, 8 * 30_000).IsVacuous);
        Assert.True(OccamBound.Of(NoErrors, double.PositiveInfinity).IsVacuous);
        Assert.True(OccamBound.Of(new ErrorCount(10, 10), 0).IsVacuous);
    }

    [Fact]
    public void The_PAC_Bayes_form_is_its_formula()
    {
        double nats = (5000 + Math.Log(2 * Math.Sqrt(50_000) / 0.05)) / 50_000;

        var bound = OccamBound.PacBayes(0.03, 50_000, 5000, 0.05, classes: 10);

        Assert.Equal(BinaryDivergence.Upper(0.03, nats), bound.GuaranteedError, 1e-14);
        Assert.Equal(nats, BinaryDivergence.Nats(0.03, bound.GuaranteedError), 1e-12);
        Assert.False(bound.IsVacuous);
    }

    [Fact]
    public void What_is_no_size_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.Of(default, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.Of(NoErrors, -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.Of(NoErrors, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.Of(NoErrors, 1, failure: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.Of(NoErrors, 1, classes: 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.PacBayes(1.5, 100, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.PacBayes(0.5, 7, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => OccamBound.PacBayes(0.5, 100, -1));
    }
}
