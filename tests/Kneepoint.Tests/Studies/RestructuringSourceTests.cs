using System.Collections.Immutable;
using Kneepoint.Compression;
using Kneepoint.Compression.Pruning;
using Kneepoint.Compression.Quantization;
using Kneepoint.Compression.Repair;
using Kneepoint.Onnx;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tests.Onnx;

namespace Kneepoint.Tests.Studies;

public sealed class RestructuringSourceTests
{
    static readonly Recipe Cut = Of(new PruneChannels { RatioPercent = 30 });
    static readonly Recipe CutMore = Of(new PruneChannels { RatioPercent = 50 });

    [Fact]
    public void Channels_of_a_cut_network_that_lost_a_little_get_their_statistics_back() =>
        Assert.Contains(Renormalized(Cut), Proposals([Measured(Cut, 0.02)]));

    [Theory]
    [InlineData(0.001)]
    [InlineData(0.3)]
    public void A_cut_network_that_lost_nothing_or_all_is_left(double loss) =>
        Assert.DoesNotContain(Renormalized(Cut), Proposals([Measured(Cut, loss)]));

    [Fact]
    public void Renormalizing_is_tried_again_as_long_as_it_helps()
    {
        Assert.Contains(Renormalized(CutMore), Proposals([Measured(Cut, 0.02), Measured(Renormalized(Cut), 0.01), Measured(CutMore, 0.05)]));
        Assert.DoesNotContain(Renormalized(CutMore), Proposals([Measured(Cut, 0.02), Measured(Renormalized(Cut), 0.03), Measured(CutMore, 0.05)]));
    }

    [Fact]
    public void What_the_caller_did_not_name_is_not_proposed() =>
        Assert.DoesNotContain(Renormalized(Cut), Proposals([Measured(Cut, 0.02)], PruneChannels.MethodName));

    [Fact]
    public void Integer_arithmetic_that_lost_much_is_tried_with_its_outliers_taken_out()
    {
        var (integer, other) = (Of(new StaticInt8()), Of(new StaticInt8 { Range = Kneepoint.Calibration.RangeMethod.Percentile() }));

        Assert.Contains(WithoutOutliers(integer), Proposals([Measured(integer, 0.4), Measured(other, 0.5)]));
        Assert.DoesNotContain(WithoutOutliers(integer), Proposals([Measured(integer, 0.002)]));
        Assert.Contains(WithoutOutliers(other), Proposals([Measured(integer, 0.4), Measured(WithoutOutliers(integer), 0.01), Measured(other, 0.5)]));
        Assert.DoesNotContain(WithoutOutliers(other), Proposals([Measured(integer, 0.4), Measured(WithoutOutliers(integer), 0.4), Measured(other, 0.5)]));
    }

    static Recipe WithoutOutliers(Recipe recipe) => new([new SplitOutliers().ToStep(Step.WholeNetwork), .. recipe.Steps]);

    static ImmutableArray<Recipe> Proposals(ImmutableArray<MeasuredRecipe> measured, params ImmutableArray<string> methods)
    {
        var source = new RestructuringSource(Network(), new ExplorationSettings { Methods = methods });
        var quantized = Measured(Of(new WeightInt8()), 0);
        ImmutableArray<MeasuredRecipe> all = [new MeasuredRecipe(Recipe.Baseline, 0, 1000, 1), quantized, .. measured];
        var trials = all.Select((recipe, i) => new Trial(i, recipe.Recipe, new TrialOutcome.Rejected(""), 1)).ToList();
        // Each family once, so that repairs come into question.
        trials.Add(new Trial(trials.Count, Of(new PruneChannels { RatioPercent = 90 }), new TrialOutcome.Rejected(""), 1));
        trials.Add(new Trial(trials.Count, Of(new Kneepoint.Compression.LowRank.LowRankFactoring()), new TrialOutcome.Rejected(""), 1));
        return source.Propose(trials, all, [LadderAxis.FileBytes], 1, 60, trials.Select(trial => trial.Recipe.Id).ToHashSet());
    }

    static Recipe Renormalized(Recipe recipe) => new([.. recipe.Steps, new Renormalize().ToStep(Step.WholeNetwork)]);

    static Recipe Of(CompressionMethod method) => new([method.ToStep(Step.WholeNetwork)]);

    static MeasuredRecipe Measured(Recipe recipe, double loss) => new(recipe, loss, 500, 0.5);

    static OnnxModel Network() => TestModel.Of(13,
        [TestModel.Float("x", 1, 3, 8, 8)], [TestModel.Float("y", 1, 8, 6, 6)],
        [TestModel.Weight("w1", 16, 3, 3, 3), TestModel.Weight("w2", 8, 16, 1, 1)],
        TestModel.Node("Conv", "x w1", "a"), TestModel.Node("Relu", "a", "b"), TestModel.Node("Conv", "b w2", "y"));
}
