using Kneepoint.Search.Models;
using Kneepoint.Search.Space;
using Kneepoint.Tests.Search.Space;

namespace Kneepoint.Tests.Search.Models;

public sealed class AccuracyModelTests
{
    const int Layers = 8, Last = Genome.NetworkGenes + Layers - 1;
    static readonly SearchSpace Space = Spaces.Of(Layers, 1);

    // Variants of 4-bit and 3-bit layers; the loss is a curve of the divergence, and luck that hangs on which layers are treated how.
    static (Composition Parts, double Divergence, double Loss, double Doubt)[] Measured(int count, Func<Genome, double> luckOf)
    {
        var random = new Random(1);
        return [.. Enumerable.Range(0, count).Select(_ =>
        {
            var genome = new Genome(0, false, Enumerable.Range(0, Layers).Select(_ => random.Next(0, 4)));
            var parts = new Composition(Space, genome);
            return (parts, parts.Divergence, 0.1 * Math.Pow(parts.Divergence, 0.8) + luckOf(genome), 0d);
        })];
    }

    static Prediction Of(AccuracyModel model, Genome genome)
    {
        var parts = new Composition(Space, genome);
        return model.Of(parts, Math.Log(parts.Divergence), 0);
    }

    [Fact]
    public void A_near_copy_of_a_lucky_variant_is_expected_to_be_lucky_and_an_unlike_one_is_not()
    {
        // What the heaviest layer suffers turns samples to the right under one treatment and to the wrong under the other.
        var measured = Measured(40, genome => genome.ChoiceOf(0) == 3 ? -0.01 : genome.ChoiceOf(0) == 2 ? 0.01 : 0);
        var model = AccuracyModel.Of(measured);
        var lucky = new Genome(0, false, [3, .. Enumerable.Repeat(0, Layers - 1)]);
        var unlike = new Genome(0, false, [0, 3, .. Enumerable.Repeat(0, Layers - 2)]);
        Genome[] places = [lucky, lucky.With(Last, 1), unlike];

        double[] better = [.. places.Select(place => Of(model, place).Mean - 0.1 * Math.Pow(new Composition(Space, place).Divergence, 0.8))];

        Assert.True(better[0] < -0.004 && better[1] < -0.004, $"expected the copies to gain, found {better[0]:F4} and {better[1]:F4}");
        Assert.True(better[2] > better[0] / 2, $"expected no gain of the unlike one, found {better[2]:F4}");
    }

    [Fact]
    public void What_came_out_as_expected_changes_no_expectation_and_lessens_the_doubt_of_its_like_most()
    {
        var luck = new Random(2);
        var model = AccuracyModel.Of(Measured(40, genome => genome.ChoiceOf(0) == 3 ? -0.01 : genome.ChoiceOf(0) == 2 ? 0.01 : 0.001 * luck.NextDouble()));
        var planned = new Genome(0, false, [0, 0, 2, 0, 0, 3, 0, 0]);
        var parts = new Composition(Space, planned);
        Genome[] places = [planned.With(Last, 1), new Genome(0, false, [0, 3, 0, 3, 0, 0, 0, 2])];

        var after = model.After(parts, Math.Log(parts.Divergence));

        double[] left = [.. places.Select(place => Of(after, place).Deviation / Of(model, place).Deviation)];
        Assert.All(places, place => Assert.Equal(Of(model, place).Mean, Of(after, place).Mean, 1e-6));
        Assert.All(left, ratio => Assert.True(ratio <= 1 + 1e-9, $"the doubt grew by {ratio}"));
        Assert.True(left[0] < left[1], $"of the copy {left[0]:F3} of the doubt was left, of the unlike one {left[1]:F3}");
    }

    [Fact]
    public void Errors_of_a_place_correlate_with_themselves_and_with_others_by_what_they_share()
    {
        Genome one = new(0, false, [3, 3, 0, 0, 0, 0, 0, 0]), half = new(0, false, [3, 0, 0, 0, 0, 0, 0, 0]), other = new(0, false, [0, 0, 3, 3, 0, 0, 0, 0]);
        Composition Parts(Genome genome) => new(Space, genome);

        Assert.Equal(1, Parts(one).Correlation(Parts(one)), 1e-5);
        Assert.Equal(Math.Sqrt(Parts(half).Divergence / Parts(one).Divergence), Parts(one).Correlation(Parts(half)), 1e-5);
        Assert.Equal(0, Parts(one).Correlation(Parts(other)), 1e-5);
        Assert.Equal(0, Parts(one).Correlation(Parts(new Genome(0, true, one.Assignment))), 1e-5);
    }
}
