using Kneepoint.Limits.OfStudy;
using Kneepoint.Limits.Size;
using Kneepoint.Measurement;
using Kneepoint.Studies;
using static Kneepoint.Tests.Limits.OfStudy.HandMadeTrials;

namespace Kneepoint.Tests.Limits.OfStudy;

public sealed class StudyInquiryTests
{
    const int Samples = 200;

    // 8,000 bits and 100 nats, 4,000 and 2,000, 1,000 and 10,000.
    static readonly Trial[] Three =
    [
        Measured(1, 1000, new LabelCost(100, Samples), Decisions(190, 10)), Measured(2, 500, new LabelCost(2000, Samples), Decisions(180, 20)),
        Rejected(3), Measured(4, 125, new LabelCost(10_000, Samples), Decisions(100, 100)),
    ];

    static string Id(int trial) => Three[trial].Recipe.Id;

    [Fact]
    public void The_shortest_description_moves_to_larger_networks_with_more_labels()
    {
        // For n/10, n and 10·n labels the totals are 8,014 4,289 2,443; 8,144 6,885 15,427; 9,443 32,854 145,270 bits.
        Assert.Equal(new MdlChoices(Id(3), Id(1), Id(0)), DescriptionLengths.Choices(Three));
        Assert.Equal(8 * 500 + 2000 / Math.Log(2), DescriptionLengths.Of(Three[1])!.Value.TotalBits, 1e-9);
    }

    [Fact]
    public void Without_one_of_the_parts_there_is_no_description()
    {
        Assert.Null(DescriptionLengths.Of(Measured(1, null, new LabelCost(1, 1))));
        Assert.Null(DescriptionLengths.Of(Measured(1, 10, null)));
        Assert.Null(DescriptionLengths.Of(Rejected(2)));
        Assert.Null(DescriptionLengths.Choices([]));
        Assert.Null(DescriptionLengths.Choices([Rejected(2), Measured(1, 10, null)]));
        Assert.Null(DescriptionLengths.Choices([Measured(1, 10, new LabelCost(double.PositiveInfinity, 1))]));
    }

    [Fact]
    public void Limits_of_errors_on_new_data_are_those_of_the_held_out_samples()
    {
        var limits = new StudyInquiry(Three, "top1", Samples).FromTrials();

        Assert.Equal([Id(0), Id(1), Id(3)], limits.Variants.Select(variant => variant.Id));
        Assert.Equal([10, 20, 100], limits.Variants.Select(variant => (int)Math.Round(ErrorsBehind(variant.HeldOutErrorAtMost!.Value, 0.05))));
        Assert.All(limits.Variants, variant => Assert.True(variant.ChosenErrorAtMost > variant.HeldOutErrorAtMost));
        Assert.Equal(ClopperPearson.Upper(new ErrorCount(20, Samples), 0.05 / 3), limits.Variants[1].ChosenErrorAtMost!.Value, 1e-12);
        Assert.Equal(8000, limits.Variants[0].ModelBits);
        Assert.Equal(8000 + 100 / Math.Log(2), limits.Variants[0].TotalBits!.Value, 1e-9);
        Assert.Equal((Samples, Samples), (limits.Samples, limits.Labels));
    }

    [Fact]
    public void Differing_samples_are_counted_one_by_one()
    {
        // 10 and 90 samples differ from the baseline: of two the larger is taken for the median.
        var resolution = new StudyInquiry(Three, "top1", Samples).FromTrials().Resolution!;

        Assert.Equal(90.0 / Samples, resolution.DiscordantShare, 1e-12);
        Assert.Equal(TestResolution.Paired(Samples, 90.0 / Samples), resolution.Paired, 1e-12);
        Assert.Equal(TestResolution.Unpaired(Samples, 0.95), resolution.Unpaired, 1e-12);
        Assert.Equal(0, new StudyInquiry(Three[..1], "top1", Samples).FromTrials().Resolution!.DiscordantShare);
        Assert.Null(new StudyInquiry(Three[1..], "top1", Samples).FromTrials().Resolution);
    }

