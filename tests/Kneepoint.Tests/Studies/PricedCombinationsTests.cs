using Kneepoint.Compression;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Quantization.RateConstrained;
using Kneepoint.Search;
using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class PricedCombinationsTests
{
    static readonly Recipe Light = Of(new PruneChannels { RatioPercent = 20 }), Heavy = Of(new PruneChannels { RatioPercent = 50 });
    static readonly Recipe Low = Of(new RateConstrainedWeights { Price = 1e-8 }), High = Of(new RateConstrainedWeights { Price = 1e-6 });

    [Fact]
    public void The_network_that_computes_least_comes_first_at_the_highest_price_that_both_losses_allow()
    {
        (Recipe, double, double)[] measured = [(Recipe.Baseline, 100, 0), (Light, 80, 0.005), (Heavy, 50, 0.03), (Low, 100, 0.001), (High, 100, 0.04)];

        var first = PricedCombinations.Next(measured, new HashSet<string>())!;
        var second = PricedCombinations.Next(measured, new HashSet<string> { first.Id })!;

        Assert.Equal(new Recipe([.. Heavy.Steps, .. Low.Steps]), first);
        Assert.Equal(new Recipe([.. Light.Steps, .. High.Steps]), second);
        Assert.Null(PricedCombinations.Next(measured, new HashSet<string> { first.Id, second.Id }));
    }

    [Fact]
    public void Nothing_is_combined_before_both_were_measured_or_where_too_much_is_lost()
    {
        Assert.Null(PricedCombinations.Next([(Recipe.Baseline, 100, 0), (Light, 80, 0)], new HashSet<string>()));
        Assert.Null(PricedCombinations.Next([(Recipe.Baseline, 100, 0), (Low, 100, 0)], new HashSet<string>()));
        Assert.Null(PricedCombinations.Next([(Light, 80, 0.2), (Low, 100, 0)], new HashSet<string>()));
        Assert.Null(PricedCombinations.Next([(Light, 80, 0.03), (Low, 100, 0.04)], new HashSet<string>()));
    }

    static Recipe Of(CompressionMethod method) => new([method.ToStep(Step.WholeNetwork)]);
}
