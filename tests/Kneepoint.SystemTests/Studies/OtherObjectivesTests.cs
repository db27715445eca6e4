using Kneepoint.App;
using Kneepoint.Measurement;
using Kneepoint.Reports;
using Kneepoint.Search;
using Kneepoint.Studies;
using Kneepoint.Tests.Reports;

namespace Kneepoint.SystemTests.Studies;

public sealed class OtherObjectivesTests
{
    static readonly FrontierDocument Head = SyntheticStudy.Of(6) with { Findings = [] };
    static readonly Trial Dropped = new(2, Recipe.Baseline, new TrialOutcome.Dropped("0123456789abcdef", 32, 100, new Interval(-0.1, -0.2, 0), 0.99, []), 1);

    [Fact]
    public void Variants_that_were_dropped_for_other_objectives_are_said_to_be_so_for_good()
    {
        string[] others = ["accuracy", "packedBytes", "latency"];

        var finding = Assert.Single(OtherObjectives.Of(Head.ToJson(), [Dropped], others));

        Assert.Equal((OtherObjectives.Code, FindingSeverity.Warning), (finding.Code, finding.Severity));
        Assert.Contains("1 variants were dropped early when the objectives were accuracy, fileBytes, latency", finding.Message, StringComparison.Ordinal);
        var later = Head with { Findings = [finding], Objectives = [new("accuracy", Direction.Maximize), new("packedBytes", Direction.Minimize), new("latency", Direction.Minimize)] };
        Assert.Equal([finding], OtherObjectives.Of(later.ToJson(), [Dropped], others));
    }

    [Fact]
    public void Nothing_is_said_where_nothing_was_dropped_or_the_objectives_are_the_same_in_any_order()
    {
        Assert.Empty(OtherObjectives.Of(null, [Dropped], ["accuracy", "macs"]));
        Assert.Empty(OtherObjectives.Of(Head.ToJson(), [], ["accuracy", "macs"]));
        Assert.Empty(OtherObjectives.Of(Head.ToJson(), [Dropped], ["latency", "fileBytes", "accuracy"]));
    }
}
