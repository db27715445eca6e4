using Kneepoint.Reports;

namespace Kneepoint.Tests.Reports;

public sealed class FrontierTextTests
{
    [Fact]
    public void Text_is_as_approved_under_any_culture() =>
        Approved.Matches(Approved.UnderCommaCulture(() => FrontierText.Of(SyntheticStudy.Of(24))), "Reports", "FrontierTextTests.Text");

    [Fact]
    public void Without_latency_and_knee_the_sentence_still_holds()
    {
        var document = SyntheticStudy.Of(6);
        document = document with
        {
            Objectives = [new("accuracy", Direction.Maximize), new("packedBytes", Direction.Minimize), new("bitOps", Direction.Minimize)],
            Variants = [.. document.Variants.Select(v => v with { Compute = v.Compute with { LatencyMilliseconds = null, LatencyRatio = null } })],
        };

        Assert.Equal("6 variants measured; the frontier has 6; it has no knee.", FrontierSummary.Of(document with { Knee = null }));
        Assert.Equal("3.84× smaller, 16.0× fewer bit operations, top-1 accuracy −1.55 points [−2.14, −0.97]",
            FrontierSummary.Against(document, document.Variants[3]));
    }
}
