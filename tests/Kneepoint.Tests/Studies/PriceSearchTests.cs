using Kneepoint.Studies;

namespace Kneepoint.Tests.Studies;

public sealed class PriceSearchTests
{
    // A network whose loss grows with the root of the price and whose bytes fall with its logarithm; succession halves the loss.
    static PricedNetwork Network(double price, bool isFitted) =>
        new(price, isFitted, (long)(1000 * (45 - Math.Log2(price / 1e-13))), 20 * Math.Sqrt(price) * (isFitted ? 0.5 : 1));

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.01)]
    [InlineData(0.1)]
    [InlineData(1)]
    public void The_network_for_a_loss_meets_it_and_hardly_less_is_lost(double most)
    {
        var search = new PriceSearch(Network, fitsInSuccession: true);

        var found = search.ForLoss(most)!;

        Assert.InRange(found.Loss, 0.7 * most, most);
        Assert.True(found.IsFittedInSuccession);
        Assert.InRange(search.Made.Count, 1, 22);
    }

    [Theory]
    [InlineData(8000)]
    [InlineData(20000)]
    [InlineData(40000)]
    public void The_network_for_bytes_meets_them_and_hardly_fewer_are_used(long most)
    {
        var search = new PriceSearch(Network, fitsInSuccession: false);

        var found = search.ForBytes(most)!;

        Assert.InRange(found.PackedBytes, most - 400, most);
    }

    [Fact]
    public void A_loss_below_all_that_the_least_price_leaves_is_out_of_reach()
    {
        var search = new PriceSearch((price, isFitted) => Network(price, isFitted) with { Loss = 0.5 }, fitsInSuccession: true);

        Assert.Null(search.ForLoss(0.1));
    }

    [Fact]
    public void Bytes_below_all_that_the_highest_price_leaves_are_out_of_reach() => Assert.Null(new PriceSearch(Network, fitsInSuccession: true).ForBytes(100));

    [Fact]
    public void A_loss_that_no_price_reaches_ends_at_the_highest() =>
        Assert.NotNull(new PriceSearch((price, isFitted) => Network(price, isFitted) with { Loss = 0 }, fitsInSuccession: true).ForLoss(0.1));
}
