using CsCheck;
using Kneepoint.Data;
using Kneepoint.Data.Description;

namespace Kneepoint.Tests.Data;

public sealed class SelectedIndicesTests
{
    static readonly Gen<string> Selection = Gen.OneOf(
        Gen.Int[1, 20].Select(n => $"first {n}"), Gen.Int[1, 20].Select(n => $"last {n}"), Gen.Int[1, 20].Select(n => $"random {n}"),
        Gen.Int[1, 90].Select(n => $"random {n} %"), Gen.Int[0, 10].Select(n => $"{n}..{n + 5}"));

    [Fact]
    public void A_part_and_its_rest_hold_every_sample_once()
    {
        Gen.Select(Selection, Gen.Int[21, 60], Gen.Int).Sample((text, total, seed) =>
        {
            var selection = SampleSelection.Parse(text)!;
            var part = new SelectedIndices(selection, SampleSelection.Rest, total, seed, "part");
            var rest = new SelectedIndices(SampleSelection.Rest, selection, total, seed, "rest");

            Assert.Equal(part.Count, part.Indices().LongCount());
            Assert.Equal(rest.Count, rest.Indices().LongCount());
            Assert.Equal(Enumerable.Range(0, total).Select(i => (long)i), part.Indices().Concat(rest.Indices()).Order());
            Assert.Equal(part.Indices(), part.Indices().Order());
        }, iter: 300);
    }

    [Fact]
    public void A_random_choice_depends_on_the_seed_alone_and_favors_no_sample()
    {
        int[] taken = new int[20];
        for (int seed = 0; seed < 2000; seed++)
        {
            foreach (long index in new SelectedIndices(SampleSelection.Parse("random 5")!, null, 20, seed, "part").Indices()) taken[index]++;
        }

        // Each sample is taken with probability 1/4: 500 of 2000, standard deviation 19; six of them leave no room for chance.
        Assert.All(taken, count => Assert.InRange(count, 500 - 116, 500 + 116));
    }

    [Theory]
    [InlineData("first 11", null, "part needs 11 samples, there are 10.")]
    [InlineData("5..11", null, "part needs 11 samples, there are 10.")]
    [InlineData("rest", "first 10", "part is empty: no sample of 10 is left for it.")]
    [InlineData("rest", "first 12", "part needs 12 samples, there are 10.")]
    public void Selections_that_do_not_fit_are_errors(string text, string? other, string expected)
    {
        var exception = Assert.Throws<DataException>(
            () => new SelectedIndices(SampleSelection.Parse(text)!, other is null ? null : SampleSelection.Parse(other), 10, 1, "part"));

        Assert.Equal(expected, exception.Message);
    }

    [Theory]
    [InlineData("first")]
    [InlineData("first 0")]
    [InlineData("first -1")]
    [InlineData("3..3")]
    [InlineData("random 100 %")]
    [InlineData("random 1,5 %")]
    [InlineData("ALL")]
    public void Other_texts_are_no_selection(string text) => Assert.Null(SampleSelection.Parse(text));
}
