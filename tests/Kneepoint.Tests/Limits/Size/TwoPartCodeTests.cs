using Kneepoint.Limits.Size;

namespace Kneepoint.Tests.Limits.Size;

public sealed class TwoPartCodeTests
{
    [Fact]
    public void Bytes_and_nats_become_bits()
    {
        var code = TwoPartCode.FromNats(1000, 50 * Math.Log(2));

        Assert.Equal(8000, code.ModelBits);
        Assert.Equal(50, code.LabelBits, 1e-12);
        Assert.Equal(8050, code.TotalBits, 1e-9);
    }

    [Fact]
    public void More_labels_pay_for_a_larger_network()
    {
        TwoPartCode[] variants = [new(10_000, 1000), new(4000, 2000), new(500, 9000)];

        Assert.Equal(new MdlChoice(AtTenth: 2, AtMeasured: 1, AtTenfold: 0), MdlChoice.Of(variants));
    }

    [Fact]
    public void The_choice_never_gets_a_smaller_network_from_more_labels()
    {
        var random = new Random(3);
        for (int round = 0; round < 200; round++)
        {
            TwoPartCode[] variants = [.. Enumerable.Range(0, 8).Select(_ => new TwoPartCode(random.Next(1000), random.Next(1000)))];
            var choice = MdlChoice.Of(variants);

            Assert.True(variants[choice.AtTenth].ModelBits <= variants[choice.AtMeasured].ModelBits);
            Assert.True(variants[choice.AtMeasured].ModelBits <= variants[choice.AtTenfold].ModelBits);
            Assert.All(variants, variant => Assert.True(variant.TotalBits >= variants[choice.AtMeasured].TotalBits));
        }
    }

    [Fact]
    public void Of_equal_totals_the_smaller_network_is_chosen_and_then_the_first()
    {
        Assert.Equal(1, MdlChoice.IndexOf([new(60, 40), new(40, 60), new(40, 60)]));
    }

    [Fact]
    public void Nothing_is_chosen_from_nothing_or_from_networks_that_rule_a_label_out()
    {
        Assert.Equal(new MdlChoice(-1, -1, -1), MdlChoice.Of([]));
        Assert.Equal(-1, MdlChoice.IndexOf([new(10, double.PositiveInfinity)]));
        Assert.Equal(1, MdlChoice.IndexOf([new(10, double.PositiveInfinity), new(1000, 5)]));
    }

    [Fact]
    public void What_is_no_length_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new TwoPartCode(-1, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TwoPartCode(double.PositiveInfinity, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TwoPartCode(0, double.NaN));
        Assert.Throws<ArgumentOutOfRangeException>(() => new TwoPartCode(0, 0).Scaled(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => MdlChoice.IndexOf([new(0, 0)], double.NaN));
    }
}
