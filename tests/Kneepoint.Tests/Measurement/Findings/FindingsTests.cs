using Kneepoint.Measurement;
using Kneepoint.Measurement.Findings;
using Kneepoint.Measurement.Latency;
using Kneepoint.Measurement.Metrics;

namespace Kneepoint.Tests.Measurement.Findings;

/// <summary>Each finding appears exactly where it should: one step to either side of its limit.</summary>
public sealed class FindingsTests
{
    static readonly IMetric TopOne = new TopK(1, "y");
    static readonly IMetric Loss = new NegativeLogLikelihood("y");

    static Interval Around(double value, double half) => new(value, value - half, value + half);

    static VariantLatency Latency(double ratio, LatencyVerdict verdict) => new(new Interval(3 * ratio, 3 * ratio, 3 * ratio), Around(ratio, 0.02), verdict);

    static MemoryFigures Memory(long fileBytes, long weightBytes) => new(fileBytes, null, weightBytes, 1000, null);

    [Theory]
    [InlineData(100, 0.010, false)]
    [InlineData(99, 0.010, true)]
    [InlineData(99, 0, true)]
    [InlineData(100, 0.0101, true)]
    [InlineData(100_000, 0.0101, true)]
    [InlineData(100_000, double.NaN, false)]
    public void Too_few_samples_are_below_100_or_cannot_show_a_change_of_one_point(int samples, double half, bool isFound)
    {
        var finding = TooFewSamples.Of(TopOne, samples, Around(0.9, 0.01), new Interval(0, -half, half));

        Assert.Equal(isFound, finding is not null);
        if (finding is not null) Assert.Equal((TooFewSamples.Code, FindingSeverity.Warning), (finding.Code, finding.Severity));
    }

    [Fact]
    public void For_metrics_that_are_no_fraction_the_limit_is_one_percent_of_the_figure()
    {
        Assert.Null(TooFewSamples.Of(Loss, 1000, Around(2, 0.1), Around(0, 0.0199)));
        Assert.NotNull(TooFewSamples.Of(Loss, 1000, Around(2, 0.1), Around(0, 0.0201)));
    }

    [Fact]
    public void Too_few_samples_say_what_they_could_have_seen() => Assert.Equal(
        "With 50 evaluation samples a change of top1 below about 0.062 cannot be told from none. Four times the samples halve that.",
        TooFewSamples.Of(TopOne, 50, Around(0.9, 0.08), Around(-0.02, 0.062))!.Message);

    [Fact]
    public void Few_samples_without_any_difference_give_no_limit() => Assert.Equal(
        "With 32 evaluation samples no interval is to be relied on. 100 are the fewest.",
        TooFewSamples.Of(new OutputSqnr(), 32, Around(144, 0), Around(0, 0))!.Message);

    [Fact]
    public void The_smallest_detectable_change_falls_with_the_root_of_the_samples()
    {
        Assert.Equal(1.96 * Math.Sqrt(0.05 / 1000), TooFewSamples.SmallestDetectableChange(1000, 0.05), 1e-5);
        Assert.Equal(TooFewSamples.SmallestDetectableChange(1000, 0.05) / 2, TooFewSamples.SmallestDetectableChange(4000, 0.05), 1e-12);
        Assert.Throws<ArgumentOutOfRangeException>(() => TooFewSamples.SmallestDetectableChange(0, 0.05));
        Assert.Throws<ArgumentOutOfRangeException>(() => TooFewSamples.SmallestDetectableChange(10, 1.1));
    }

    [Theory]
    [InlineData(1.05, 0.10, false)]
    [InlineData(1.051, 0.01, true)]
    [InlineData(1.00, 0.101, true)]
    [InlineData(0.98, 0.02, false)]
    public void The_machine_is_noisy_beyond_5_percent_of_waiting_or_10_percent_of_scatter(double wallOverCpu, double spread, bool isFound)
    {
        var finding = MachineNoisy.Of(wallOverCpu, spread);
        Assert.Equal(isFound, finding is not null);
        Assert.Equal(isFound ? FindingSeverity.Note : null, finding?.Severity);
    }

    [Theory]
    [InlineData(0.10, false)]
    [InlineData(0.11, true)]
    public void On_several_threads_scatter_alone_is_a_warning(double spread, bool isFound) =>
        Assert.Equal(isFound ? FindingSeverity.Warning : null, MachineNoisy.OfSpread(spread)?.Severity);