    [Theory]
    [InlineData("nll")]
    [InlineData("auc")]
    [InlineData("psnr")]
    public void A_metric_that_counts_no_decisions_limits_no_error(string metric)
    {
        var limits = new StudyInquiry(Three, metric, Samples).FromTrials();

        Assert.All(limits.Variants, variant => Assert.Null(variant.HeldOutErrorAtMost));
        Assert.Null(limits.Resolution);
    }

    [Fact]
    public void Scores_that_are_damaged_limit_no_error()
    {
        var limits = new StudyInquiry([Measured(1, 10, null, Decisions(2, 1)), Measured(2, 10, null, Decisions(2, 2)), Measured(3, 10, null, 1, 0, 0.5f), Measured(4, 10, null, 1, 0, float.NaN)], "top1", 3).FromTrials();

        Assert.NotNull(limits.Variants[0].HeldOutErrorAtMost);
        Assert.All(limits.Variants[1..], variant => Assert.Null(variant.HeldOutErrorAtMost));
        Assert.Equal(0, limits.Resolution!.DiscordantShare);
    }

    [Fact]
    public void What_is_missing_has_its_letter_and_a_reason_of_its_own()
    {
        var whole = new StudyInquiry(Three, "top1", Samples).FromTrials();
        var unlabeled = new StudyInquiry([Measured(1, 10, null, Decisions(2, 1))], "top1", 3).FromTrials();
        var unpacked = new StudyInquiry([Measured(1, null, new LabelCost(1, 3), Decisions(2, 1))], "top1", 3).FromTrials();

        Assert.Equal("D", Letters(whole));
        Assert.Equal("CD", Letters(unlabeled));
        Assert.Equal("CD", Letters(unpacked));
        Assert.Contains("no label costs", unlabeled.Missing[0].Reason, StringComparison.Ordinal);
        Assert.Contains("no variant has a packed file", unpacked.Missing[0].Reason, StringComparison.OrdinalIgnoreCase);
        Assert.Null(unlabeled.MdlChoice);
        Assert.Null(unlabeled.Labels);
    }

    [Fact]
    public void Bug_that_samples_cannot_be_counted_was_not_given_as_the_reason()
    {
        var limits = new StudyInquiry(Three, "nll", Samples).FromTrials();

        Assert.Contains(limits.Missing, missing => missing.Letter == 'P' && missing.Reason.Contains("nll", StringComparison.Ordinal));
    }

    [Fact]
    public void Training_samples_give_sizes_and_errors_that_hold_their_laws()
    {
        var inquiry = new StudyInquiry(Three, "top1", Samples);
        var errors = new Dictionary<string, long> { [Id(0)] = 0, [Id(1)] = 300 };

        var limits = inquiry.WithTraining(inquiry.FromTrials(), errors, 20_000, 10);

        Assert.Equal(20_000, limits.TrainSamples);
        var (first, second) = (limits.Variants[0], limits.Variants[1]);
        Assert.Equal(OccamBound.Of(new ErrorCount(0, 20_000), 8000, 0.05, 10).GuaranteedError, first.OccamErrorAtMost!.Value, 1e-12);
        Assert.Equal(SizeFromOverfitting.Of(new ErrorCount(300, 20_000), new ErrorCount(20, Samples)).LeastBits, second.SizeAtLeastBits!.Value, 1e-9);
        Assert.True(first.SizeAtLeastBits > 0);
        Assert.True(second.OccamErrorAtMost > 0.015);
        Assert.False(first.IsOccamVacuous);
        Assert.Equal((null, null, null), (limits.Variants[2].TrainErrors, limits.Variants[2].OccamErrorAtMost, limits.Variants[2].SizeAtLeastBits));

        // So many bits say nothing of so few samples.
        Assert.True(inquiry.WithTraining(inquiry.FromTrials(), errors, 500, 10).Variants[0].IsOccamVacuous);
    }

    static string Letters(StudyLimits limits) => string.Concat(limits.Missing.Select(missing => missing.Letter));

    // The errors of which the limit is the upper one, by search.
    static double ErrorsBehind(double limit, double failure) => Enumerable.Range(0, Samples).MinBy(errors => Math.Abs(ClopperPearson.Upper(new ErrorCount(errors, Samples), failure) - limit));
}
