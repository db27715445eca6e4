using Kneepoint.Measurement.Latency;

namespace Kneepoint.Tests.Measurement.Latency;

public sealed class TimeEstimateTests
{
    [Fact]
    public void A_node_takes_time_before_it_computes_anything_and_more_with_all_that_it_does()
    {
        var nothing = new NodeWork("com.microsoft.nchwc.Conv", 0, 0, 0, 0);
        double least = TimeEstimate.Nanoseconds(nothing, hasDotProducts: true);

        Assert.True(least > 0);
        NodeWork[] more = [nothing with { Macs = 1000 }, nothing with { Weights = 1000 }, nothing with { InputElements = 1000 }, nothing with { OutputElements = 1000 }];
        Assert.All(more, work => Assert.True(TimeEstimate.Nanoseconds(work, hasDotProducts: true) > least));
    }

    [Fact]
    public void Only_kernels_of_integers_are_slower_without_dot_products_of_bytes()
    {
        NodeWork integers = new("com.microsoft.QLinearConv", 1_000_000, 1000, 1000, 1000), floats = integers with { Operator = "com.microsoft.FusedConv" };

        Assert.True(TimeEstimate.Nanoseconds(integers, hasDotProducts: false) > TimeEstimate.Nanoseconds(integers, hasDotProducts: true));
        Assert.Equal(TimeEstimate.Nanoseconds(floats, hasDotProducts: false), TimeEstimate.Nanoseconds(floats, hasDotProducts: true));
    }

    [Fact]
    public void Products_whose_node_is_not_found_take_the_time_of_their_sums_alone()
    {
        var lost = new NodeWork("", 1_000_000, 0, 0, 0);

        Assert.Equal(0, TimeEstimate.Nanoseconds(lost with { Macs = 0 }, hasDotProducts: true));
        Assert.Equal(2 * TimeEstimate.Nanoseconds(lost, hasDotProducts: true), TimeEstimate.Nanoseconds(lost with { Macs = 2_000_000 }, hasDotProducts: true), 1e-6);
    }

    [Fact]
    public void A_network_takes_the_time_of_its_nodes()
    {
        NodeWork first = new("Gemm", 8192, 8192, 128, 64), second = new("Relu", 0, 0, 64, 64);

        Assert.Equal(TimeEstimate.Nanoseconds(first, true) + TimeEstimate.Nanoseconds(second, true), TimeEstimate.Nanoseconds([first, second], true), 1e-9);
    }
}
