using Kneepoint.Calibration;

namespace Kneepoint.Tests.Calibration;

public sealed class HistogramSpikesTests
{
    [Fact]
    public void A_bin_above_all_its_neighbors_together_is_one()
    {
        long[] counts = [.. Enumerable.Repeat(10L, 200)];
        (counts[50], counts[120], counts[199]) = (301, 300, 500);

        var spikes = HistogramSpikes.Of(counts);

        Assert.Equal([50, 199], spikes.Bins);
        Assert.Equal(291, spikes.Excess(50));
        Assert.Equal(0, spikes.Excess(120));
    }

    [Fact]
    public void A_spike_may_lie_on_the_border_of_two_bins()
    {
        long[] counts = [.. Enumerable.Repeat(1L, 100)];
        (counts[70], counts[71]) = (5000, 4000);

        Assert.Equal([70, 71], HistogramSpikes.Of(counts).Bins);
    }

    [Fact]
    public void A_peak_at_zero_is_none() => Assert.Empty(HistogramSpikes.Of([900_000, 0, 0, 100, .. new long[60]]).Bins);

    [Fact]
    public void A_smooth_distribution_has_none() =>
        Assert.Empty(HistogramSpikes.Of([.. Enumerable.Range(0, 2000).Select(i => (long)(1e6 * Math.Exp(-(i - 700) * (i - 700) / 5000.0)))]).Bins);

    [Fact]
    public void No_values_have_none() => Assert.Empty(HistogramSpikes.Of([]).Bins);
}