    [Theory]
    [InlineData(LatencyVerdict.Slower, 900, SlowerThanBaseline.Code, FindingSeverity.Note)]
    [InlineData(LatencyVerdict.Slower, 1000, SlowerThanBaseline.Code, FindingSeverity.Note)]
    [InlineData(LatencyVerdict.Slower, 1001, SlowerThanBaseline.AndLargerCode, FindingSeverity.Warning)]
    [InlineData(LatencyVerdict.NotDistinguishable, 1001, null, null)]
    [InlineData(LatencyVerdict.Faster, 1001, null, null)]
    public void Slower_and_larger_is_worse_than_slower(LatencyVerdict verdict, long fileBytes, string? code, FindingSeverity? severity)
    {
        var finding = SlowerThanBaseline.Of(Latency(1.5, verdict), fileBytes, 1000);

        Assert.Equal((code, severity), (finding?.Code, finding?.Severity));
        if (code == SlowerThanBaseline.AndLargerCode)
        {
            Assert.Equal("The variant takes 1.50 times the baseline's time (95 %: 1.48 to 1.52) and its file has 1001 bytes instead of 1000: it is worse in both.", finding!.Message);
        }
    }

    [Fact]
    public void Not_distinguishable_is_said_of_accuracy_and_of_time_each_for_itself()
    {
        Assert.Equal(NotDistinguishable.AccuracyCode, NotDistinguishable.InAccuracy(new PairedChange(Around(0, 0.01), false))?.Code);
        Assert.Null(NotDistinguishable.InAccuracy(new PairedChange(Around(-0.05, 0.01), true)));
        Assert.Equal(NotDistinguishable.LatencyCode, NotDistinguishable.InLatency(Latency(1.01, LatencyVerdict.NotDistinguishable))?.Code);
        Assert.Null(NotDistinguishable.InLatency(Latency(0.5, LatencyVerdict.Faster)));
        Assert.Null(NotDistinguishable.InLatency(Latency(1.5, LatencyVerdict.Slower)));
    }

    [Theory]
    [InlineData(1000, 750, null)]
    [InlineData(1000, 749, FindingSeverity.Note)]
    [InlineData(1001, 1001, FindingSeverity.Warning)]
    public void A_file_is_inflated_if_larger_than_the_baseline_or_a_quarter_graph(long fileBytes, long weightBytes, FindingSeverity? severity) =>
        Assert.Equal(severity, SizeInflated.Of(Memory(fileBytes, weightBytes), 1000)?.Severity);

    [Fact]
    public void Nan_outputs_are_an_error_with_their_count()
    {
        Assert.Null(NonFiniteOutputs.Of(new SampleScores([1, 0], 1)));
        var finding = NonFiniteOutputs.Of(new SampleScores([1, 0], 1) { NonFiniteSamples = 1 });
        Assert.Equal(("nan-outputs", FindingSeverity.Error), (finding?.Code, finding?.Severity));
        Assert.StartsWith("1 of 2 samples", finding!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_variant_gets_all_that_apply_and_no_other()
    {
        var scores = new SampleScores(new float[2000], 1);
        var quiet = VariantFindings.Of(TopOne, scores, Around(0.9, 0.01), new PairedChange(Around(-0.02, 0.005), true), Memory(500, 450), 1000,
            Latency(0.5, LatencyVerdict.Faster));
        var loud = VariantFindings.Of(TopOne, new SampleScores(new float[50], 1) { NonFiniteSamples = 3 }, Around(0.9, 0.1),
            new PairedChange(Around(0, 0.05), false), Memory(2000, 1900), 1000, Latency(1.5, LatencyVerdict.Slower));
        var untimed = VariantFindings.Of(TopOne, scores, Around(0.9, 0.01), new PairedChange(Around(0, 0.005), false), Memory(500, 450), 1000, null);

        Assert.Empty(quiet);
        Assert.Equal(["nan-outputs", "too-few-samples", "accuracy-not-distinguishable", "size-inflated", "slower-and-larger"], loud.Select(finding => finding.Code));
        Assert.Equal(["accuracy-not-distinguishable"], untimed.Select(finding => finding.Code));
    }

    [Fact]
    public void Messages_do_not_follow_the_culture()
    {
        string Messages() => string.Join('\n', VariantFindings.Of(TopOne, new SampleScores(new float[50], 1), Around(0.9, 0.1),
            new PairedChange(Around(-0.0625, 0.05), false), Memory(2000, 1900), 1000, Latency(1.5, LatencyVerdict.Slower))
            .Append(MachineNoisy.Of(1.5, 0.25)!).Select(finding => finding.Message));

        Assert.Equal(Messages(), Approved.UnderCommaCulture(Messages));
    }
}
