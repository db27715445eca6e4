using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class TestResolutionTests
{
    [Fact]
    public void Stated_test_sets_have_the_stated_resolution()
    {
        Assert.Equal(0.0053, TestResolution.Unpaired(10_000, 0.92), 5e-5);
        Assert.Equal(0.0028, TestResolution.Paired(10_000, 0.02), 5e-5);
        Assert.Equal(0.017, TestResolution.Unpaired(1_000, 0.92), 5e-4);
    }

    [Fact]
    public void Four_times_the_examples_resolve_half()
    {
        Assert.Equal(TestResolution.Unpaired(1_000, 0.8) / 2, TestResolution.Unpaired(4_000, 0.8), 1e-15);
        Assert.Equal(TestResolution.Paired(1_000, 0.1) / 2, TestResolution.Paired(4_000, 0.1), 1e-15);
    }

    [Fact]
    public void Networks_that_differ_nowhere_are_told_apart_everywhere() => Assert.Equal(0, TestResolution.Paired(100, 0));

    [Fact]
    public void What_is_no_share_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => TestResolution.Unpaired(0, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestResolution.Unpaired(1, 1.1));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestResolution.Paired(0, 0.5));
        Assert.Throws<ArgumentOutOfRangeException>(() => TestResolution.Paired(1, double.NaN));
    }
}
