using CsCheck;
using Kneepoint.Data;
using Kneepoint.Measurement;
using Kneepoint.Measurement.Metrics;
using Kneepoint.Measurement.Statistics;

namespace Kneepoint.Tests.Measurement;

public sealed class PairedChangeTests
{
    static readonly IMetric Top1 = new TopK(1, "y");

    static SampleScores Scores(params float[] values) => new(values, 1);

    static SampleScores Decisions(int right, int n, int from = 0) =>
        Scores([.. Enumerable.Range(0, n).Select(i => i >= from && i < from + right ? 1f : 0f)]);

    [Fact]
    public void Five_samples_decided_better_and_none_worse_are_the_least_that_tells()
    {
        Assert.Equal(5, PairedChange.LeastGain);
        Assert.True(PairedChange.IsGain(5, 0));
        Assert.False(PairedChange.IsGain(4, 0));
    }

    [Fact]
    public void Proportions_have_wilsons_interval_and_other_figures_the_bootstraps()
    {
        Assert.Equal(Wilson.Of(70, 100), AccuracyFigure.Of(Top1, Decisions(70, 100), 1));

        var shares = Scores([.. Enumerable.Range(0, 100).Select(i => i % 4 / 4f)]);
        var interval = AccuracyFigure.Of(new Agreement("y", 2, isSequence: true), shares, 1);
        Assert.InRange(interval.Value, interval.Low + 1e-3, interval.High - 1e-3);
    }

    [Fact]
    public void The_change_counts_samples_that_differ()
    {
        // 0..79 right against 10..94: gained 15, lost 10.
        var change = PairedChange.Of(Top1, Decisions(85, 100, from: 10), Decisions(80, 100), 1);

        Assert.Equal(PairedProportions.Change(15, 10, 100), change.Change);
        Assert.False(change.IsDistinguishable);
        Assert.True(PairedChange.Of(Top1, Decisions(90, 100), Decisions(80, 100), 1).IsDistinguishable);
    }

    [Fact]
    public void A_network_is_tied_with_itself_whatever_the_metric() => Gen.Float[-5, 5].Array[2, 60].Sample(values =>
    {
        var scores = new SampleScores([.. values.SelectMany(value => new[] { value, 1 })], 2);
        var change = PairedChange.Of(new SquaredError("y"), scores, scores, 1);
        Assert.Equal(new PairedChange(new Interval(0, 0, 0), false), change);
        Assert.True(Ties.AreTied(Top1, Decisions(3, 9), Decisions(3, 9), 1));
    });

    [Fact]
    public void Ties_are_symmetric_and_need_not_chain()
    {
        SampleScores[] networks = [Decisions(500, 1000), Decisions(503, 1000), Decisions(506, 1000), Decisions(900, 1000)];

        var tied = Ties.Among(Top1, networks, 1);

        Assert.Equal([1], tied[0]);
        Assert.Equal([0, 2], tied[1]);
        Assert.Equal([1], tied[2]);
        Assert.Empty(tied[3]);
    }

    [Fact]
    public void Bug_every_pair_of_the_frontier_was_compared_anew_after_every_trial()
    {
        SampleScores[] networks = [Decisions(500, 1000), Decisions(503, 1000), Decisions(506, 1000), Decisions(900, 1000)];
        var known = new KnownTies(Top1, 1);
        int asked = 0;
        SampleScores Scores(string name)
        {
            asked++;
            return networks[name[0] - 'a'];
        }

        Assert.Equal(Ties.Among(Top1, networks, 1), known.Among(["a", "b", "c", "d"], Scores));
        Assert.Equal(4, asked);
        Assert.Equal(Ties.Among(Top1, [networks[0], networks[2], networks[3]], 1), known.Among(["a", "c", "d"], Scores));
        Assert.Equal(4, asked);
    }

    [Fact]
    public void A_figure_that_is_no_number_is_an_error_that_says_why()
    {
        var oneClass = new SampleScores([0.1f, 1, 0.7f, 1], 2);

        var exception = Assert.Throws<DataException>(() => AccuracyFigure.Of(new AreaUnderCurve("y"), oneClass, 1));

        Assert.StartsWith("The metric auc is no number on these 2 samples", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Scores_of_other_samples_are_refused() =>
        Assert.Throws<ArgumentException>(() => PairedChange.Of(Top1, Decisions(1, 3), Decisions(1, 4), 1));
}
